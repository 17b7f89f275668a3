"""Addresses that mail servers refuse for good, and that take mail again."""

from __future__ import annotations

from datetime import UTC, datetime

from django.dispatch import Signal

from inventory.models import BouncingAddress

# Sent with ``address`` when one begins to bounce or takes mail again.
changed = Signal()


def mark(address: str, reply: str) -> None:
    _, is_new = BouncingAddress.objects.update_or_create(
        address=address.lower(),
        defaults={"reply": reply[:500]},
        create_defaults={"reply": reply[:500], "since": datetime.now(UTC)},
    )
    if is_new:
        changed.send(BouncingAddress, address=address.lower())


def clear(address: str) -> None:
    """A mail server took mail for it."""
    deleted, _ = BouncingAddress.objects.filter(address=address.lower()).delete()
    if deleted:
        changed.send(BouncingAddress, address=address.lower())
