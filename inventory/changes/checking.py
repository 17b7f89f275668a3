"""The check, under lock, that a sheet still holds what a change set was planned against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inventory.changes.errors import Conflicts, conflict
from inventory.changes.reading import Row, known_keys, read
from inventory.columns import MADE_ON_DEMAND, TEAMS, Column, Sheet
from inventory.models import RowChange

Kind = RowChange.Kind


def checked(
    sheet: Sheet, columns: Mapping[str, Column], changes: Sequence[RowChange]
) -> tuple[dict[str, int], set[int]]:
    """Primary keys of the rows there, by key, and the primary keys of changes that are moot.

    Moot is the making of a row that cells name, when somebody made the same row meanwhile.
    Raises Conflicts with every cell that holds something else by now.
    """
    names = {name for change in changes for name in change.cells}
    used = [column for name, column in columns.items() if name in names]
    current = read(sheet, used, {change.key for change in changes}, lock=True)
    conflicts: list[dict[str, str]] = []
    moot: set[int] = set()
    for change in changes:
        row = current.get(change.key)
        if gone := change.cells.keys() - columns.keys():
            message = "is a column that does not exist any more"
            conflicts += [conflict(sheet.name, change.key, name, message) for name in sorted(gone)]
        elif change.kind == Kind.NEW and row is None:
            continue
        elif change.kind == Kind.NEW and sheet.name in MADE_ON_DEMAND and _made_alike(change, row):
            moot.add(change.pk)
        elif change.kind == Kind.NEW:
            conflicts.append(conflict(sheet.name, change.key, "", "was created in the meantime"))
        elif row is None:
            conflicts.append(conflict(sheet.name, change.key, "", "does not exist any more"))
        else:
            conflicts += _changed_cells(sheet, columns, change, row)
    if sheet is TEAMS:
        conflicts += _same_but_for_case(changes, current)
    if conflicts:
        raise Conflicts(conflicts)
    return {key: row.pk for key, row in current.items()}, moot


def _made_alike(change: RowChange, row: Row | None) -> bool:
    if row is None:
        return False
    return all(row.cells[name] == new for name, (_, new) in change.cells.items())


def _changed_cells(
    sheet: Sheet, columns: Mapping[str, Column], change: RowChange, row: Row
) -> list[dict[str, str]]:
    found = []
    for name, (old, _) in change.cells.items():
        if row.cells[name] != old and name not in sheet.key:
            shown = columns[name].kind.text(row.cells[name]) or "empty"
            found.append(conflict(sheet.name, change.key, columns[name].label, f"is now “{shown}”"))
    return found


def _same_but_for_case(
    changes: Sequence[RowChange], current: Mapping[str, Row]
) -> list[dict[str, str]]:
    new = {c.key for c in changes if c.kind == Kind.NEW and c.key not in current}
    return [
        conflict(TEAMS.name, spelled, "", "was created in the meantime")
        for spelled in (known_keys(TEAMS.name, new) if new else {}).values()
    ]
