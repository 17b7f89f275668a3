"""Whether the audit log is what was written: every entry there, unchanged and in its place."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.models import AuditEntry
from inventory.models.audit import BEFORE_THE_FIRST

READ_AT_ONCE = 2000


@dataclass(frozen=True)
class Broken:
    """The first entry that is not as it was written, and what is wrong with it."""

    number: int
    reason: str


@dataclass(frozen=True)
class Checked:
    """``head`` is the hash of the last entry, ``number``: kept elsewhere, it proves later that
    nothing was cut off or written anew since."""

    entries: int
    number: int
    head: str
    broken: Broken | None = None


def verify(since: int = 1, head: str = "") -> Checked:
    """Check the entries from ``since`` on, taking the one before as good, and that the log still
    holds the entry with the hash ``head``."""
    number, before = since - 1, BEFORE_THE_FIRST
    if since > 1:
        earlier = AuditEntry.objects.filter(number=number).first()
        if earlier is None:
            return Checked(0, 0, "", Broken(number, "It is missing."))
        before = earlier.hash
    entries, holds_head = 0, not head or before == head
    rows = AuditEntry.objects.filter(number__gte=since).order_by("number")
    for entry in rows.iterator(chunk_size=READ_AT_ONCE):
        if entry.number != number + 1:
            return Checked(entries, number, before, Broken(number + 1, "It is missing."))
        if entry.hash != entry.hash_after(before):
            reason = "It is not what was written, or does not follow the entry before it."
            return Checked(entries, number, before, Broken(entry.number, reason))
        entries, number, before = entries + 1, entry.number, entry.hash
        holds_head = holds_head or before == head
    if holds_head or AuditEntry.objects.filter(number__lt=since, hash=head).exists():
        return Checked(entries, number, before)
    reason = f"No entry has the hash {head}: the log was cut off or written anew."
    return Checked(entries, number, before, Broken(number + 1, reason))
