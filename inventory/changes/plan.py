"""Plans: what a set of edits would change, cell by cell, before anything is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, SHEETS, Column, Sheet, custom_column
from inventory.kinds import Value
from inventory.models import Origin


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
    # Here, since the comparison is written in terms of the values above.
    from inventory.changes.comparison import Comparison

    by_sheet: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        by_sheet[edit.sheet.name].append(edit)
    coming_columns = [
        custom_column(edit.key, str(edit.values.get("label", edit.key)))
        for edit in by_sheet[CUSTOM_COLUMNS.name]
    ]
    rows: list[PlannedRow] = []
    # Accounts are planned first: they say which teams and people are missing. They stay last.
    for name in reversed(SHEETS):
        if by_sheet[name]:
            coming = {other: [edit.key for edit in by_sheet[other]] for other in list(by_sheet)}
            compared = Comparison(SHEETS[name], by_sheet[name], origin, coming, coming_columns)
            rows[:0] = compared.rows()
            for lookup, keys in compared.missing.items():
                by_sheet[lookup] += [Edit(SHEETS[lookup], key, {}) for key in sorted(keys)]
    return Plan(tuple(rows))
