"""Telling webhooks: what is to be told is kept, tried again when nobody answers, and ends.

A delivery may be made twice, when a worker dies between the answer and writing it down; its id
tells the receiver. A webhook that answers with nothing but errors is switched off, administrators
are told, and a person switches it on again.
"""

from __future__ import annotations

import logging
import os
import re
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from inventory import audit
from inventory.access import administrators
from inventory.audit import Event
from inventory.models import Delivery, Message, Webhook
from inventory.outbox import Letter, Line, queue
from inventory.outbox.letters import one_line
from inventory.webhooks.payloads import request_of
from inventory.webhooks.posting import Answer, Forbidden, Unanswered, post

logger = logging.getLogger(__name__)

State = Delivery.State
LEASE = timedelta(seconds=60)  # longer than a call may take
PAUSES = (1, 5, 30, 120, 360)  # minutes before the second try, the third …
MOST_FAILURES = 15  # in a row, then the webhook is switched off
LONGEST_DETAIL = 200
BUSY_SECONDS = 120
KEPT_FOR = timedelta(days=30)
# What is kept of an answer: a word such as Slack's no_service. Pages may repeat the secret URL.
_WORD = re.compile(r"[a-z_]{1,60}")


def announce(
    event: Webhook.Event,
    key: str,
    text: str,
    details: Sequence[str] = (),
    *,
    more: int = 0,
    path: str = "",
) -> None:
    """Tell every webhook that wants to know; once each, however often the key is announced.
    ``more`` is how many details were left out; ``path`` leads to a page of Cairn."""
    shown = [one_line(line, LONGEST_DETAIL) for line in details]
    if more > 0:
        shown.append(f"and {more} more")
    rows = [
        Delivery(
            webhook=webhook, event=event, key=key, text=one_line(text), details=shown, url=path
        )
        for webhook in Webhook.objects.filter(disabled_at=None)
        if event in webhook.events
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def is_wanted(*events: Webhook.Event) -> bool:
    """Whether any webhook asks for one of these events. One query."""
    rows = Webhook.objects.filter(disabled_at=None).values_list("events", flat=True)
    return any(event in wanted for wanted in rows for event in events)


def try_out(webhook: Webhook) -> Delivery:
    """Queue a delivery by which a person sees whether it works."""
    return Delivery.objects.create(
        webhook=webhook,
        event=Webhook.TRIAL,
        key=uuid.uuid4().hex,
        text="Cairn can reach this webhook.",
        url=reverse("inventory:webhooks"),
    )


def deliver_waiting() -> int:
    """Tell what is due; how many answered well."""
    Delivery.objects.filter(
        created_at__lt=datetime.now(UTC) - KEPT_FOR, state__in=(State.DELIVERED, State.FAILED)
    ).delete()
    owner = f"{os.getpid()}:{uuid.uuid4().hex}"
    told, until = 0, time.monotonic() + BUSY_SECONDS
    while time.monotonic() < until:
        delivery = _take(owner)
        if delivery is None:
            break
        told += _deliver(delivery)
    return told


def enable(webhook: Webhook) -> None:
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(disabled_at=None, failures=0)
        audit.record(Event.WEBHOOK_CHANGED, webhook, what="switched on")


def disable(webhook: Webhook) -> bool:
    """Switch it off, and tell it nothing of what waits; False where it was off already."""
    now = datetime.now(UTC)
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=now):
            return False
        webhook.deliveries.filter(state=State.QUEUED).update(
            state=State.FAILED, ended_at=now, reason="The webhook was switched off."
        )
        audit.record(Event.WEBHOOK_CHANGED, webhook, what="switched off")
    return True


def _take(owner: str) -> Delivery | None:
    now = datetime.now(UTC)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Delivery.objects.filter(free, state=State.QUEUED, due_at__lte=now)
    for pk in waiting.order_by("due_at", "pk").values_list("pk", flat=True)[:20]:
        # The condition in the update decides who was first.
        if waiting.filter(pk=pk).update(
            lease_owner=owner, lease_until=now + LEASE, attempts=F("attempts") + 1
        ):
            return Delivery.objects.select_related("webhook").get(pk=pk)
    return None


def _deliver(delivery: Delivery) -> bool:
    body, headers = request_of(delivery)
    answer: Answer | None = None
    try:
        answer = post(delivery.webhook.url, body, headers)
        word = answer.text if _WORD.fullmatch(answer.text) else ""
        reason = f"{answer.status} {word}".strip()
    except Forbidden as forbidden:
        reason = str(forbidden)
    except Unanswered as unanswered:
        reason = f"No answer: {unanswered}"
    # The URL is a secret, its host is none.
    logger.info("webhook", extra={"webhook": delivery.webhook_id, "host": delivery.webhook.host})
    if answer is not None and answer.is_success:
        _succeeded(delivery, answer)
        return True
    _failed(delivery, answer, reason)
    return False


def _succeeded(delivery: Delivery, answer: Answer) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=State.DELIVERED,
        status=answer.status,
        reason="",
        ended_at=datetime.now(UTC),
        lease_until=None,
    )
    Webhook.objects.filter(pk=delivery.webhook_id).exclude(failures=0).update(failures=0)


def _failed(delivery: Delivery, answer: Answer | None, reason: str) -> None:
    now = datetime.now(UTC)
    tries_left = delivery.attempts <= len(PAUSES)
    pause = PAUSES[delivery.attempts - 1] if tries_left else 0
    Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED).update(
        state=State.QUEUED if tries_left else State.FAILED,
        status=answer.status if answer else None,
        reason=reason[:500],
        due_at=now + timedelta(minutes=pause),
        ended_at=None if tries_left else now,
        lease_until=None,
    )
    Webhook.objects.filter(pk=delivery.webhook_id).update(failures=F("failures") + 1)
    webhook = Webhook.objects.get(pk=delivery.webhook_id)
    if webhook.failures >= MOST_FAILURES and disable(webhook):
        _tell_administrators(webhook, reason)


def _tell_administrators(webhook: Webhook, reason: str) -> None:
    """As many times as it is switched off, and once each time."""
    webhook.refresh_from_db()
    letter = Letter(
        f"Webhook {webhook.name} is switched off",
        f"The webhook {webhook.name} to {webhook.host} failed {webhook.failures} times in a row, "
        f"so Cairn tells it nothing any more. The last failure: {reason}",
        "You get this because you are an administrator of Cairn.",
        action=Line("Look at it and switch it on again", webhook.get_absolute_url()),
    )
    for admin in administrators().select_related("person"):
        if admin.person:
            queue(
                letter,
                kind=Message.Kind.NOTICE,
                key=f"webhook {webhook.pk} {webhook.disabled_at}",
                person=admin.person,
            )
