"""An import ready to be looked at: its plan, everything wrong with it, and what gets parked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inventory.changes import Edit, Plan, plan, record
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS
from inventory.importing.rows import Read, RowReader
from inventory.importing.table import Table, text_of
from inventory.models import ChangeSet, Origin

if TYPE_CHECKING:
    from inventory.models import User

WHY = "Why it was not imported"


@dataclass(frozen=True)
class Prepared:
    """``plan`` holds the good rows only; ``errors`` are all problems of all rows, by row."""

    table: Table
    read: Read
    plan: Plan
    errors: Sequence[Mapping[str, Any]]

    @property
    def bad_rows(self) -> set[int]:
        return {error["row"] for error in self.errors}

    @property
    def counts(self) -> dict[str, int]:
        """Rows of the file: new, changed, unchanged, error."""
        counted = Counter(row.kind for row in self.plan.of(ACCOUNTS))
        kinds = ("new", "changed", "unchanged")
        return {**{kind: counted[kind] for kind in kinds}, "error": len(self.bad_rows)}

    @property
    def repaired(self) -> list[dict[str, Any]]:
        return self.read.repaired

    @property
    def new_columns(self) -> list[str]:
        """Headers that become custom columns."""
        return [str(row.cells[0].new) for row in self.plan.of(CUSTOM_COLUMNS)]

    def parked(self) -> dict[str, Any]:
        """The rows with errors as they are in the file, each with the reason."""
        why: dict[int, list[str]] = {}
        for error in self.errors:
            place = f"{error['column']}: " if error["column"] else ""
            why.setdefault(error["row"], []).append(f"{place}{error['message']}")
        width = len(self.table.headers)
        rows = [
            [
                number,
                [*map(text_of, cells)][:width] + [""] * (width - len(cells)),
                " ".join(why[number]),
            ]
            for number, cells in self.table.numbered()
            if number in why
        ]
        return {"headers": list(self.table.headers), "rows": rows}

    def record(
        self, *, source: str, user: User | None = None, report: Mapping[str, Any] | None = None
    ) -> ChangeSet:
        """Keep it as a planned change set, for a preview or to be applied."""
        return record(
            self.plan,
            origin=Origin.IMPORT,
            source=source[:300],
            user=user,
            report={
                "counts": self.counts,
                "errors": list(self.errors),
                "repaired": self.repaired,
                "parked": self.parked(),
                "left_out": self.read.left_out,
                "new_columns": self.new_columns,
                "notes": [*({"message": note} for note in self.table.notes), *self.read.notes],
                "file": self.table.description,
                **(report or {}),
            },
        )


def prepare(table: Table, mapping: Mapping[str, str], *, clear_blank: bool = False) -> Prepared:
    """Plan the import of a table; nothing is written."""
    read = RowReader(table, mapping, clear_blank=clear_blank).all_rows()
    planned = plan(
        _without(read.edits, {error["row"] for error in read.errors}), origin=Origin.IMPORT
    )
    errors = [*read.errors, *_cell_errors(planned, read)]
    bad = {error["row"] for error in errors}
    if planned.errors:
        # Planned again without them, so that nothing is made that only a bad row names.
        planned = plan(_without(read.edits, bad), origin=Origin.IMPORT)
    errors.sort(key=lambda error: error["row"] or 0)
    return Prepared(table, read, planned, errors)


def _without(edits: Sequence[Edit], bad: set[int]) -> list[Edit]:
    """The edits of good rows, and of the custom columns that one of them fills."""
    good = [edit for edit in edits if edit.row is None or edit.row not in bad]
    filled = {name for edit in good if edit.sheet is ACCOUNTS for name in edit.values}
    return [edit for edit in good if edit.sheet is not CUSTOM_COLUMNS or edit.key in filled]


def _cell_errors(planned: Plan, read: Read) -> list[dict[str, Any]]:
    """Errors with the header that the file has for the column."""
    found = []
    for row in planned.rows:
        if row.message:
            header = read.headers.get("account_id")
            found.append(_error(row.row, header, row.key.rpartition(":")[2], row.message))
        for cell in row.cells:
            if cell.message:
                name = cell.column.name
                header = read.headers.get(name) if row.sheet is ACCOUNTS else None
                shown = header or _attribute_header(name, read) or cell.column.label
                found.append(_error(row.row, shown, str(cell.new), cell.message))
    return found


def _attribute_header(name: str, read: Read) -> str:
    """The header of a person's attribute, such as the one mapped to owner.phone."""
    return next((h for target, h in read.headers.items() if target.endswith(f".{name}")), "")


def _error(row: int | None, column: str | None, value: str, message: str) -> dict[str, Any]:
    return {"row": row, "column": column, "value": value[:200], "message": message}
