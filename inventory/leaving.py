"""What a person holds in the sheets, and giving it to somebody else when they leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from inventory.access import Action, Anyone, require, visible_rows
from inventory.changes import Edit, write
from inventory.changes.reading import read
from inventory.columns import (
    ACCOUNTS,
    PEOPLE,
    SHEETS,
    Column,
    ContactOf,
    Members,
    Sheet,
    columns_of,
)
from inventory.models import Account, ChangeSet, Contact, ContactRole, Origin, Person, User

MOST_SUGGESTIONS = 5


@dataclass(frozen=True)
class Holding:
    """A column of a sheet in which a person stands, and the rows in which they do."""

    sheet: Sheet
    column: Column
    rows: QuerySet[Any]
    number: int

    @property
    def name(self) -> str:
        return f"{self.sheet.name}.{self.column.name}"

    @property
    def label(self) -> str:
        return f"{self.column.label} of {self.sheet.label.lower()}"


def holdings(person: Person, user: Anyone) -> list[Holding]:
    """Where the person stands, in rows that the user sees. A query for each column of people."""
    found = []
    for sheet in SHEETS.values():
        for column in columns_of(sheet):
            if column.lookup != PEOPLE.name or not column.editors:
                continue
            rows = visible_rows(sheet, user).filter(pk__in=_holding(sheet, column, person))
            if number := rows.count():
                found.append(Holding(sheet, column, rows, number))
    return found


def _holding(sheet: Sheet, column: Column, person: Person) -> QuerySet[Any]:
    rows = sheet.model._default_manager.order_by()
    stored = column.stored
    if isinstance(stored, ContactOf):
        return Contact.objects.filter(role=stored.role, person=person).values("account")
    if isinstance(stored, Members):
        return _members(sheet, stored, person)
    return rows.filter(**{column.path: person.email}).values("pk")


def _members(sheet: Sheet, stored: Members, person: Person) -> QuerySet[Any]:
    """Where memberships are dated, those that are over stand in the table still."""
    rows = sheet.model._default_manager.order_by()
    if hasattr(sheet.model, "memberships"):
        return rows.filter(memberships__person=person, memberships__valid_to=None).values("pk")
    return rows.filter(**{stored.people: person}).values("pk")


def suggestions(person: Person) -> Sequence[tuple[Person, str]]:
    """Who may follow, with the reason: deputies of what the person owns, and leads of its teams;
    the likeliest first."""
    owned = Account.objects.filter(
        contact_set__role=ContactRole.OWNER, contact_set__person=person
    ).order_by()
    counted: Counter[tuple[int, str]] = Counter()
    deputies = Contact.objects.filter(role=ContactRole.DEPUTY, account__in=owned.values("pk"))
    for pk in deputies.values_list("person", flat=True):
        counted[pk, "deputy of {} of their accounts"] += 1
    for pk in owned.exclude(team__lead=None).values_list("team__lead", flat=True):
        counted[pk, "leads the team of {} of their accounts"] += 1
    people = Person.objects.filter(left_on=None).in_bulk({pk for pk, _ in counted} - {person.pk})
    return [
        (people[pk], why.format(number))
        for (pk, why), number in counted.most_common(MOST_SUGGESTIONS)
        if pk in people
    ]


def hand_over(
    user: User, person: Person, successor: str, names: Collection[str], left_on: date | None
) -> ChangeSet | None:
    """Put the successor in the person's place in the holdings of these names, and note when they
    left. Owners are to confirm what they get.

    Raises PermissionDenied; ValidationError; Refused and Conflicts. None where nothing changes.
    """
    require(user, Action.HAND_OVER)
    chosen = [one for one in holdings(person, user) if one.name in names]
    if chosen and not successor:
        raise ValidationError({"successor": "Say who gets it."})
    if successor == person.email:
        raise ValidationError({"successor": "That is the person who leaves."})
    gone = Person.objects.filter(email=successor).exclude(left_on=None).first()
    if gone is not None:
        raise ValidationError({"successor": f"{gone} left on {gone.left_on:%Y-%m-%d}."})
    edits = _merged([edit for one in chosen for edit in _edits(one, person, successor)])
    if left_on is not None:
        edits.append(Edit(PEOPLE, person.email, {"left_on": left_on.isoformat()}))
    return write(
        edits,
        origin=Origin.BULK,
        source="Hand-over",
        message=f"From {person.email}" + (f" to {successor}" if chosen else ""),
        user=user,
    )


def _edits(holding: Holding, person: Person, successor: str) -> list[Edit]:
    sheet, column = holding.sheet, holding.column
    keys = {":".join(str(part) for part in row) for row in holding.rows.values_list(*sheet.key)}
    cells = read(sheet, [column], keys)
    edits = []
    for key in sorted(keys):
        value: Any = successor
        if isinstance(column.stored, Members):
            before = cells[key].cells[column.name]
            value = sorted({*before, successor} - {person.email})
        values = {column.name: value}
        if sheet is ACCOUNTS and column.name == "owner":
            values["confirmed_at"] = ""
        edits.append(Edit(sheet, key, values))
    return edits


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    """One edit a row, whatever the person holds of it."""
    found: dict[tuple[str, str], Edit] = {}
    for edit in edits:
        place = edit.sheet.name, edit.key
        before = found[place].values if place in found else {}
        found[place] = Edit(edit.sheet, edit.key, {**before, **edit.values})
    return list(found.values())
