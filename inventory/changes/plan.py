"""Plans: what a set of edits would change, cell by cell, before anything is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from inventory.changes.reading import Row, known_keys, read
from inventory.columns import (
    ACCOUNTS,
    MADE_ON_DEMAND,
    SHEETS,
    Column,
    ContactOf,
    Field,
    Members,
    Sheet,
    columns_of,
)
from inventory.kinds import CellError, Timestamp, Value
from inventory.models import Origin


class Refused(Exception):
    """The edits cannot be written as they are; ``errors`` has row, column, value and message."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(error["message"]) for error in errors[:5]))
        self.errors = list(errors)


@dataclass(frozen=True)
class Edit:
    """New values for some cells of one row; other cells stay.

    Values may be text as typed. ``expected`` holds the values the editor saw: where the row has
    others by now, the cell is a conflict. ``row`` is the row number in a file.
    """

    sheet: Sheet
    key: str
    values: Mapping[str, object]
    row: int | None = None
    expected: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedCell:
    """A cell that changes, or cannot: then ``message`` says why and what to do."""

    column: Column
    old: Value
    new: object
    message: str = ""


@dataclass(frozen=True)
class PlannedRow:
    sheet: Sheet
    key: str
    kind: str  # new, changed, unchanged or error
    row: int | None
    cells: tuple[PlannedCell, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Plan:
    rows: tuple[PlannedRow, ...]

    def of(self, sheet: Sheet) -> Iterator[PlannedRow]:
        return (row for row in self.rows if row.sheet is sheet)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by kind of the sheet the edits were for (the last one in writing order)."""
        main = self.rows[-1].sheet if self.rows else ACCOUNTS
        counted = Counter(row.kind for row in self.of(main))
        return {kind: counted[kind] for kind in ("new", "changed", "unchanged", "error")}

    @property
    def errors(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for row in self.rows:
            if row.message:
                found.append(
                    {"row": row.row, "column": None, "value": row.key, "message": row.message}
                )
            found += [
                {
                    "row": row.row,
                    "column": cell.column.label,
                    "value": str(cell.new),
                    "message": cell.message,
                }
                for cell in row.cells
                if cell.message
            ]
        return found

    @property
    def is_empty(self) -> bool:
        return not any(row.kind in ("new", "changed") for row in self.rows)


def plan(edits: Iterable[Edit], *, origin: Origin) -> Plan:
    """Compare edits with the sheet. Two to four queries per sheet touched."""
    by_sheet: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        by_sheet[edit.sheet.name].append(edit)
    rows: list[PlannedRow] = []
    # Accounts are planned first: they say which teams and people are missing. They stay last.
    for name in reversed(SHEETS):
        if name in by_sheet:
            sheet_plan = _SheetPlan(SHEETS[name], by_sheet[name], origin)
            rows[:0] = sheet_plan.rows()
            for lookup, keys in sheet_plan.missing.items():
                named = {edit.key for edit in by_sheet[lookup]}
                by_sheet[lookup] += [
                    Edit(SHEETS[lookup], key, {}) for key in sorted(keys - named)
                ]
    return Plan(tuple(rows))


class _SheetPlan:
    def __init__(self, sheet: Sheet, edits: Sequence[Edit], origin: Origin) -> None:
        self.sheet = sheet
        self.edits = edits
        self.origin = origin
        self.columns = {column.name: column for column in columns_of(sheet)}
        self.missing: dict[str, set[str]] = defaultdict(set)
        self._cleaned: dict[tuple[str, str], Value | CellError] = {}
        used = {name for edit in edits for name in edit.values} | {"registered_at"}
        self.read_columns = [c for name, c in self.columns.items() if name in used]
        self.current = read(sheet, self.read_columns, {edit.key for edit in edits})
        self.known = self._known_lookups()

    def rows(self) -> list[PlannedRow]:
        seen: dict[str, Edit] = {}
        rows = []
        for edit in self.edits:
            if edit.key in seen:
                first = seen[edit.key].row
                message = f"Repeats {edit.key.removeprefix('aws:')}" + (
                    f", which is in row {first} already; keep one of the two rows." if first
                    else "; keep one of the two edits."
                )
                rows.append(PlannedRow(self.sheet, edit.key, "error", edit.row, message=message))
                continue
            seen[edit.key] = edit
            rows.append(self._row(edit, self.current.get(edit.key)))
        return rows

    def _row(self, edit: Edit, current: Row | None) -> PlannedRow:
        cells = [cell for cell in self._cells(edit, current) if cell is not None]
        if any(cell.message for cell in cells):
            return PlannedRow(self.sheet, edit.key, "error", edit.row, tuple(cells))
        if self.sheet is ACCOUNTS and self.origin != Origin.SYNC:
            registered = current.cells["registered_at"] if current else ""
            if not registered:
                now = Timestamp().clean(datetime.now(UTC))
                cells.append(PlannedCell(self.columns["registered_at"], "", now))
        kind = "new" if current is None else "changed" if cells else "unchanged"
        return PlannedRow(self.sheet, edit.key, kind, edit.row, tuple(cells))

    def _cells(self, edit: Edit, current: Row | None) -> Iterator[PlannedCell | None]:
        for name, raw in edit.values.items():
            if name in self.sheet.key:
                continue
            column = self.columns.get(name)
            if column is None:
                raise KeyError(f"The sheet {self.sheet.name} has no column {name}.")
            old = current.cells[name] if current else column.kind.empty
            yield self._cell(column, old, raw, edit)

    def _cell(self, column: Column, old: Value, raw: object, edit: Edit) -> PlannedCell | None:
        new = self._clean(column, raw)
        if isinstance(new, CellError):
            return PlannedCell(column, old, raw, str(new))
        if column.name in edit.expected:
            seen = column.kind.clean(edit.expected[column.name])
            if seen != old and new != old:
                text = column.kind.text(old) or "empty"
                return PlannedCell(
                    column, old, raw,
                    f"Was changed to “{text}” in the meantime; reload the row and decide again.",
                )
        return None if new == old else PlannedCell(column, old, new)

    def _clean(self, column: Column, raw: object) -> Value | CellError:
        """The canonical value; lookups are spelled as stored, and noted where missing."""
        value = self._cleaned_once(column, raw)
        lookup = lookup_of(column)
        if not lookup or not value or isinstance(value, CellError):
            return value
        names = [value] if isinstance(value, str) else [str(name) for name in value]
        known = self.known[lookup]
        unknown = [name for name in names if name.lower() not in known]
        if unknown and lookup not in MADE_ON_DEMAND:
            label = SHEETS[lookup].label.lower()
            return CellError(f"{unknown[0]} is not among the {label} Cairn knows.")
        for name in unknown:
            known[name.lower()] = name
            self.missing[lookup].add(name)
        spelled = [known[name.lower()] for name in names]
        return spelled[0] if isinstance(value, str) else spelled

    def _cleaned_once(self, column: Column, raw: object) -> Value | CellError:
        """Files repeat the same few texts in most columns: each is cleaned once."""
        if not isinstance(raw, str):
            return _clean(column, raw)
        cached = self._cleaned.get((column.name, raw))
        if cached is None:
            cached = self._cleaned[column.name, raw] = _clean(column, raw)
        return cached

    def _known_lookups(self) -> dict[str, dict[str, str]]:
        """Per lookup, the rows that the edits name and that exist, by lower-case key."""
        named: dict[str, set[str]] = defaultdict(set)
        for column in self.read_columns:
            lookup = lookup_of(column)
            for edit in self.edits if lookup else ():
                value = self._cleaned_once(column, edit.values.get(column.name))
                if not isinstance(value, CellError):
                    named[lookup].update([value] if isinstance(value, str) else map(str, value))
        return {lookup: known_keys(lookup, keys - {""}) for lookup, keys in named.items()}


def _clean(column: Column, raw: object) -> Value | CellError:
    try:
        return column.kind.clean(raw)
    except CellError as error:
        return error


def lookup_of(column: Column) -> str:
    """The sheet a column's value names a row of, or an empty text."""
    if isinstance(column.stored, ContactOf | Members):
        return "person"
    return column.stored.lookup if isinstance(column.stored, Field) else ""
