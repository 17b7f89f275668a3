"""Changes that somebody suggests who may not make them, for those who may.

A proposal is a change set that waits: it shows its cells as before and after, is applied like any
other, and what was declined or withdrawn stays in the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from inventory import audit
from inventory.access import Anyone, may_edit_cell, visible_rows
from inventory.audit import Event
from inventory.change_pages import visible_change_sets
from inventory.changes import Edit, Refused, apply, plan, record
from inventory.columns import SHEETS, columns_of
from inventory.models import ChangeSet, Origin, RowChange, State, User


def propose(edit: Edit, *, source: str, reason: str, user: User) -> ChangeSet | None:
    """None where the cells are so already. Raises Refused."""
    planned = plan([edit], origin=Origin.PROPOSAL)
    if planned.errors:
        raise Refused(planned.errors)
    if planned.is_empty:
        return None
    with transaction.atomic():
        earlier = _of_the_same_cells(edit, user)
        earlier.update(state=State.WITHDRAWN, decided_at=datetime.now(UTC))
        return record(
            planned,
            origin=Origin.PROPOSAL,
            source=source,
            message=reason[:500],
            user=user,
            state=State.PROPOSED,
        )


def _of_the_same_cells(edit: Edit, user: User) -> QuerySet[ChangeSet]:
    """What the user proposes now takes the place of what they proposed before."""
    same = RowChange.objects.filter(
        sheet=edit.sheet.name, key=edit.key, cells__has_any_keys=list(edit.values)
    )
    return ChangeSet.objects.filter(
        state=State.PROPOSED, user=user, pk__in=same.order_by().values("change_set")
    )


def waiting(user: Anyone) -> QuerySet[ChangeSet]:
    """The proposals that the user sees and nobody has decided, the oldest first."""
    return visible_change_sets(user).filter(state=State.PROPOSED).order_by("pk")


def may_decide(user: Anyone, proposal: ChangeSet) -> bool:
    """Whoever could have made every one of its changes, and is not who proposed it."""
    if proposal.state != State.PROPOSED or proposal.user_id == getattr(user, "pk", None):
        return False
    return all(_may_write(user, change) for change in proposal.rows.all())


def to_decide(user: Anyone) -> Iterator[ChangeSet]:
    proposals = waiting(user).exclude(user=getattr(user, "pk", None)).prefetch_related("rows")
    return (proposal for proposal in proposals if may_decide(user, proposal))


def _may_write(user: Anyone, change: RowChange) -> bool:
    sheet = SHEETS[change.sheet]
    columns = {column.name: column for column in columns_of(sheet)}
    if not all(may_edit_cell(user, columns[name]) for name in change.cells if name in columns):
        return False
    if change.kind == RowChange.Kind.NEW:
        return all(may_edit_cell(user, columns[name]) for name in sheet.key if name in columns)
    rows = visible_rows(sheet, user)
    return rows.filter(**sheet.key_values(change.key)).exists()


def accept(proposal: ChangeSet, *, user: User) -> ChangeSet:
    """Raises PermissionDenied; Refused and Conflicts as ``apply``, and then it still waits."""
    _require(user, proposal)
    return apply(proposal, decided_by=user)


def decline(proposal: ChangeSet, *, user: User, remark: str) -> None:
    """Raises PermissionDenied, and ValidationError without a remark or if it does not wait."""
    _require(user, proposal)
    if not remark.strip():
        raise ValidationError("Say why, for who proposed it.")
    _end(proposal, State.DECLINED, decided_by=user, remark=remark.strip()[:500])


def withdraw(proposal: ChangeSet, *, user: User) -> None:
    """Raises PermissionDenied to anybody but who proposed it, ValidationError if it does not
    wait."""
    if proposal.user_id != user.pk:
        raise PermissionDenied("Only who proposed a change may withdraw it.")
    _end(proposal, State.WITHDRAWN)


def _require(user: User, proposal: ChangeSet) -> None:
    if proposal.state == State.PROPOSED and not may_decide(user, proposal):
        raise PermissionDenied(
            "A proposal is decided by somebody else, who may make each of its changes."
        )


def _end(proposal: ChangeSet, state: State, **values: object) -> None:
    waits = ChangeSet.objects.filter(pk=proposal.pk, state=State.PROPOSED)
    with transaction.atomic():
        if waits.update(state=state, decided_at=datetime.now(UTC), **values):
            event = Event.CHANGE_DECLINED if state == State.DECLINED else Event.CHANGE_WITHDRAWN
            audit.record(event, proposal, source=proposal.source)
            return
    proposal.refresh_from_db()
    raise ValidationError(f"It does not wait any more: {proposal.get_state_display().lower()}.")
