"""Findings as pages, exports and the API list them: a page, a count and one with all about it.

A million of them may be there, so nothing counts further than ``COUNTED``, and a page begins where
the one before ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db.models import (
    BooleanField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Max,
    QuerySet,
    Value,
)

from inventory.access import Anyone, sees_everything
from inventory.models import Account, Contact, ContactRole
from inventory.models.accounts import AccountQuerySet
from roadmap.decided import is_open
from roadmap.finding_filters import of_checks, of_items
from roadmap.models import AccountScan, AccountVerdict, Finding, ScannerCheck
from roadmap.queries.counts import within
from roadmap.queries.finding_answers import WITH_ACCOUNT, FindingAnswer, answers_of
from roadmap.registry import Item, items
from roadmap.restricted import hidden_from
from roadmap.scanner_checks import mapped
from roadmap.scans import CheckKey, label_of

COUNTED = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Sorting → columns, all of them from the end or all from the start.
SORTS: Mapping[str, tuple[str, ...]] = {
    "worst": ("-weight", "-first_seen_at", "-id"),
    "newest": ("-first_seen_at", "-id"),
    "oldest": ("first_seen_at", "id"),
}
Findings = QuerySet[Finding]


def seen_accounts(user: Anyone) -> AccountQuerySet:
    """Accounts whose findings one may see. One's own are looked up by themselves: the database then
    knows how few they are, and finds rows of theirs by an index instead of asking of each row whose
    it is."""
    accounts = Account.objects.visible_to(user)
    if sees_everything(user):
        return accounts
    return Account.objects.filter(pk__in=list(accounts.order_by().values_list("pk", flat=True)))


def visible_findings(user: Anyone) -> Findings:
    """Those of the accounts one may see, without what belongs to items whose details one may not.
    Up to three queries."""
    found = within(Finding.objects.all(), seen_accounts(user))
    if hidden := hidden_from(user):
        found = found.exclude(item__in=hidden)
        checks = [check for check, belongs in mapped().items() if not hidden.isdisjoint(belongs)]
        if checks:
            found = found.exclude(of_checks(checks))
    return found


@dataclass(frozen=True)
class Count:
    """``number`` rows, or where ``is_more`` more than that."""

    number: int
    is_more: bool = False

    @classmethod
    def of(cls, number: int) -> Self:
        return cls(min(number, COUNTED), number > COUNTED)


def count(rows: QuerySet[Finding]) -> Count:
    """One query."""
    return Count.of(rows.order_by()[: COUNTED + 1].count())


def open_findings(user: Anyone, *, account: Account | None = None, item: str = "") -> Count:
    """What a link to the open findings of an account or an item leads to. One query, and up to
    three that find out what belongs to an item or is hidden."""
    rows = visible_findings(user).filter(is_open())
    if account is not None:
        rows = rows.filter(account=account)
    return count(rows.filter(of_items([item])) if item else rows)


def last_scanned(accounts: AccountQuerySet) -> datetime | None:
    """When a scanner last said anything of these accounts. One query."""
    scans = within(AccountScan.objects.order_by(), accounts)
    found: datetime | None = scans.aggregate(at=Max("scanned_at"))["at"]
    return found


@dataclass(frozen=True)
class Place:
    """A row's place in any sorting, as an address holds it."""

    weight: int
    first_seen_at: datetime
    pk: int

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(finding.weight, finding.first_seen_at, finding.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for anything that no page has written."""
        parts = text.split("-")
        if len(parts) != 3 or not all(
            part.isascii() and part.isdigit() and len(part) <= 18 for part in parts
        ):
            return None
        weight, at, pk = map(int, parts)
        try:
            return cls(min(weight, 9), EPOCH + timedelta(microseconds=at), pk)
        except OverflowError:
            return None

    def __str__(self) -> str:
        at = (self.first_seen_at - EPOCH) // timedelta(microseconds=1)
        return f"{self.weight}-{max(at, 0)}-{self.pk}"

    def values(self, columns: Sequence[str]) -> list[Value]:
        """What the row has in the columns of a sorting."""
        held = {
            "weight": Value(self.weight),
            "first_seen_at": Value(self.first_seen_at, output_field=DateTimeField()),
            "id": Value(self.pk),
        }
        return [held[name] for name in columns]


@dataclass(frozen=True)
class Line:
    """A finding in a list, its account and team loaded; ``items`` are those it belongs to."""

    finding: Finding
    items: Sequence[Item]
    source: str
    answer: FindingAnswer


@dataclass(frozen=True)
class FindingPage:
    """``findings`` have their accounts and teams loaded. ``previous`` and ``following`` are the
    places that those pages begin beside, if any."""

    findings: Sequence[Finding]
    count: Count
    previous: Place | None
    following: Place | None


def finding_page(
    rows: Findings,
    sort: str,
    size: int,
    *,
    after: Place | None = None,
    before: Place | None = None,
    skipped: int = 0,
    is_search: bool = False,
) -> FindingPage:
    """Two queries. ``skipped`` rows are passed over, which takes longer the more they are.
    ``is_search`` is said where finding rows may read all of them: they are then looked for once,
    and asked for by their keys."""
    turned = before is not None
    if is_search:
        keys = list(rows.order_by().values_list("pk", flat=True)[: COUNTED + 1])
        counted = Count.of(len(keys))
        rows = rows if counted.is_more else Finding.objects.filter(pk__in=keys)
    else:
        counted = count(rows)
    order = _order(sort, turned=turned)
    beside = _beside(rows, order, before or after)
    found = _first(beside, order, skipped, size + 1, of_many=counted.is_more)
    is_more, found = len(found) > size, found[:size]
    if turned:
        found.reverse()
    has_previous = is_more if turned else bool(after or skipped)
    has_following = turned or is_more
    return FindingPage(
        found,
        counted,
        Place.of(found[0]) if found and has_previous else None,
        Place.of(found[-1]) if found and has_following else None,
    )


def _order(sort: str, *, turned: bool) -> Sequence[str]:
    """The columns to order by, ``turned`` the other way round."""
    columns = SORTS[sort]
    if not turned:
        return columns
    return [name[1:] if name.startswith("-") else f"-{name}" for name in columns]


def _beside(rows: Findings, order: Sequence[str], place: Place | None) -> Findings:
    """Those that come after a place in the order."""
    if place is None:
        return rows
    columns = [name.removeprefix("-") for name in order]
    # A comparison of row values, by which an index is entered in its middle. Django has one too,
    # but spells it out for SQLite, which then walks from the index's start.
    row = Func(*columns, function="", output_field=IntegerField())
    values = Func(*place.values(columns), function="", output_field=IntegerField())
    sign = " < " if order[0].startswith("-") else " > "
    beyond = Func(
        row, values, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField()
    )
    return rows.filter(beyond)


def _first(
    rows: Findings, order: Sequence[str], skipped: int, size: int, *, of_many: bool
) -> list[Finding]:
    """Rows of many are met soon by walking an index in their order. Those of few might be met past
    a million others: no index has the order that starts with a constant, so that the database finds
    them by their filters and sorts what it found."""
    by = order if of_many else (F("weight") * 0, *order)
    keys = rows.order_by(*by).values("pk")[skipped : skipped + size]
    found = Finding.objects.filter(pk__in=keys).select_related(*WITH_ACCOUNT)
    return list(found.order_by(*order))


def lines(findings: Iterable[Finding]) -> list[Line]:
    """Three queries."""
    found = list(findings)
    belongs, answers = mapped(), answers_of(found)
    return [
        Line(one, items_of(one, belongs), source_of(one.source), answers[one.pk]) for one in found
    ]


def items_of(finding: Finding, belongs: Mapping[CheckKey, Sequence[str]]) -> list[Item]:
    """Items of the catalogue, in its order."""
    keys: Collection[str] = [finding.item] if finding.item else ()
    catalogue = items()
    keys = keys or belongs.get((finding.source, finding.code), ())
    return [catalogue[key] for key in keys if key in catalogue]


def source_of(source: str) -> str:
    return "Cairn" if source == Finding.OWN else label_of(source)


@dataclass(frozen=True)
class FindingDetail:
    """``verdicts`` are those of its items for its account, None where an item was not judged;
    ``check`` and ``scan`` what its scanner says of the check and last said of the account."""

    line: Line
    verdicts: Sequence[tuple[Item, AccountVerdict | None]]
    owner: str
    check: ScannerCheck | None
    scan: AccountScan | None

    @property
    def finding(self) -> Finding:
        return self.line.finding


def finding_detail(rows: Findings, pk: int) -> FindingDetail:
    """Eight queries at most. Raises Finding.DoesNotExist."""
    finding = rows.select_related(*WITH_ACCOUNT).get(pk=pk)
    (line,) = lines([finding])
    account = finding.account
    stored = {
        verdict.item: verdict
        for verdict in AccountVerdict.objects.filter(
            account=account, item__in=[item.key for item in line.items]
        ).defer("evidence")
    }
    owner = Contact.objects.filter(account=account, role=ContactRole.OWNER)
    check, scan = None, None
    if finding.source != Finding.OWN:
        check = ScannerCheck.objects.filter(tool=finding.source, check_id=finding.code).first()
        scans = AccountScan.objects.filter(account=account, tool=finding.source)
        scan = scans.defer("regions", "results").first()
    return FindingDetail(
        line,
        [(item, stored.get(item.key)) for item in line.items],
        owner.values_list("person__email", flat=True).first() or "",
        check,
        scan,
    )
