"""The history of a row, and the sheet as it was at a moment, from the change sets alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.changes.reading import read
from inventory.columns import Column, Sheet, columns_of
from inventory.kinds import Value
from inventory.models import ChangeSet, RowChange


@dataclass(frozen=True)
class CellChange:
    column: Column
    old: Value
    new: Value
    change_set: ChangeSet


def history(sheet: Sheet, key: str, limit: int = 200) -> list[CellChange]:
    """The latest cell changes of one row, newest first. Columns no longer known are left out."""
    columns = {column.name: column for column in columns_of(sheet)}
    rows = (
        RowChange.objects.filter(sheet=sheet.name, key=key, change_set__applied_at__isnull=False)
        .select_related("change_set__user")
        .order_by("-change_set__applied_at", "-id")[:limit]
    )
    return [
        CellChange(columns[name], old, new, row.change_set)
        for row in rows
        for name, (old, new) in row.cells.items()
        if name in columns
    ]


def cells_as_of(
    sheet: Sheet, when: datetime, columns: Sequence[Column]
) -> dict[str, dict[str, Value]]:
    """Key → cells of every row that existed then: today's cells with later changes undone."""
    rows: dict[str, dict[str, Value] | None] = {
        key: dict(row.cells) for key, row in read(sheet, columns).items()
    }
    names = {column.name for column in columns}
    later = (
        RowChange.objects.filter(sheet=sheet.name, change_set__applied_at__gt=when)
        .order_by("-change_set__applied_at", "-id")
        .values_list("key", "kind", "cells")
    )
    for key, kind, cells in later:
        if kind == RowChange.Kind.NEW:
            rows[key] = None
            continue
        if kind == RowChange.Kind.REMOVED or rows.get(key) is None:
            rows[key] = sheet.key_values(key) | {c.name: c.kind.empty for c in columns}
        row = rows[key]
        assert row is not None
        row.update({name: old for name, (old, _) in cells.items() if name in names})
    return {key: cells for key, cells in rows.items() if cells is not None}
