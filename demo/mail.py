"""The digests that people of Larkfield would get today, and a webhook that is switched off. The
worker writes the mails to files: the demo never has a mail server."""

from __future__ import annotations

from datetime import datetime

from demo.people import user_of
from inventory.models import Message, Role, Webhook
from roadmap import mail_rounds


def write_digests(now: datetime) -> None:
    mail_rounds.begin(Message.Kind.DIGEST, now.date(), now)
    mail_rounds.write_begun()


def add_webhook(now: datetime) -> None:
    Webhook.objects.create(
        name="Security channel",
        url="https://hooks.example.com/services/larkfield",
        events=[Webhook.Event.SETBACK, Webhook.Event.CRITICAL_FINDING],
        created_by=user_of(Role.SECURITY),
        disabled_at=now,
    )
