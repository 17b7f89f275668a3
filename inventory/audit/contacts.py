"""Telephone numbers on their way to a reader; pages and API tell here whose they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from inventory.audit.recording import saw_phones
from inventory.changes.reading import Row
from inventory.columns import PEOPLE, Sheet
from inventory.models import Person, RowChange

PHONE = "phone"


def cells_shown(sheet: Sheet, columns: Iterable[Any], rows: Mapping[str, Row]) -> None:
    """These columns of these rows, by key, are shown."""
    if sheet is PEOPLE and any(column.name == PHONE for column in columns):
        saw_phones(key for key, row in rows.items() if row.cells[PHONE])


def changes_shown(changes: Iterable[RowChange]) -> None:
    """These rows of change sets are shown, old values and new ones."""
    saw_phones(
        change.key
        for change in changes
        if change.sheet == PEOPLE.name and any(change.cells.get(PHONE, ()))
    )


def people_shown(people: Iterable[Person | None]) -> None:
    saw_phones(person.email for person in people if person is not None and person.phone)
