"""Change sets recorded, applied in one transaction, and undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.dispatch import Signal

from inventory.changes.plan import Edit, Plan, Refused, plan
from inventory.changes.reading import read
from inventory.changes.writing import BATCH, write_sheet
from inventory.columns import SHEETS, Column, Sheet, columns_of
from inventory.models import ChangeSet, Origin, RowChange, State

if TYPE_CHECKING:
    from inventory.models import User

# Sent inside the transaction with ``change_set`` and ``keys`` (sheet name → keys written).
applied = Signal()


class Conflicts(Exception):
    """Cells no longer hold what the change set was planned against; nothing was written.

    ``cells`` has sheet, key, column, expected and found.
    """

    def __init__(self, cells: Sequence[Mapping[str, Any]]) -> None:
        shown = "; ".join(f"{c['key']} {c['column']}: {c['message']}" for c in cells[:5])
        super().__init__(f"{len(cells)} cells were changed in the meantime. {shown}")
        self.cells = list(cells)


def record(
    planned: Plan,
    *,
    origin: Origin,
    source: str = "",
    message: str = "",
    user: User | None = None,
    report: Mapping[str, Any] | None = None,
) -> ChangeSet:
    """Keep a plan's good rows as a change set that can be looked at, and applied later."""
    with transaction.atomic():
        change_set = ChangeSet.objects.create(
            origin=origin,
            source=source,
            message=message,
            user=user,
            report={"counts": planned.counts, "errors": planned.errors, **(report or {})},
        )
        RowChange.objects.bulk_create(
            [
                RowChange(
                    change_set=change_set,
                    sheet=row.sheet.name,
                    key=row.key,
                    kind=row.kind,
                    row=row.row,
                    cells={cell.column.name: [cell.old, cell.new] for cell in row.cells},
                )
                for row in planned.rows
                if row.kind in ("new", "changed")
            ],
            batch_size=BATCH,
        )
    return change_set


def write(
    edits: Iterable[Edit],
    *,
    origin: Origin,
    source: str = "",
    message: str = "",
    user: User | None = None,
) -> ChangeSet | None:
    """Plan, record and apply at once; None when nothing changes. Raises Refused, Conflicts."""
    with transaction.atomic():
        planned = plan(edits, origin=origin)
        if planned.errors:
            raise Refused(planned.errors)
        if planned.is_empty:
            return None
        change_set = record(planned, origin=origin, source=source, message=message, user=user)
        return apply(change_set)


def discard(change_set: ChangeSet) -> None:
    """Give up a planned change set; it stays in the list, as discarded."""
    ChangeSet.objects.filter(pk=change_set.pk, state=State.PLANNED).update(state=State.DISCARDED)


def apply(change_set: ChangeSet) -> ChangeSet:
    """Write a planned change set. Raises Conflicts, and then nothing is written.

    Applying one that is applied already changes nothing, so the request can be sent twice.
    """
    with transaction.atomic():
        locked = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if locked.state == State.APPLIED:
            return locked
        if locked.state != State.PLANNED:
            raise Refused([_error(f"This change set is {locked.get_state_display().lower()}.")])
        by_sheet: dict[str, list[RowChange]] = defaultdict(list)
        for change in locked.rows.all():
            by_sheet[change.sheet].append(change)
        _write_rows(by_sheet)
        locked.state = State.APPLIED
        locked.applied_at = datetime.now(UTC)
        locked.save(update_fields=["state", "applied_at"])
        keys = {name: [change.key for change in rows] for name, rows in by_sheet.items()}
        applied.send(ChangeSet, change_set=locked, keys=keys)
    return locked


def undo(change_set: ChangeSet, *, user: User | None = None) -> ChangeSet:
    """Give every cell its old value again, as a change set of its own; undoing that one redoes.

    Raises Conflicts where a cell was changed since, and Refused where there is nothing to undo.
    """
    with transaction.atomic():
        locked = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if locked.state != State.APPLIED:
            raise Refused([_error("Only an applied change set can be undone.")])
        reverse = ChangeSet.objects.create(
            origin=Origin.UNDO, source=f"Change set {locked.pk}", user=user, undoes=locked,
            report={"counts": {}, "errors": []},
        )
        later = _touched_after(locked)
        RowChange.objects.bulk_create(
            [_reversed(change, reverse, later) for change in locked.rows.order_by("-id")],
            batch_size=BATCH,
        )
        done = apply(reverse)
        locked.state = State.UNDONE
        locked.save(update_fields=["state"])
        if locked.undoes_id:
            ChangeSet.objects.filter(pk=locked.undoes_id).update(state=State.APPLIED)
    return done


def _error(message: str) -> dict[str, Any]:
    return {"row": None, "column": None, "value": "", "message": message}


def _touched_after(change_set: ChangeSet) -> set[tuple[str, str]]:
    """Rows that later change sets wrote to as well: they stay when their making is undone.

    An undo cancels what it undoes, which is not in state applied; a redo brings it back to that.
    """
    rows = RowChange.objects.filter(
        change_set__applied_at__gt=change_set.applied_at, change_set__state=State.APPLIED
    ).exclude(change_set__origin=Origin.UNDO)
    return set(rows.values_list("sheet", "key"))


def _reversed(change: RowChange, into: ChangeSet, later: set[tuple[str, str]]) -> RowChange:
    kinds = {RowChange.Kind.NEW: RowChange.Kind.REMOVED, RowChange.Kind.REMOVED: RowChange.Kind.NEW}
    kind = kinds.get(RowChange.Kind(change.kind), RowChange.Kind.CHANGED)
    if kind == RowChange.Kind.REMOVED and (change.sheet, change.key) in later:
        kind = RowChange.Kind.CHANGED
    cells = {name: [new, old] for name, (old, new) in change.cells.items()}
    return RowChange(
        change_set=into, sheet=change.sheet, key=change.key, kind=kind, row=change.row, cells=cells
    )


def _write_rows(by_sheet: Mapping[str, Sequence[RowChange]]) -> None:
    """Sheet by sheet, what is pointed to first; rows are removed last, in the opposite order."""
    for name, sheet in SHEETS.items():
        if name in by_sheet:
            columns = {column.name: column for column in columns_of(sheet)}
            pks = _checked(sheet, columns, by_sheet[name])
            write_sheet(sheet, columns, by_sheet[name], pks)
    for name in reversed(SHEETS):
        gone = [c.key for c in by_sheet.get(name, ()) if c.kind == RowChange.Kind.REMOVED]
        if gone:
            _remove(SHEETS[name], gone)


def _checked(
    sheet: Sheet, columns: Mapping[str, Column], changes: Sequence[RowChange]
) -> dict[str, int]:
    """Primary keys by key, after making sure that the old values still stand."""
    names = {name for change in changes for name in change.cells}
    used = [column for name, column in columns.items() if name in names]
    current = read(sheet, used, {change.key for change in changes}, lock=True)
    conflicts = []
    for change in changes:
        row = current.get(change.key)
        if change.kind == RowChange.Kind.NEW:
            if row is not None:
                conflicts.append(_conflict(change, "", "was created in the meantime"))
            continue
        if row is None:
            conflicts.append(_conflict(change, "", "does not exist any more"))
            continue
        for name, (old, _) in change.cells.items():
            if row.cells[name] != old and name not in sheet.key:
                shown = columns[name].kind.text(row.cells[name]) or "empty"
                conflicts.append(_conflict(change, columns[name].label, f"now “{shown}”"))
    if conflicts:
        raise Conflicts(conflicts)
    return {key: row.pk for key, row in current.items()}


def _conflict(change: RowChange, column: str, message: str) -> dict[str, Any]:
    return {"sheet": change.sheet, "key": change.key, "column": column, "message": message}


def _remove(sheet: Sheet, keys: Sequence[str]) -> None:
    """Delete rows whose making is undone; one that others point to by now stays."""
    found = read(sheet, [], keys)
    rows = sheet.model._default_manager.filter(pk__in=[row.pk for row in found.values()])
    if sheet.name != "account":
        rows = rows.filter(pk__in=[row.pk for row in rows if not _is_pointed_to(row)])
    rows.delete()


def _is_pointed_to(row: models.Model) -> bool:
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: row}).exists()
        for relation in row._meta.related_objects
    )
