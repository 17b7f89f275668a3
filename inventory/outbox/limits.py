"""The limits of mail, enforced here and nowhere else: which message may go next, if any.

Every worker takes each message through ``take``, one at a time and one after the other, so that
what a mistake queues can go out no faster than the limits say, however many workers there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from inventory.models import Message
from inventory.outbox import unsubscribing
from inventory.policy import Place, load_policy

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TAKING_LOCK = 7_266_002  # Any number that no other advisory lock of the database has.

State = Message.State


def per_hour() -> int:
    """What the setting says, and never more than the environment allows."""
    return min(int(load_policy().at(Place())["MAIL_PER_HOUR"]), settings.MAIL_MOST_PER_HOUR)


def per_person_and_day() -> int:
    return int(load_policy().at(Place())["MAIL_PER_PERSON_AND_DAY"])


def gone(now: datetime) -> int:
    """How many may have left within the last hour."""
    return Message.objects.filter(taken_at__gt=now - HOUR).count()


def take(owner: str, now: datetime, lease: timedelta) -> Message | None:
    """The next message, leased to ``owner``. What exceeds a limit is held on the way."""
    with _one_at_a_time():
        room = per_hour() - gone(now)
        waiting = Message.objects.filter(state=State.QUEUED, due_at__lte=now)
        if room <= 0:
            _hold(waiting.filter(is_released=False), f"More than {per_hour()} in an hour.")
            return None
        return _first_allowed(waiting.order_by("due_at", "pk"), owner, now, lease)


def _first_allowed(
    waiting: QuerySet[Message], owner: str, now: datetime, lease: timedelta
) -> Message | None:
    budget = per_person_and_day()
    while message := waiting.select_related("person").first():
        _readdress(message)
        if not unsubscribing.wants(message.person, message.kind):
            message.state, message.reason = State.DROPPED, "Unsubscribed."
            message.save(update_fields=["state", "reason"])
        elif not message.is_released and _reached(message, now) >= budget:
            more = waiting.filter(address=message.address, is_released=False)
            _hold(more, f"More than {budget} to one recipient in a day.")
        else:
            Message.objects.filter(pk=message.pk).update(
                state=State.SENDING,
                attempts=F("attempts") + 1,
                taken_at=now,
                handed_over_at=None,
                lease_owner=owner,
                lease_until=now + lease,
            )
            message.refresh_from_db()
            return message
    return None


def _readdress(message: Message) -> None:
    """To where its recipient is now: the address may be another one since it was written."""
    if message.person and message.person.email != message.address:
        message.address = message.person.email
        message.save(update_fields=["address"])


def _reached(message: Message, now: datetime) -> int:
    """How many others may have reached its recipient within the last day."""
    others = Message.objects.filter(address=message.address, taken_at__gt=now - DAY)
    return others.exclude(pk=message.pk).count()


def _hold(messages: QuerySet[Message], reason: str) -> None:
    messages.order_by().update(state=State.HELD, reason=reason)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """SQLite has one writer anyway."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TAKING_LOCK])
        yield
