"""Entries written, each in the transaction of what it tells of, and chained one after another.

Whoever writes an entry holds the log until the transaction ends, so an entry is the last thing a
transaction writes: then nobody who holds the log waits for a row that somebody else holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from inventory.audit.acting import acting
from inventory.audit.events import Event
from inventory.models import AuditEntry
from inventory.models.audit import BEFORE_THE_FIRST

# Any number that no other advisory lock of the database has.
LOG_LOCK = 7_266_002
ROWS_NAMED = 50


@dataclass(frozen=True)
class Thing:
    """What an entry is about: a kind, its natural key, and its name as it is now."""

    kind: str = ""
    key: str = ""
    name: str = ""


_NATURAL_KEYS = {
    "account": "key", "organization": "organization_id", "person": "email", "user": "email",
}  # fmt: skip


def thing_of(row: models.Model) -> Thing:
    kind = row._meta.model_name or ""
    return Thing(kind, str(getattr(row, _NATURAL_KEYS.get(kind, "pk"))), str(row))


def name_rows(keys: Iterable[str]) -> dict[str, Any]:
    """Details that name rows: the first ones, and how many more there are."""
    rest = iter(keys)
    rows = list(islice(rest, ROWS_NAMED))
    more = sum(1 for _ in rest)
    return {"rows": rows, "more": more} if more else {"rows": rows}


_waiting: ContextVar[list[AuditEntry] | None] = ContextVar("_waiting", default=None)


def record(event: Event, about: models.Model | Thing | None = None, **details: Any) -> None:
    """Add an entry: whoever acts did this. Details are what JSON can hold, and never a secret or a
    telephone number.

    Call it last in the transaction; where more is written after it, put ``written_last`` around
    that transaction's statements.
    """
    entry = _entry(event, about if isinstance(about, Thing | None) else thing_of(about), details)
    waiting = _waiting.get()
    if waiting is None:
        _write([entry])
    else:
        waiting.append(entry)


@contextmanager
def written_last() -> Iterator[None]:
    """Keeps what is recorded within until the end of the block, and drops it with an exception or a
    transaction that is to be rolled back. Blocks in blocks are written with the outermost."""
    entries: list[AuditEntry] = []
    outside = _waiting.get()
    before = _waiting.set(entries)
    try:
        yield
    finally:
        _waiting.reset(before)
    if outside is not None:
        outside += entries
    elif entries and not connection.needs_rollback:
        _write(entries)


def _entry(event: Event, about: Thing | None, details: dict[str, Any]) -> AuditEntry:
    now, about = acting(), about or Thing()
    told = json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return AuditEntry(
        event=event.value,
        via=now.via.value,
        told=_storable(told),
        **{
            name: _cut(name, text)
            for name, text in (
                ("actor", now.actor), ("seen_as", now.seen_as), ("means", now.means),
                ("address", now.address), ("kind", about.kind), ("key", about.key),
                ("name", about.name),
            )
        },
    )  # fmt: skip


def _storable(text: str) -> str:
    """Without NUL and halves of surrogate pairs, which databases do not hold."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _cut(name: str, text: str) -> str:
    field = AuditEntry._meta.get_field(name)
    assert isinstance(field, models.CharField)
    return _storable(text)[: field.max_length]


def _write(entries: list[AuditEntry]) -> None:
    """Chain entries to the log and store them. Who comes later waits until this is committed."""
    is_first = not connection.in_atomic_block
    with transaction.atomic(savepoint=False):
        if connection.vendor == "postgresql":
            if not is_first:
                # Foreign keys are checked at the end of a transaction, and that may wait for rows
                # of others. It has to wait before the log is held, not after.
                connection.check_constraints()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])
        number, before = _head()
        for entry in entries:
            number += 1
            entry.number, entry.at = number, datetime.now(UTC)
            before = entry.hash = entry.hash_after(before)
        AuditEntry.objects.bulk_create(entries)


def _head() -> tuple[int, str]:
    last = AuditEntry.objects.order_by("-number").values_list("number", "hash").first()
    return last or (0, BEFORE_THE_FIRST)


_seen: ContextVar[set[str] | None] = ContextVar("_seen", default=None)


def saw_phones(people: Iterable[str]) -> None:
    """The telephone numbers of these people (e-mail addresses) are shown to whoever asked. All of
    one request become one entry."""
    seen = _seen.get()
    if seen is not None:
        seen.update(people)
    elif found := sorted(people):
        _record_phones(found)


@contextmanager
def phones_together() -> Iterator[None]:
    """One entry for all telephone numbers that are shown within."""
    seen: set[str] = set()
    before = _seen.set(seen)
    try:
        yield
    finally:
        _seen.reset(before)
    if seen:
        _record_phones(sorted(seen))


def _record_phones(people: list[str]) -> None:
    if len(people) == 1:
        record(Event.PHONES_READ, Thing("person", people[0], people[0]))
        return
    rows = name_rows(f"person:{email}" for email in people)
    record(Event.PHONES_READ, Thing("person", "", f"{len(people)} people"), **rows)
