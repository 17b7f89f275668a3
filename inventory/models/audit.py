"""Who did what, when and from where: rows that are added and never changed or taken away."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import models

BEFORE_THE_FIRST = ""  # The hash that stands before the first entry.


class Via(models.TextChoices):
    """By what means somebody did something."""

    SESSION = "session", "In the browser"
    TOKEN = "token", "API token"
    COMMAND = "command", "Command line"
    CAIRN = "cairn", "Cairn itself"
    STRANGER = "stranger", "Not signed in"


class AuditEntry(models.Model):
    """One thing that somebody did, chained to the entry before it by its hash.

    It names people and rows by their natural keys and points to no row, so that nothing else ever
    has to change it. ``told`` is a JSON object as text, since what is hashed must come back letter
    by letter. The database itself refuses to change and to delete entries (see the migration).
    """

    number = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 … without gaps.")
    at = models.DateTimeField()
    event = models.CharField(max_length=48)
    actor = models.CharField(max_length=254, blank=True, help_text="An e-mail address.")
    seen_as = models.CharField(max_length=254, blank=True, help_text="Whose pages they saw.")
    via = models.CharField(max_length=16)
    means = models.CharField(max_length=200, blank=True, help_text="Session, token or command.")
    address = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=32, blank=True, help_text="What the object is.")
    key = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)
    told = models.TextField(default="{}")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["at"]),
            models.Index(fields=["actor", "number"]),
            models.Index(fields=["event", "number"]),
            models.Index(fields=["kind", "key"]),
        ]

    def __str__(self) -> str:
        return f"Entry {self.number}"

    @property
    def details(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.told)
        return found

    def canonical(self) -> list[Any]:
        """What the hash is of, besides the hash before: all that the entry says, in this order."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return [
            self.number, at, self.event, self.actor, self.seen_as, self.via, self.means,
            self.address, self.kind, self.key, self.name, self.told,
        ]  # fmt: skip

    def hash_after(self, before: str) -> str:
        """SHA-256 of the JSON list of the hash before and ``canonical``, without spaces."""
        text = json.dumps([before, *self.canonical()], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
