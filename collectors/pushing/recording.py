"""What the audit log tells of a push; its items keep what was written, and what was there."""

from __future__ import annotations

from typing import Any

from collectors.models import ContactPush
from inventory import audit
from inventory.audit import Event, Thing


def record(event: Event, push: ContactPush, **details: Any) -> None:
    key = f"{push.organization.organization_id}/{push.pk}"
    audit.record(event, Thing("contactpush", key, str(push)), **details)
