"""Putting mail into the outbox, and what people decide about what is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from inventory import audit
from inventory.audit import Event, Thing
from inventory.models import Message, Person, User
from inventory.outbox import unsubscribing
from inventory.outbox.letters import Letter, Rendered, render

Kind = Message.Kind
State = Message.State
RELEASABLE = (State.HELD, State.FAILED)
DROPPABLE = (State.QUEUED, State.HELD)


def queue(
    letter: Letter,
    *,
    kind: Kind,
    key: str,
    person: Person | None = None,
    address: str = "",
    as_of: datetime | None = None,
) -> Message | None:
    """Let the workers send a letter to a person, or to an address that is no person's.

    Of each recipient, kind and key there is one message, however often and by whom it is queued;
    that one comes back. None for a person who wants no mail of the kind.
    """
    if not unsubscribing.wants(person, kind):
        return None
    rendered = preview(letter, kind=kind, person=person)
    message, _ = Message.objects.get_or_create(
        recipient=recipient_of(person, address),
        kind=kind,
        key=key,
        defaults={
            "person": person,
            "address": (person.email if person else address).lower(),
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "as_of": as_of,
        },
    )
    return message


def preview(letter: Letter, *, kind: Kind, person: Person | None = None) -> Rendered:
    """The letter as the person would get it; nothing is queued."""
    name = person.name if person else ""
    return render(letter, name=name, footer=unsubscribing.footer(person, kind))


def recipient_of(person: Person | None, address: str = "") -> str:
    """Raises ValueError where there is nobody to write to."""
    if person is None and not address:
        raise ValueError("A message needs a person or an address.")
    return f"person {person.pk}" if person else address.lower()


def release(messages: QuerySet[Message], user: User) -> int:
    """Let held and failed messages go; how many. The cap per hour still holds them back, the
    budget of their recipients no longer does."""
    now = datetime.now(UTC)
    return _decided(
        Event.MAIL_RELEASED,
        messages.filter(state__in=RELEASABLE),
        state=State.QUEUED,
        is_released=True,
        reason="",
        attempts=0,
        due_at=now,
        handed_over_at=None,
        lease_owner="",
        lease_until=None,
        decided_by=user,
        decided_at=now,
    )


def drop(messages: QuerySet[Message], user: User) -> int:
    """Never send these, which wait or are held; how many."""
    return _decided(
        Event.MAIL_DROPPED,
        messages.filter(state__in=DROPPABLE),
        state=State.DROPPED,
        reason="Dropped by a person.",
        lease_owner="",
        decided_by=user,
        decided_at=datetime.now(UTC),
    )


def _decided(event: Event, messages: QuerySet[Message], **values: Any) -> int:
    with transaction.atomic():
        number = messages.update(**values)
        if number:
            audit.record(event, Thing("message", "", f"{number} mails"))
    return number
