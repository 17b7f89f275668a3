"""Sending what waits. Safe to kill at any moment and to run as often and in parallel as one likes.

A message that was not handed over to the mail server when its worker died is sent by another one.
From the moment it was, only the server knows whether it took it; a message whose answer is lost is
held, and a person decides. So nothing that a server accepted is ever sent again by itself.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from inventory.models import Message
from inventory.outbox import bounces, limits, unsubscribing
from inventory.outbox.letters import one_line
from inventory.outbox.transport import Refused, Transport, Unclear, Unreachable

logger = logging.getLogger(__name__)

State = Message.State
MOST_ATTEMPTS = 12
LONGEST_WAIT = timedelta(hours=4)
BUSY_SECONDS = 300  # of one call; what is left waits for the next
KEPT_FOR = timedelta(days=90)
UNCLEAR = (
    "The connection broke while the mail server had it, so it may have arrived. Release it to send "
    "it again with the same Message-ID."
)


class Lost(Exception):
    """The message is no longer this worker's to send."""


def send_waiting() -> int:
    """Send what is due and allowed; how many the mail server took."""
    take_back()
    forget_old()
    owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    sent, until = 0, time.monotonic() + BUSY_SECONDS
    with Transport() as transport:
        while time.monotonic() < until:
            message = limits.take(owner, datetime.now(UTC), lease)
            if message is None:
                break
            try:
                sent += _send(message, transport)
            except Unreachable as error:
                _wait(message, f"The mail server takes nothing: {error}")
                break
    return sent


def take_back() -> None:
    """What dead workers left: to be sent, or where it may have arrived to be looked at."""
    dead = Message.objects.filter(state=State.SENDING, lease_until__lt=datetime.now(UTC))
    dead.filter(handed_over_at__isnull=False).update(state=State.HELD, reason=UNCLEAR)
    dead.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, reason="Workers that tried to send it died again and again."
    )
    dead.update(state=State.QUEUED, taken_at=None)


def forget_old() -> None:
    """What was sent or dropped long ago stays without its words, so that it is not sent again."""
    old = Message.objects.filter(created_at__lt=datetime.now(UTC) - KEPT_FOR)
    old.filter(state__in=(State.SENT, State.DROPPED)).exclude(text="").update(text="", html="")


def _send(message: Message, transport: Transport) -> bool:
    """Whether the mail server took it. Raises Unreachable."""

    def hand_over() -> None:
        mine = _mine(message).filter(state=State.SENDING, lease_until__gt=datetime.now(UTC))
        if not mine.update(handed_over_at=datetime.now(UTC)):
            raise Lost

    try:
        transport.send(mail_of(message), message.address, hand_over)
    except Lost:
        return False
    except Unclear:
        _mine(message).update(state=State.HELD, reason=UNCLEAR)
        return False
    except Refused as refused:
        _refused(message, refused)
        return False
    except ValueError as error:
        logger.exception("message cannot be written", extra={"message_id": message.pk})
        _mine(message).update(
            state=State.FAILED, taken_at=None, reason=f"It cannot be written: {error}"[:500]
        )
        return False
    _mine(message).update(state=State.SENT, sent_at=datetime.now(UTC), reason="")
    bounces.clear(message.address)
    return True


def _refused(message: Message, refused: Refused) -> None:
    if refused.is_bounce:
        bounces.mark(message.address, refused.reply)
    if refused.is_final:
        _mine(message).update(state=State.FAILED, taken_at=None, reason=refused.reply)
    else:
        _wait(message, refused.reply)


def _wait(message: Message, reason: str) -> None:
    """Later, ever later, and at last no more."""
    if message.attempts >= MOST_ATTEMPTS:
        _mine(message).update(state=State.FAILED, taken_at=None, reason=reason[:500])
        return
    pause = min(timedelta(minutes=2 ** (message.attempts - 1)), LONGEST_WAIT)
    _mine(message).update(
        state=State.QUEUED,
        taken_at=None,
        handed_over_at=None,
        due_at=datetime.now(UTC) + pause,
        reason=reason[:500],
    )


def _mine(message: Message) -> QuerySet[Message]:
    """The row, as long as no other worker and no person has taken it over."""
    return Message.objects.filter(pk=message.pk, lease_owner=message.lease_owner)


def mail_of(message: Message) -> EmailMultiAlternatives:
    """The message as it goes out. The same row always gives the same Message-ID."""
    name = one_line(message.person.name, 100) if message.person else ""
    headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
    if message.kind == Message.Kind.DIGEST and message.person:
        path = unsubscribing.unsubscribe_path(message.person, Message.Kind.DIGEST)
        headers["List-Unsubscribe"] = f"<{settings.SITE_URL}{path}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [formataddr((name, message.address))],
        headers=headers,
        reply_to=[settings.EMAIL_REPLY_TO] if settings.EMAIL_REPLY_TO else None,
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def message_id(message: Message) -> str:
    about = "\n".join((message.recipient, message.kind, message.key))
    digest = salted_hmac("inventory.outbox.message-id", about, algorithm="sha256").hexdigest()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{message.kind}.{digest[:32]}@{domain}>"
