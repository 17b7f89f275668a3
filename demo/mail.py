"""The digests that people of Larkfield would get today. The worker writes them to files: the demo
never has a mail server."""

from __future__ import annotations

from datetime import datetime

from inventory.models import Message
from roadmap import mail_rounds


def write_digests(now: datetime) -> None:
    mail_rounds.begin(Message.Kind.DIGEST, now.date(), now)
    mail_rounds.write_begun()
