"""The audit log as people and programs read it: filtered, in words, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from inventory.audit.events import Event, url_of
from inventory.formats import writers
from inventory.models import AuditEntry, Via

ROWS_SHOWN = 5
READ_AT_ONCE = 2000
FIELDS = (
    "number", "at", "event", "actor", "seen_as", "via", "means", "address", "kind", "key", "name",
    "told", "hash",
)  # fmt: skip
EARLIEST, LATEST = date(2000, 1, 1), date(9999, 1, 1)

Entries = QuerySet[AuditEntry]


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date"})
    default_error_messages = {"invalid": "Write a day such as 2026-11-24."}

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(self.error_messages["invalid"])
        return day


class DayFilter(django_filters.DateFilter):
    field_class = DayField


class AuditFilters(django_filters.FilterSet):
    """What the address of the page, an export and the API may ask for."""

    person = django_filters.CharFilter(
        label="Who", method="by_person", help_text="An e-mail address or a part of it."
    )
    action = django_filters.ChoiceFilter(
        field_name="event", label="Did", choices=Event.choices, empty_label="Anything"
    )
    object = django_filters.CharFilter(
        label="To what",
        method="by_object",
        help_text="An account id, an e-mail address, a name or a part of it.",
    )
    since = DayFilter(label="From", method="by_since", help_text="A day in UTC.")
    until = DayFilter(label="To", method="by_until", help_text="A day in UTC, and all of it.")
    address = django_filters.CharFilter(label="From address", lookup_expr="istartswith")

    class Meta:
        model = AuditEntry
        fields: Sequence[str] = ()

    def by_person(self, rows: Entries, _: str, text: str) -> Entries:
        return rows.filter(Q(actor__icontains=text) | Q(seen_as__icontains=text))

    def by_object(self, rows: Entries, _: str, text: str) -> Entries:
        # In ``told`` stand the rows that an entry names.
        return rows.filter(
            Q(key__icontains=text) | Q(name__icontains=text) | Q(told__icontains=text)
        )

    def by_since(self, rows: Entries, _: str, day: date) -> Entries:
        return rows.filter(at__gte=datetime.combine(day, time(), UTC))

    def by_until(self, rows: Entries, _: str, day: date) -> Entries:
        return rows.filter(at__lt=datetime.combine(day + timedelta(days=1), time(), UTC))


@dataclass(frozen=True)
class Named:
    """A row that an entry names, with its page where it has one."""

    text: str
    url: str


@dataclass(frozen=True)
class Line:
    """An entry in words. ``rows`` are the first that it names, ``more`` how many others."""

    entry: AuditEntry
    did: str
    via: str
    about: Named
    told: Sequence[tuple[str, str]]
    rows: Sequence[Named]
    more: int


def line(entry: AuditEntry, rows_shown: int = ROWS_SHOWN) -> Line:
    details = entry.details
    rows: list[str] = details.pop("rows", [])
    more = int(details.pop("more", 0)) + max(len(rows) - rows_shown, 0)
    return Line(
        entry=entry,
        did=_label(Event, entry.event),
        via=_label(Via, entry.via),
        about=Named(entry.name or entry.key, url_of(entry.kind, entry.key)),
        told=[(name.replace("_", " "), _words(value)) for name, value in details.items()],
        rows=[_named(row) for row in rows[:rows_shown]],
        more=more,
    )


def _label(choices: type[Event] | type[Via], value: str) -> str:
    """A value of a later version is shown as it stands."""
    return str(choices(value).label) if value in choices.values else value


def _named(row: str) -> Named:
    kind, _, key = row.partition(":")
    return Named(key.removeprefix("aws:"), url_of(kind, key))


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name.replace('_', ' ')} {_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " → ".join(map(_words, value)) if len(value) == 2 else ", ".join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in ("", None) else str(value)


def as_row(entry: AuditEntry) -> dict[str, Any]:
    """The entry's own fields, from which its hash can be worked out again."""
    row = {name: getattr(entry, name) for name in FIELDS}
    return row | {"at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}


def _as_csv(entries: Entries) -> Iterator[bytes]:
    write = writers()["csv"].write
    assert write is not None
    rows = (as_row(entry) for entry in entries.iterator(chunk_size=READ_AT_ONCE))
    return write(FIELDS, ([str(value) for value in row.values()] for row in rows))


def _as_json_lines(entries: Entries) -> Iterator[bytes]:
    for entry in entries.iterator(chunk_size=READ_AT_ONCE):
        yield json.dumps(as_row(entry), ensure_ascii=False).encode() + b"\n"


# Name in the address → what people read, content type, and the pieces of a file.
EXPORTS = {
    "csv": ("CSV", "text/csv; charset=utf-8", _as_csv),
    "jsonl": ("JSON lines", "application/jsonl; charset=utf-8", _as_json_lines),
}
