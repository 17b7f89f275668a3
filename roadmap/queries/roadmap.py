"""The roadmap over many accounts: every stage with its items, and one item's accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Value, When

from inventory.models import Account, Contact, Organization
from inventory.models.accounts import AccountQuerySet
from roadmap.models import AccountVerdict, Finding, OrganizationVerdict
from roadmap.queries.counts import StageCounts, ladder, stage_sums, tallies_of, within
from roadmap.queries.overview import item_counts
from roadmap.registry import Item, children, items
from roadmap.rollups import Counts
from roadmap.verdicts import Reason, Source, Status


@dataclass(frozen=True)
class ItemCounts:
    """An item with its accounts by status; ``children`` are its sub-checks."""

    item: Item
    counts: Counts
    children: Sequence[ItemCounts] = ()


@dataclass(frozen=True)
class StageItems:
    step: StageCounts
    items: Sequence[ItemCounts]


def stages_page(accounts: AccountQuerySet) -> Sequence[StageItems]:
    """The ten stages over these accounts. Two queries."""
    counted = item_counts(accounts)
    found = {key: _counts(item, counted) for key, item in items().items() if not item.parent}
    return [
        StageItems(step, [row for row in found.values() if row.item.stage == step.stage])
        for step in ladder(stage_sums(tallies_of(accounts)))
    ]


def _counts(item: Item, counted: dict[str, Counts]) -> ItemCounts:
    below = [_counts(child, counted) for child in children(item.key)]
    return ItemCounts(item, counted.get(item.key, Counts()), below)


@dataclass(frozen=True)
class ItemAccount:
    """One account's verdict of the item. ``account.team`` is loaded; ``owner`` is an address;
    ``excepted`` says that an exception stands in its place or leaves something out of it."""

    account: Account
    owner: str
    status: Status
    reason: str
    sentence: str
    source: Source
    incomplete: bool
    since: datetime
    excepted: bool


@dataclass(frozen=True)
class OrganizationAnswer:
    """The verdict of an organization-wide item, which its accounts inherit."""

    organization: Organization
    status: Status
    sentence: str


@dataclass(frozen=True)
class ItemPage:
    """``accounts`` is one page of those with a status asked for, worst first; ``matching`` says
    how many there are."""

    item: Item
    parent: Item | None
    children: Sequence[ItemCounts]
    counts: Counts
    organizations: Sequence[OrganizationAnswer]
    accounts: Sequence[ItemAccount]
    matching: int


WORST_FIRST = (Status.FAIL, Status.PARTIAL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)


def item_page(
    accounts: AccountQuerySet, key: str, status: str = "", start: int = 0, size: int = 200
) -> ItemPage:
    """Eight queries. Raises KeyError for an item that is not in the catalogue."""
    item = items()[key]
    below = children(key)
    counted = item_counts(accounts, [key, *(child.key for child in below)])
    counts = counted.get(key, Counts())
    return ItemPage(
        item=item,
        parent=items()[item.parent] if item.parent else None,
        children=[_counts(child, counted) for child in below],
        counts=counts,
        organizations=[
            OrganizationAnswer(row.organization, Status(row.status), row.sentence)
            for row in OrganizationVerdict.objects.filter(item=key).select_related("organization")
        ],
        accounts=_item_accounts(accounts, key, status, start, size),
        matching=counts.of(Status(status)) if status else counts.cells,
    )


def _item_accounts(
    accounts: AccountQuerySet, key: str, status: str, start: int, size: int
) -> list[ItemAccount]:
    rank = Case(
        *(When(status=each, then=Value(place)) for place, each in enumerate(WORST_FIRST)),
        output_field=IntegerField(),
    )
    rows = within(AccountVerdict.objects.filter(item=key), accounts)
    if status:
        rows = rows.filter(status=status)
    # Sorted by what decides the order alone: sorting whole rows costs several times as much.
    ordered = rows.order_by(rank, "account__account_id").values_list("pk", flat=True)
    place = {pk: number for number, pk in enumerate(ordered[start : start + size])}
    found = AccountVerdict.objects.filter(pk__in=list(place)).defer("evidence")
    page = sorted(found.select_related("account__team"), key=lambda row: place[row.pk])
    shown = [row.account_id for row in page]
    owners = owner_addresses(shown)
    excepted = Finding.objects.filter(item=key, state=Finding.State.EXCEPTED, account__in=shown)
    left_out = set(excepted.values_list("account_id", flat=True))
    return [
        ItemAccount(
            account=row.account,
            owner=owners.get(row.account_id, ""),
            status=Status(row.status),
            reason=row.reason,
            sentence=row.sentence,
            source=Source(row.source),
            incomplete=row.incomplete,
            since=row.since,
            excepted=row.reason == Reason.EXCEPTION or row.account_id in left_out,
        )
        for row in page
    ]


def owner_addresses(accounts: Sequence[int]) -> dict[int, str]:
    """Account pk → its owner's address. One query."""
    rows = Contact.objects.filter(account__in=accounts, role="owner")
    return dict(rows.values_list("account_id", "person__email"))


def owners_to_write_to(accounts: AccountQuerySet, key: str, statuses: Sequence[str]) -> list[str]:
    """The addresses of the owners of all accounts with these statuses, sorted. One query."""
    verdicts = within(AccountVerdict.objects.filter(item=key, status__in=statuses), accounts)
    rows = Contact.objects.filter(role="owner", account__in=verdicts.values("account"))
    return sorted(set(rows.values_list("person__email", flat=True)))
