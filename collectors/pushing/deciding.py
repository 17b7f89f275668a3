"""What people decide of a plan: confirm, split, raise the ceiling, cancel, try again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice

from django.db import IntegrityError, transaction

from collectors.alternate_contacts import ROLES, Details
from collectors.models import ContactPush, ContactPushItem
from collectors.pushing.readiness import NotPossible, require_on, values_of
from collectors.pushing.recording import record
from inventory import audit, contacts
from inventory.audit import Event
from inventory.models import User

State = ContactPush.State
Item = ContactPushItem.State


def changes_of(push: ContactPush) -> int:
    """How many contacts the plan would write."""
    return push.items.filter(state=Item.CHANGE).count()


def why_not_confirmed(push: ContactPush, user: User) -> str:
    """What keeps this person from confirming the plan, or an empty text."""
    changes = changes_of(push)
    if push.state != State.PLANNED:
        return f"It is not waiting for a confirmation: {push.get_state_display().lower()}."
    if not changes:
        return "There is nothing to write."
    if changes > push.ceiling:
        return (
            f"It would write {changes} contacts, and a plan may write {push.ceiling}. Split it, or "
            "raise its ceiling."
        )
    if _needs_another(push, user):
        return (
            "Another person than the one who planned it must confirm (CONTACT_PUSH_SECOND_PERSON)."
        )
    return ""


def _needs_another(push: ContactPush, user: User) -> bool:
    is_own = push.planned_by_id == user.pk or push.ceiling_raised_by_id == user.pk
    return is_own and bool(values_of(push.organization)["CONTACT_PUSH_SECOND_PERSON"])


def confirm(push: ContactPush, *, user: User) -> None:
    """Let the workers write it. Raises NotPossible."""
    require_on(push.organization)
    if why := why_not_confirmed(push, user):
        raise NotPossible(why)
    if outdated := _outdated(push):
        raise NotPossible(
            f"The sheet holds other contacts by now for {outdated} of these; plan again."
        )
    _move(
        Event.CONTACTS_CONFIRMED,
        push,
        State.PUSHING,
        State.PLANNED,
        confirmed_by=user,
        confirmed_at=datetime.now(UTC),
    )


def _outdated(push: ContactPush) -> int:
    """How many contacts of the plan are not the sheet's any more. An undo is not of the sheet."""
    if push.undo_of_id:
        return 0
    items = list(push.items.filter(state=Item.CHANGE))
    people = contacts.people_of({item.account_id for item in items})
    outdated = 0
    for item in items:
        person = people.get(item.account_id, {}).get(ROLES[item.type])
        outdated += person is None or asdict(Details.of(person)) != item.after
    return outdated


def _move(event: Event, push: ContactPush, to: State, *states: State, **values: object) -> None:
    """Change the state of a push that is in one of these. Raises NotPossible."""
    try:
        with transaction.atomic():
            moved = ContactPush.objects.filter(pk=push.pk, state__in=states).update(
                state=to, attempts=0, **values
            )
            if moved:
                record(event, push, changes=changes_of(push))
    except IntegrityError:
        raise NotPossible(
            f"Other contacts of {push.organization} are being written; wait for them."
        ) from None
    if not moved:
        raise NotPossible("Somebody was faster; look at what it says now.")
    push.refresh_from_db()


def raise_ceiling(push: ContactPush, to: int, *, user: User) -> None:
    """Let this one plan write as many as it would. Raises NotPossible."""
    changes = changes_of(push)
    if to != changes:
        raise NotPossible(f"Enter {changes}, the number of contacts that this plan would write.")
    raised = Event.CONTACTS_RAISED
    _move(raised, push, State.PLANNED, State.PLANNED, ceiling=to, ceiling_raised_by=user)


def split(push: ContactPush) -> list[ContactPush]:
    """Keep as many changes as one plan may write; the others become plans of their own. Raises
    NotPossible."""
    with transaction.atomic():
        locked = ContactPush.objects.select_for_update().get(pk=push.pk)
        if locked.state != State.PLANNED or changes_of(locked) <= locked.ceiling:
            raise NotPossible("It is not too large to be confirmed.")
        keys = iter(
            locked.items.filter(state=Item.CHANGE).values_list("pk", flat=True)[locked.ceiling :]
        )
        made = []
        while part := list(islice(keys, locked.ceiling)):
            made.append(_part_of(locked, part))
        record(Event.CONTACTS_SPLIT, locked, into=[str(one) for one in made])
    return made


def _part_of(push: ContactPush, keys: list[int]) -> ContactPush:
    part = ContactPush.objects.create(
        organization=push.organization,
        state=State.PLANNED,
        types=push.types,
        accounts=push.accounts,
        undo_of=push.undo_of,
        split_from=push,
        ceiling=push.ceiling,
        planned_by=push.planned_by,
        planned_at=push.planned_at,
    )
    ContactPushItem.objects.filter(pk__in=keys).update(push=part)
    return part


def cancel(push: ContactPush, *, user: User) -> None:
    """Write nothing more of it. A contact that is being sent this moment is still sent, and the
    worker that sends it says what became of it. Raises NotPossible."""
    with transaction.atomic(), audit.written_last():
        _move(
            Event.CONTACTS_CANCELLED,
            push,
            State.CANCELLED,
            State.PLANNING,
            State.PLANNED,
            State.PUSHING,
            cancelled_by=user,
            finished_at=datetime.now(UTC),
        )
        push.items.filter(state__in=[Item.OPEN, Item.CHANGE]).update(state=Item.CANCELLED)


def retry(push: ContactPush, *, user: User) -> None:
    """Try again what failed of a plan that was confirmed, or to make one. Raises NotPossible."""
    require_on(push.organization)
    if push.confirmed_at is None:
        retried = Event.CONTACTS_RETRIED
        _move(retried, push, State.PLANNING, State.FAILED, finished_at=None, message="")
        return
    with transaction.atomic(), audit.written_last():
        again = push.items.filter(state__in=[*ContactPushItem.WANTING, Item.WRITING])
        left = push.items.filter(state=Item.CHANGE)
        if not again.exists() and not left.exists():
            raise NotPossible("Nothing of it failed.")
        _move(
            Event.CONTACTS_RETRIED,
            push,
            State.PUSHING,
            State.FINISHED,
            State.FAILED,
            finished_at=None,
            message="",
        )
        again.exclude(state=Item.WRITING).update(
            state=Item.CHANGE, outcome="", code="", message="", found=None
        )
