"""What webhooks are told, in each format."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings

from inventory.models import Delivery, Webhook

TIMESTAMP = "Cairn-Timestamp"
SIGNATURE = "Cairn-Signature"
MOST_CHARACTERS = 2900  # Slack takes 3,000 in a section.


def request_of(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one try. A signature is of the moment it is made."""
    webhook = delivery.webhook
    is_slack = webhook.format == Webhook.Format.SLACK
    body = json.dumps(slack(delivery) if is_slack else plain(delivery)).encode()
    headers = {"Content-Type": "application/json"}
    if not is_slack:
        timestamp = str(int(time.time()))
        headers |= {TIMESTAMP: timestamp, SIGNATURE: f"v1={sign(webhook.secret, timestamp, body)}"}
    return body, headers


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over ``timestamp.body``, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def plain(delivery: Delivery) -> dict[str, Any]:
    """``id`` is the same at every try, so that a receiver can tell what it has already."""
    return {
        "id": f"{delivery.webhook_id}-{delivery.pk}",
        "event": delivery.event,
        "at": delivery.created_at.isoformat(),
        "text": delivery.text,
        "details": delivery.details,
        "url": _url(delivery),
    }


def slack(delivery: Delivery) -> dict[str, Any]:
    text, url = _escaped(delivery.text), _url(delivery)
    linked = f"*<{url}|{text}>*" if url else f"*{text}*"
    lines = "\n".join(f"• {_escaped(line)}" for line in delivery.details)
    said = f"{linked}\n{lines}" if lines else linked
    section = {"type": "section", "text": {"type": "mrkdwn", "text": said[:MOST_CHARACTERS]}}
    return {"text": text, "blocks": [section]}


def _url(delivery: Delivery) -> str:
    return f"{settings.SITE_URL}{delivery.url}" if delivery.url else ""


def _escaped(text: str) -> str:
    """The three signs that Slack reads as its own; a name can then mention and link nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
