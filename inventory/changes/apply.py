"""Change sets recorded, applied in one transaction, and undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.dispatch import Signal

from inventory import audit
from inventory.audit import Event
from inventory.changes.bulk import batches, insert
from inventory.changes.checking import checked
from inventory.changes.errors import Conflicts, Refused, conflict, refusal
from inventory.changes.plan import Edit, Plan, plan
from inventory.changes.removal import remove
from inventory.changes.writing import write_sheet
from inventory.columns import SHEETS, columns_of
from inventory.models import ChangeSet, Origin, RowChange, State

if TYPE_CHECKING:
    from inventory.models import User

# Sent inside the transaction with ``change_set`` and ``keys`` (sheet name → keys written).
applied = Signal()

Kind = RowChange.Kind

# Any number that no other advisory lock of the database has.
WRITING_LOCK = 7_266_001


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A transaction that waits until no other one writes the inventory, and records at its end.

    Two appliers that lock the same rows in another order would wait for each other for ever, and
    two that make the same person would fail in the middle. SQLite has one writer anyway.
    """
    with transaction.atomic(), audit.written_last():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING_LOCK])
        yield


def record(
    planned: Plan,
    *,
    origin: Origin,
    source: str = "",
    message: str = "",
    user: User | None = None,
    report: Mapping[str, Any] | None = None,
    state: State = State.PLANNED,
) -> ChangeSet:
    """Keep a plan's good rows as a change set that can be looked at, and applied later."""
    with transaction.atomic():
        change_set = _kept(planned, origin, source, message, user, report, state)
        event = Event.CHANGE_PLANNED if state == State.PLANNED else Event.CHANGE_PROPOSED
        audit.record(event, change_set, **_told(change_set))
    return change_set


def _kept(
    planned: Plan,
    origin: Origin,
    source: str,
    message: str,
    user: User | None,
    report: Mapping[str, Any] | None = None,
    state: State = State.PLANNED,
) -> ChangeSet:
    change_set = ChangeSet.objects.create(
        origin=origin,
        source=source,
        message=message,
        state=state,
        user=user,
        report={"counts": planned.counts, "errors": planned.errors, **(report or {})},
    )
    names = ("change_set", "sheet", "key", "kind", "row", "cells")
    insert(
        RowChange,
        names,
        (
            (
                change_set.pk,
                row.sheet.name,
                row.key,
                row.kind,
                row.row,
                {cell.column.name: [cell.old, cell.new] for cell in row.cells},
            )
            for row in planned.rows
            if row.kind in ("new", "changed")
        ),
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
    with _one_at_a_time():
        planned = plan(edits, origin=origin)
        if planned.errors:
            raise Refused(planned.errors)
        if planned.is_empty:
            return None
        change_set = _kept(planned, origin, source, message, user)
        return apply(change_set)


def discard(change_set: ChangeSet) -> None:
    """Give up a planned change set; it stays in the list, as discarded."""
    with transaction.atomic():
        planned = ChangeSet.objects.filter(pk=change_set.pk, state=State.PLANNED)
        if planned.update(state=State.DISCARDED):
            audit.record(Event.CHANGE_DISCARDED, change_set, **_told(change_set))


def apply(change_set: ChangeSet, *, decided_by: User | None = None) -> ChangeSet:
    """Write a planned change set, or one that was proposed and somebody decides. Raises Conflicts,
    and then nothing is written.

    Applying one that is applied already changes nothing, so the request can be sent twice.
    """
    expected = State.PROPOSED if decided_by else State.PLANNED
    with _one_at_a_time():
        locked = ChangeSet.objects.get(pk=change_set.pk)
        if locked.state == State.APPLIED:
            return locked
        if locked.state != expected:
            raise refusal(f"This change set is {locked.get_state_display().lower()}.")
        keys = _write_rows(locked)
        locked.state = State.APPLIED
        locked.applied_at = datetime.now(UTC)
        if decided_by:
            locked.decided_by, locked.decided_at = decided_by, locked.applied_at
        locked.save(update_fields=["state", "applied_at", "decided_by", "decided_at"])
        applied.send(ChangeSet, change_set=locked, keys=keys)
        event = Event.CHANGE_UNDONE if locked.undoes_id else Event.CHANGE_APPLIED
        named = (f"{sheet}:{key}" for sheet, some in keys.items() for key in some)
        audit.record(event, locked, **_told(locked), **audit.name_rows(named))
    return locked


def _told(change_set: ChangeSet) -> dict[str, str]:
    """What the audit log says of a change set besides its rows; their cells are in it."""
    said = {
        "from": change_set.get_origin_display(),
        "source": change_set.source,
        "why": change_set.message,
    }
    return {name: text for name, text in said.items() if text}


def undo(change_set: ChangeSet, *, user: User | None = None) -> ChangeSet:
    """Give every cell its old value again, as a change set of its own; undoing that one redoes.

    Raises Conflicts where a cell was changed since, and Refused where there is nothing to undo.
    """
    with _one_at_a_time():
        locked = ChangeSet.objects.select_related("undoes").get(pk=change_set.pk)
        if locked.undoes is not None and locked.undoes.undoes is not None:
            # This one redid another, which is the one that stands and can be undone.
            return undo(locked.undoes.undoes, user=user)
        if locked.state != State.APPLIED:
            raise refusal("Only an applied change set can be undone.")
        reverse = ChangeSet.objects.create(
            origin=Origin.UNDO,
            source=f"Change set {locked.pk}",
            user=user,
            undoes=locked,
            report={"counts": {}, "errors": []},
        )
        later = _touched_after(locked)
        names = ("change_set", "sheet", "key", "kind", "row", "cells")
        changes = locked.rows.order_by("-id")
        insert(RowChange, names, (_reversed(change, reverse, later) for change in changes))
        done = apply(reverse)
        locked.state = State.UNDONE
        locked.save(update_fields=["state"])
        if locked.undoes_id:
            ChangeSet.objects.filter(pk=locked.undoes_id).update(state=State.APPLIED)
    return done


def _touched_after(change_set: ChangeSet) -> set[tuple[str, str]]:
    """Rows that later change sets wrote to as well: they stay when their making is undone.

    An undo cancels what it undoes, which is not in state applied; a redo brings it back to that.
    """
    rows = (
        RowChange.objects.filter(
            change_set__applied_at__gte=change_set.applied_at, change_set__state=State.APPLIED
        )
        .exclude(change_set=change_set)
        .exclude(change_set__origin=Origin.UNDO)
    )
    return set(rows.values_list("sheet", "key"))


def _reversed(
    change: RowChange, into: ChangeSet, later: set[tuple[str, str]]
) -> tuple[int, str, str, str, int | None, dict[str, Any]]:
    kinds = {Kind.NEW: Kind.REMOVED, Kind.REMOVED: Kind.NEW}
    kind = kinds.get(Kind(change.kind), Kind.CHANGED)
    if kind == Kind.REMOVED and (change.sheet, change.key) in later:
        kind = Kind.CHANGED
    cells = {name: [new, old] for name, (old, new) in change.cells.items()}
    return into.pk, change.sheet, change.key, kind, change.row, cells


def _write_rows(change_set: ChangeSet) -> dict[str, list[str]]:
    """Sheet by sheet, what is pointed to first; rows are removed last, in the opposite order.

    Returns the keys written, by sheet.
    """
    by_sheet: dict[str, list[RowChange]] = defaultdict(list)
    for change in change_set.rows.all():
        by_sheet[change.sheet].append(change)
    pks: dict[str, Mapping[str, int]] = {}
    try:
        for name, sheet in SHEETS.items():
            if name in by_sheet:
                columns = {column.name: column for column in columns_of(sheet)}
                pks[name], moot = checked(sheet, columns, by_sheet[name])
                by_sheet[name] = [c for c in by_sheet[name] if c.pk not in moot]
                _drop(moot)
                write_sheet(sheet, columns, by_sheet[name], pks[name])
        for name in reversed(SHEETS):
            _remove(name, by_sheet.get(name, ()), pks.get(name, {}))
    except IntegrityError as error:
        message = "was written by someone else at the same moment; do it again"
        raise Conflicts([conflict("", "A row", "", message)]) from error
    return {name: [change.key for change in rows] for name, rows in by_sheet.items()}


def _drop(moot: Iterable[int]) -> None:
    """A change that turned out to be none must not be undone either."""
    for batch in batches(moot):
        RowChange.objects.filter(pk__in=batch).delete()


def _remove(name: str, changes: Sequence[RowChange], pks: Mapping[str, int]) -> None:
    """Rows that others point to by now stay, and only lose the cells that are undone."""
    gone = [change for change in changes if change.kind == Kind.REMOVED]
    if not gone:
        return
    sheet = SHEETS[name]
    stayed = remove(sheet, [pks[change.key] for change in gone])
    kept = [change for change in gone if pks[change.key] in stayed]
    for change in kept:
        change.kind = Kind.CHANGED
    for batch in batches(change.pk for change in kept):
        RowChange.objects.filter(pk__in=batch).update(kind=Kind.CHANGED)
    write_sheet(sheet, {column.name: column for column in columns_of(sheet)}, kept, pks)
