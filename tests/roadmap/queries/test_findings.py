"""Findings as they are listed, narrowed, counted and grouped, and who sees which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from inventory.filters import describe
from inventory.models import Account, Role, User
from roadmap.finding_filters import FindingFilters
from roadmap.models import Finding, ScannerCheck
from roadmap.queries import finding_groups, findings
from roadmap.queries.findings import Count, Place
from tests.factories import UserFactory
from tests.organization import PAYMENTS, PENNY, SAM, SEARCH, World

pytestmark = pytest.mark.django_db

IMDS, SCAN, PUBLIC = "surface.imdsv2", "visibility.initial_scan", "surface.no_public"
HONEY = "refinement.honey_tokens"
BUCKETS = "s3_bucket_public_access"  # of two items
INSTANCES = "ec2_instance_imdsv2_enabled"  # of one
NOBODYS = "made_up_check"  # of none
DAY = timedelta(days=1)


def finding(account: Account, name: str, *, days: int = 10, **more: Any) -> Finding:
    """An open finding of a resource by that name, first seen so many days ago."""
    at = datetime.now(UTC) - days * DAY
    values: dict[str, Any] = {
        "item": IMDS,
        "code": "imdsv1_instance",
        "region": "eu-west-1",
        "resource": f"arn:aws:ec2:eu-west-1:{account.account_id}:instance/{name}",
        "title": f"Instance answers without token: {name}",
        "severity": "medium",
        "first_seen_at": at,
        "last_seen_at": at,
        **more,
    }
    return Finding.objects.create(account=account, **values)


def imported(account: Account, name: str, code: str, **more: Any) -> Finding:
    values = {"source": "prowler", "item": "", "title": f"Check failed: {name}", **more}
    return finding(account, name, code=code, **values)


@pytest.fixture(autouse=True)
def found(world: World) -> None:
    finding(world.payments, "own", days=3)
    finding(world.payments, "worst", severity="critical", days=40)
    finding(world.payments, "muted", state="muted", severity="high")
    finding(world.search, "excepted", state="excepted", region="us-east-1")
    finding(world.search, "resolved", state="resolved", severity="low", days=400)
    finding(world.search, "scanned", item=SCAN, code="public_database", severity="high", days=0)
    imported(world.payments, "bucket", BUCKETS, severity="critical", days=95)
    imported(world.search, "instance", INSTANCES, severity="high", source="prowler")
    imported(world.audit, "stray", NOBODYS, severity="", source="scoutsuite", region="global")
    finding(world.audit, "honey", item=HONEY, code="honey_token_used", severity="critical")
    ScannerCheck.objects.create(tool="scoutsuite", check_id=NOBODYS)


def user(email: str = "security@example.com", role: Role = Role.SECURITY) -> User:
    made = UserFactory.create(email=email, role=role)
    made.refresh_from_db()
    return made


def narrowed(query: str, of: QuerySet[Finding] | None = None) -> QuerySet[Finding]:
    rows = Finding.objects.all() if of is None else of
    filters = FindingFilters(QueryDict(query), rows)
    assert filters.is_valid(), filters.errors
    return filters.qs


def names(rows: Any) -> set[str]:
    return {row.title.rpartition(": ")[2] for row in rows}


OPEN = {"own", "worst", "scanned", "bucket", "instance", "stray", "honey"}
EVERYTHING = OPEN | {"muted", "excepted", "resolved"}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", EVERYTHING),
        ("state=open", OPEN),
        ("state=muted", {"muted"}),
        ("state=muted&state=excepted", {"muted", "excepted"}),
        ("state=any", EVERYTHING),
        ("state=any&state=open", EVERYTHING),
        ("severity=critical", {"worst", "bucket", "honey"}),
        ("severity=low&severity=none", {"resolved", "stray"}),
        ("team=search", {"excepted", "resolved", "scanned", "instance"}),
        ("team=none", {"stray", "honey"}),
        ("environment=production", {"own", "worst", "muted", "bucket"}),
        ("organization=o-other", set()),
        (f"account={PAYMENTS}", {"own", "worst", "muted", "bucket"}),
        ("account=4444-4444-4444", {"own", "worst", "muted", "bucket"}),
        (f"owner={SAM.upper()}", {"excepted", "resolved", "scanned", "instance"}),
        ("owner=none", {"stray", "honey"}),
        (f"item={IMDS}", {"own", "worst", "muted", "excepted", "resolved", "instance"}),
        (f"item={SCAN}", {"scanned", "bucket"}),
        (f"item={PUBLIC}", {"bucket"}),
        ("item=none", {"stray"}),
        (f"item=none&item={PUBLIC}", {"stray", "bucket"}),
        ("item=no.such", set()),
        (f"fix={SCAN}", {"scanned", "bucket"}),
        (f"fix={PUBLIC}", set()),
        ("source=prowler", {"bucket", "instance"}),
        ("source=cairn", EVERYTHING - {"bucket", "instance", "stray"}),
        (f"code={NOBODYS}", {"stray"}),
        ("region=us-east-1", {"excepted"}),
        ("age=day", {"scanned"}),
        ("age=week", {"scanned", "own"}),
        ("age=90", {"bucket", "resolved"}),
        ("age=365", {"resolved"}),
        ("q=WORST", {"worst"}),
        ("q=token+own", {"own"}),
        ("q=made_up", {"stray"}),
        ("q=imdsv1_", {"own", "worst", "muted", "excepted", "resolved"}),
        (f"q=arn:aws:ec2:eu-west-1:{SEARCH}:instance/res", {"resolved"}),
        ("q=AD", {"stray"}),
        ("q=ad+up", {"stray"}),
        ("q=v1", {"own", "worst", "muted", "excepted", "resolved"}),
        ("q=ow", set()),
        ("q=ow+answers", {"own"}),
        ("q=%25", set()),
        ("q=_ed", set()),
        ("q=%00", EVERYTHING),
        ("state=open&severity=critical&team=payments", {"worst", "bucket"}),
    ],
)
def test_filters(query: str, wanted: set[str]) -> None:
    assert names(narrowed(query)) == wanted


def test_short_words_are_looked_for_in_ids_of_checks_and_the_sentence_says_so() -> None:
    def phrase(query: str) -> str:
        return describe(FindingFilters(QueryDict(query), Finding.objects.all()), user()).sentence

    assert phrase("q=s3") == "of checks whose id holds “s3”"
    assert phrase("q=s3+buckets") == "matching “s3 buckets”"


@pytest.mark.parametrize("query", ["state=green", "severity=fatal", "age=1"])
def test_a_value_that_is_no_choice_is_refused(query: str) -> None:
    assert not FindingFilters(QueryDict(query), Finding.objects.all()).is_valid()


def test_a_person_moves_a_checks_findings_to_another_item() -> None:
    ScannerCheck.objects.create(tool="prowler", check_id=BUCKETS, item=IMDS)
    assert names(narrowed(f"item={SCAN}")) == {"scanned"}
    assert "bucket" in names(narrowed(f"item={IMDS}"))


def test_an_owner_sees_findings_of_their_accounts() -> None:
    assert names(findings.visible_findings(user(PENNY, Role.OWNER))) == {
        "own",
        "worst",
        "muted",
        "bucket",
    }
    assert not findings.visible_findings(user("stranger@example.com", Role.OWNER)).exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE, Role.SECURITY, Role.ADMIN])
def test_restricted_items_findings_are_securitys(role: Role) -> None:
    ScannerCheck.objects.filter(check_id=NOBODYS).update(item=HONEY)
    seen = names(findings.visible_findings(user("reader@example.com", role)))
    hidden = {"honey", "stray"} if role in (Role.VIEWER, Role.FINANCE) else set()
    assert seen == EVERYTHING - hidden


@pytest.fixture(params=[10_000, 2], ids=["few", "many"])
def _counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "COUNTED", request.param)


def walk(sort: str, *, is_search: bool, size: int = 3) -> list[list[str]]:
    """Titles of each page, forward to the end and then back to the start."""
    rows = Finding.objects.all()
    page = findings.finding_page(rows, sort, size, is_search=is_search)
    pages = [page]
    while page.following:
        page = findings.finding_page(rows, sort, size, after=page.following, is_search=is_search)
        pages.append(page)
    while page.previous:
        page = findings.finding_page(rows, sort, size, before=page.previous, is_search=is_search)
        pages.append(page)
    return [[row.title.rpartition(": ")[2] for row in each.findings] for each in pages]


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize("is_search", [False, True], ids=["list", "search"])
@pytest.mark.parametrize(
    ("sort", "key", "reverse"),
    [
        ("worst", lambda f: (f.weight, f.first_seen_at, f.pk), True),
        ("newest", lambda f: (f.first_seen_at, f.pk), True),
        ("oldest", lambda f: (f.first_seen_at, f.pk), False),
    ],
    ids=["worst", "newest", "oldest"],
)
def test_pages_follow_each_other_and_lead_back(
    world: World, sort: str, key: Any, reverse: bool, is_search: bool
) -> None:
    same = datetime.now(UTC) - 10 * DAY
    for number in range(4):  # of one time, which only their keys tell apart
        finding(world.audit, f"same{number}", first_seen_at=same)
    ordered = sorted(Finding.objects.all(), key=key, reverse=reverse)
    wanted = [row.title.rpartition(": ")[2] for row in ordered]
    pages = walk(sort, is_search=is_search)
    forward = -(-len(wanted) // 3)
    assert [name for page in pages[:forward] for name in page] == wanted
    assert pages[forward:] == pages[: forward - 1][::-1]


def test_the_worst_come_first_and_none_is_worse_than_no_severity() -> None:
    page = findings.finding_page(Finding.objects.all(), "worst", 50)
    weights = [row.severity for row in page.findings]
    assert weights[:3] == ["critical"] * 3
    assert weights[-2:] == ["low", ""]


@pytest.mark.parametrize("is_search", [False, True], ids=["list", "search"])
def test_nothing_counts_further_than_it_must(
    monkeypatch: pytest.MonkeyPatch, is_search: bool
) -> None:
    monkeypatch.setattr(findings, "COUNTED", 4)
    rows = Finding.objects.all()
    page = findings.finding_page(rows, "worst", 3, is_search=is_search)
    assert page.count == Count(4, is_more=True)
    assert names(page.findings) == {"worst", "bucket", "honey"}
    assert findings.count(rows.filter(severity="critical")) == Count(3)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1-2", "1-2-3-4", "a-b-c", "1--3", "-1-2-3", "1-2-٣", "9" * 40 + "-1-1", "1- 2-3",
     "1-999999999999999999-3"],
)  # fmt: skip
def test_a_place_that_no_page_wrote_is_none(text: str) -> None:
    assert Place.read(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    for row in Finding.objects.all():
        assert Place.read(str(Place.of(row))) == Place.of(row)


@pytest.mark.parametrize("query", ["", "state=open", "team=search", "q=instance", f"item={SCAN}"])
@pytest.mark.parametrize("by", finding_groups.GROUPINGS)
def test_groups_sum_up_to_the_list_and_lead_to_what_they_count(by: str, query: str) -> None:
    rows = narrowed(query)
    only = QueryDict(query).getlist("item") if by == "item" else ()
    page = finding_groups.grouped(rows, by, 0, 100, only)
    assert sum(group.total for group in page.groups) - page.repeated == rows.count()
    assert page.groups
    for group in page.groups:
        address = QueryDict(query, mutable=True)
        for name, value in group.narrows.items():
            address[name] = value
        counted = narrowed(address.urlencode())
        assert counted.count() == group.total
        assert counted.filter(severity="critical").count() == group.critical
        assert counted.filter(severity="high").count() == group.high


def test_groups_have_the_words_of_what_they_are() -> None:
    def labels(by: str) -> dict[str, int]:
        page = finding_groups.grouped(Finding.objects.all(), by, 0, 100)
        return {group.label: group.total for group in page.groups}

    assert labels("account") == {"payments": 4, "search": 4, "audit": 2}
    assert labels("check") == {
        "Instance answers without token": 5,
        "Public database": 1,
        "Honey token used": 1,
        BUCKETS: 1,
        INSTANCES: 1,
        NOBODYS: 1,
    }
    assert labels("fix")[NOBODYS] == 1
    assert sorted(labels("fix").values()) == [1, 1, 2, 6]
    assert labels("item")["No item"] == 1
    assert finding_groups.grouped(Finding.objects.all(), "item", 0, 100).repeated == 1
    checks = finding_groups.grouped(Finding.objects.all(), "check", 0, 100).groups
    abouts = {group.label: group.about for group in checks}
    assert abouts["Honey token used"] == "Cairn · Honey tokens deployed"
    assert abouts[BUCKETS] == "Prowler"


@pytest.mark.parametrize("by", finding_groups.GROUPINGS)
def test_groups_come_in_pages(by: str) -> None:
    rows = Finding.objects.all()
    whole = finding_groups.grouped(rows, by, 0, 100)
    first, second = (finding_groups.grouped(rows, by, start, 2) for start in (0, 2))
    assert [*first.groups, *second.groups] == [*whole.groups][:4]
    assert (first.is_more, whole.is_more) == (True, False)


def test_the_detail_knows_its_items_and_its_scanners_words(world: World) -> None:
    ScannerCheck.objects.create(tool="prowler", check_id=BUCKETS, title="Closed", severity="grave")
    rows = findings.visible_findings(user())
    detail = findings.finding_detail(rows, Finding.objects.get(code=BUCKETS).pk)
    assert [item.key for item, _ in detail.verdicts] == [SCAN, PUBLIC]
    assert [verdict for _, verdict in detail.verdicts] == [None, None]
    assert detail.check
    assert (detail.check.severity, detail.owner, detail.line.source) == ("grave", PENNY, "Prowler")
    own = findings.finding_detail(rows, Finding.objects.get(code="public_database").pk)
    assert (own.check, own.scan, own.line.source) == (None, None, "Cairn")


def test_open_findings_are_as_many_as_their_list_has(world: World) -> None:
    security, penny = user(), user(PENNY, Role.OWNER)
    assert findings.open_findings(security) == Count(len(OPEN))
    assert findings.open_findings(security, account=world.payments) == Count(3)
    assert findings.open_findings(security, item=SCAN) == Count(2)
    assert findings.open_findings(penny, item=SCAN) == Count(1)
    assert findings.open_findings(penny, account=world.search) == Count(0)


def test_queries_do_not_grow_with_findings(world: World) -> None:
    viewer = user("viewer@example.com", Role.VIEWER)

    rows = Finding.objects.all()
    few = narrowed(f"item={SCAN}&q=a&team=search&owner=none", findings.visible_findings(viewer))
    asked: list[Callable[[], object]] = [
        lambda: findings.visible_findings(viewer),
        lambda: findings.finding_page(rows, "worst", 50),
        lambda: findings.finding_page(few, "worst", 50, is_search=True),
        *(partial(finding_groups.grouped, rows, by, 0, 100) for by in finding_groups.GROUPINGS),
    ]

    def numbers() -> list[int]:
        counted = []
        for ask in asked:
            with CaptureQueriesContext(connection) as captured:
                ask()
            counted.append(len(captured))
        return counted

    before = numbers()
    for number in range(30):
        finding(world.search, f"more{number}")
        imported(world.audit, f"more{number}", f"check{number}")
    assert numbers() == before
    assert max(before) <= 6
