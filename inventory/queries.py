"""Reads that pages about the sheet share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.safestring import SafeString, mark_safe

from inventory import contacts, drift
from inventory.access import Action, Anyone, may, may_edit_cell, may_propose
from inventory.audit.contacts import people_shown
from inventory.changes.reading import Row, read
from inventory.columns import ACCOUNTS, PEOPLE, Column, ContactOf, columns_of
from inventory.grid import cells
from inventory.grid.table import is_editable
from inventory.models import Account, ChangeSet, Organization, Person, State


@dataclass(frozen=True)
class SheetAge:
    """When the sheet was last changed, and since when AWS's side of it stands at the oldest."""

    changed_at: datetime | None
    listed_at: datetime | None
    organizations: int
    never_listed: int


def sheet_age() -> SheetAge:
    """Two queries."""
    changed = ChangeSet.objects.filter(state=State.APPLIED).aggregate(at=Max("applied_at"))
    listed = Organization.objects.aggregate(
        at=Min("listed_at"), n=Count("pk"), never=Count("pk", filter=Q(listed_at=None))
    )
    return SheetAge(changed["at"], listed["at"], listed["n"], listed["never"])


@dataclass(frozen=True)
class ContactLine:
    """A contact role of an account: who is in it, and what is wrong with that, in words.

    ``fillable`` are the missing columns of the person that the reader may fill.
    """

    column: Column
    person: Person | None
    is_editable: bool
    is_proposable: bool
    gap: str
    fillable: tuple[Column, ...]


@dataclass(frozen=True)
class CellLine:
    """A cell of the account; ``html`` leads to its form where the reader may edit it."""

    column: Column
    html: SafeString
    is_proposable: bool


@dataclass(frozen=True)
class AccountIdentity:
    """What the sheet says of one account, for templates/inventory/_identity.html and its kin.

    ``drifts`` are all that differ; ``choices`` those of them that the reader may decide.
    """

    account: Account
    lines: tuple[CellLine, ...]
    contacts: tuple[ContactLine, ...]
    drifts: tuple[drift.Drift, ...]
    choices: tuple[drift.Drift, ...]
    may_confirm: bool
    sees_phones: bool

    @property
    def complete(self) -> int:
        """How many contacts lack nothing."""
        return sum(not line.gap for line in self.contacts)


# Said elsewhere on the account page, or only beside the value they differ from.
NOT_IN_IDENTITY = frozenset(
    {"partition", "account_id", "confirmed_at", "confirmed_by", drift.KEPT}
    | {column.observed for column in drift.DRIFTING}
)


def account_identity(account: Account, user: Anyone) -> AccountIdentity:
    """Six queries. ``account`` comes from ``Account.objects.visible_to(user)``. The audit log
    tells of the contacts whose telephone numbers are in it."""
    columns = columns_of(ACCOUNTS)
    row = read(ACCOUNTS, columns, {account.key})[account.key]
    found = tuple(drift.drifts(row.cells))
    people = contacts.people_of([account.pk]).get(account.pk, {})
    sees_phones = may(user, Action.SEE_PHONES)
    if sees_phones:
        people_shown(people.values())
    return AccountIdentity(
        account,
        tuple(_lines(columns, row, user)),
        tuple(_contact_lines(columns, people, user)),
        found,
        tuple(one for one in found if may_edit_cell(user, one.column)),
        may(user, Action.CONFIRM),
        sees_phones,
    )


def _contact_lines(
    columns: Sequence[Column], people: Mapping[str, Person], user: Anyone
) -> Iterator[ContactLine]:
    gaps = contacts.gaps(people)
    for column in columns:
        if isinstance(column.stored, ContactOf):
            person = people.get(column.stored.role)
            missing = contacts.missing_fields(person) if person else ()
            yield ContactLine(
                column,
                person,
                may_edit_cell(user, column),
                may_propose(user, ACCOUNTS, column),
                gaps.get(column.stored.role, ""),
                tuple(
                    one
                    for one in PEOPLE.columns
                    if one.name in missing and may_edit_cell(user, one)
                ),
            )


def _lines(columns: Sequence[Column], row: Row, user: Anyone) -> Iterator[CellLine]:
    """Every other cell that holds something or that the reader may fill or propose."""
    shown = [
        column
        for column in columns
        if column.name not in NOT_IN_IDENTITY and not isinstance(column.stored, ContactOf)
    ]
    words = cells.words_for(shown)
    for column in shown:
        editable = is_editable(user, ACCOUNTS, column)
        proposable = may_propose(user, ACCOUNTS, column)
        if editable or proposable or row.cells[column.name]:
            write = cells.writer(ACCOUNTS, column, words, editable=editable)
            html = mark_safe(write(row.pk, row.cells))  # noqa: S308  (escaped there)
            yield CellLine(column, html, proposable)
