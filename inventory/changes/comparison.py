"""One sheet's edits compared with its rows: the part of a plan that decides each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from inventory.changes.plan import Edit, PlannedCell, PlannedRow
from inventory.changes.reading import Row, known_keys, read
from inventory.columns import ACCOUNTS, MADE_ON_DEMAND, SHEETS, TEAMS, Column, Sheet, columns_of
from inventory.kinds import CellError, Timestamp, Value
from inventory.models import Origin


class Comparison:
    """``coming`` are the keys that the same plan has edits for, by sheet: they count as known.

    After ``rows()``, ``missing`` has the rows to make because good rows name them, by sheet.
    """

    def __init__(
        self,
        sheet: Sheet,
        edits: Sequence[Edit],
        origin: Origin,
        coming: Mapping[str, Sequence[str]],
        coming_columns: Sequence[Column],
    ) -> None:
        self.sheet = sheet
        self.origin = origin
        self.missing: dict[str, set[str]] = defaultdict(set)
        self._cleaned: dict[tuple[str, str], Value | CellError] = {}
        self.columns = {column.name: column for column in columns_of(sheet)}
        used = {name for edit in edits for name in edit.values} | {"registered_at"}
        self._read = [column for name, column in self.columns.items() if name in used]
        if sheet is ACCOUNTS:
            self.columns = {c.name: c for c in coming_columns} | self.columns
        self.edits = [self._with_clean_key(edit) for edit in edits]
        if sheet is TEAMS:
            self._spell_teams_as_stored()
        colons = len(sheet.key) - 1
        keys = {edit.key for edit in self.edits if edit.key.count(":") >= colons}
        self.current = read(sheet, self._read, keys)
        self.known = self._known_lookups(coming)

    def rows(self) -> list[PlannedRow]:
        seen: dict[str, Edit] = {}
        rows = []
        for edit in self.edits:
            if edit.key in seen:
                rows.append(self._repeated(edit, seen[edit.key]))
            else:
                seen[edit.key] = edit
                rows.append(self._row(edit, self.current.get(edit.key)))
        return rows

    def _repeated(self, edit: Edit, first: Edit) -> PlannedRow:
        message = f"Repeats {edit.key.removeprefix('aws:')}" + (
            f", which is in row {first.row} already; keep one of the two rows."
            if first.row
            else "; keep one of the two edits."
        )
        return PlannedRow(self.sheet, edit.key, "error", edit.row, message=message)

    def _row(self, edit: Edit, current: Row | None) -> PlannedRow:
        if message := self._wrong_key(edit.key) if current is None else "":
            return PlannedRow(self.sheet, edit.key, "error", edit.row, message=message)
        cells = [cell for cell in self._cells(edit, current) if cell is not None]
        if any(cell.message for cell in cells):
            return PlannedRow(self.sheet, edit.key, "error", edit.row, tuple(cells))
        for cell in cells:
            self._note_missing(cell)
        if self._enters(edit, current):
            now = Timestamp().clean(datetime.now(UTC))
            cells.append(PlannedCell(self.columns["registered_at"], "", now))
        kind = "new" if current is None else "changed" if cells else "unchanged"
        return PlannedRow(self.sheet, edit.key, kind, edit.row, tuple(cells))

    def _enters(self, edit: Edit, current: Row | None) -> bool:
        """Whether a person enters the account into the sheet. A row that names one AWS showed, and
        says nothing of it, does not: an untouched export holds such rows."""
        if self.sheet is not ACCOUNTS or self.origin == Origin.SYNC:
            return False
        if current is None:
            return True
        return not current.cells["registered_at"] and any(edit.values.values())

    def _with_clean_key(self, edit: Edit) -> Edit:
        """Keys in canonical spelling, so that JO@x.com is the person jo@x.com."""
        try:
            parts = self.sheet.key_values(edit.key)
        except ValueError:
            return edit
        cleaned = {
            name: self._cleaned_once(self.columns[name], part) for name, part in parts.items()
        }
        if any(isinstance(value, CellError) for value in cleaned.values()):
            return edit
        key = self.sheet.key_of(cleaned)
        return edit if key == edit.key else replace(edit, key=key)

    def _wrong_key(self, key: str) -> str:
        """Why there can be no row of this key, or an empty text."""
        try:
            parts = self.sheet.key_values(key)
        except ValueError:
            return f"Names no row: write {', '.join(self.sheet.key)} with colons between them."
        for name, part in parts.items():
            value = self._cleaned_once(self.columns[name], part)
            if isinstance(value, CellError):
                return f"{self.columns[name].label}: {value}"
            # A setting of the whole installation has no target.
            if not value and name != "target":
                return f"{self.columns[name].label}: is empty."
        return ""

    def _spell_teams_as_stored(self) -> None:
        known = known_keys(TEAMS.name, {edit.key for edit in self.edits})
        spelled: dict[str, str] = {}
        for edit in self.edits:
            spelled.setdefault(edit.key.lower(), known.get(edit.key.lower(), edit.key))
        self.edits = [replace(edit, key=spelled[edit.key.lower()]) for edit in self.edits]

    def _cells(self, edit: Edit, current: Row | None) -> Iterator[PlannedCell | None]:
        for name, raw in edit.values.items():
            if name in self.sheet.key:
                continue
            column = self.columns.get(name)
            if column is None:
                raise KeyError(f"The sheet {self.sheet.name} has no column {name}.")
            held = current.cells if current else {}
            yield self._cell(column, held.get(name, column.kind.empty), raw, edit)

    def _cell(self, column: Column, old: Value, raw: object, edit: Edit) -> PlannedCell | None:
        new = self._clean(column, raw)
        if isinstance(new, CellError):
            return PlannedCell(column, old, raw, str(new))
        if column.name in edit.expected:
            seen = _clean(column, edit.expected[column.name])
            if seen != old and new != old:
                text = column.kind.text(old) or "empty"
                return PlannedCell(
                    column,
                    old,
                    raw,
                    f"Was changed to “{text}” in the meantime; reload the row and decide again.",
                )
        return None if new == old else PlannedCell(column, old, new)

    def _clean(self, column: Column, raw: object) -> Value | CellError:
        """The canonical value; names of other rows are spelled as stored."""
        value = self._cleaned_once(column, raw)
        lookup = column.lookup
        if not lookup or not value or isinstance(value, CellError):
            return value
        names = [value] if isinstance(value, str) else [str(name) for name in value]
        known = self.known[lookup]
        for name in names:
            if name.lower() in known:
                continue
            if lookup not in MADE_ON_DEMAND:
                label = SHEETS[lookup].label.lower()
                return CellError(f"{name} is not among the {label} Cairn knows.")
            known[name.lower()] = name
        spelled = [known[name.lower()] for name in names]
        return spelled[0] if isinstance(value, str) else spelled

    def _note_missing(self, cell: PlannedCell) -> None:
        """Rows that a good cell names are made; what only a refused row names is not."""
        lookup = cell.column.lookup
        if lookup and cell.new:
            names = [cell.new] if isinstance(cell.new, str) else cell.new
            assert isinstance(names, list)
            self.missing[lookup] |= set(names) - self._there[lookup]

    def _cleaned_once(self, column: Column, raw: object) -> Value | CellError:
        """Files repeat the same few texts in most columns: each is cleaned once."""
        if not isinstance(raw, str):
            return _clean(column, raw)
        cached = self._cleaned.get((column.name, raw))
        if cached is None:
            cached = self._cleaned[column.name, raw] = _clean(column, raw)
        return cached

    def _known_lookups(self, coming: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
        """Per lookup, the rows that edits name and that exist or are coming, by lower-case key."""
        named: dict[str, set[str]] = defaultdict(set)
        for column in self.columns.values():
            if not column.lookup:
                continue
            for edit in self.edits:
                if column.name in edit.values:
                    value = self._cleaned_once(column, edit.values[column.name])
                    if not isinstance(value, CellError):
                        names = [value] if isinstance(value, str) else map(str, value)
                        named[column.lookup].update(names)
        known = {}
        for lookup, keys in named.items():
            known[lookup] = known_keys(lookup, keys - {""})
            for key in coming.get(lookup, ()):
                known[lookup].setdefault(key.lower(), key)
        self._there = {lookup: frozenset(keys.values()) for lookup, keys in known.items()}
        return known


def _clean(column: Column, raw: object) -> Value | CellError:
    try:
        return column.kind.clean(raw)
    except CellError as error:
        return error
