"""The pages of findings: what they say, to whom, as a page and as a file, and at what cost."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Account, Role
from roadmap.models import AccountScan, AccountVerdict, ScannerCheck
from roadmap.registry import items
from roadmap.views import findings as views
from tests.factories import NOW, signed_in
from tests.organization import PAYMENTS, PENNY, SEARCH, World
from tests.roadmap.queries.test_findings import (
    BUCKETS,
    HONEY,
    IMDS,
    NOBODYS,
    PUBLIC,
    SCAN,
    finding,
    imported,
)

pytestmark = pytest.mark.django_db

LIST = "/findings/"


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def told(html: str) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[-1]).split())


def sentence(html: str) -> str:
    return told(html.split('<p class="sentence">')[1].split("</p>")[0])


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    text = body(client.get(f"/findings/export/csv/{query}")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def titles(rows: list[dict[str, str]]) -> list[str]:
    return [row["Title"].rpartition(": ")[2] for row in rows]


def test_the_list_shows_what_is_open_unless_asked_for_more(world: World) -> None:
    finding(world.payments, "i-open")
    finding(world.payments, "i-muted", state="muted")
    finding(world.search, "i-excepted", state="excepted")
    finding(world.search, "i-resolved", state="resolved")
    client = signed_in()
    shown = page(client, LIST)
    assert sentence(shown) == "1 finding in state open"
    assert "i-open" in shown
    assert not {"i-muted", "i-excepted", "i-resolved"} & set(re.findall(r"i-\w+", shown))
    muted = page(client, f"{LIST}?state=muted")
    assert "i-muted" in muted
    assert "i-open" not in muted
    anything = page(client, f"{LIST}?state=any")
    assert "4 findings in any state" in sentence(anything)
    assert {"Open", "Muted", "Excepted", "Resolved"} <= set(
        re.findall(r'data-label="State">(\w+)', anything)
    )


def test_a_finding_leads_to_its_account_item_team_and_page(world: World) -> None:
    row = imported(world.payments, "bucket", BUCKETS)
    shown = page(signed_in(), LIST)
    for url in (
        reverse("roadmap:finding", args=[row.pk]),
        world.payments.get_absolute_url(),
        reverse("roadmap:team", args=["payments"]),
        reverse("roadmap:item", args=SCAN.split(".")),
    ):
        assert f'href="{url}"' in shown
    assert "Prowler" in shown


@pytest.mark.parametrize("by", ["account", "item", "check", "fix"])
def test_a_group_leads_to_its_findings(world: World, by: str) -> None:
    for number in range(3):
        finding(world.payments, f"i-{number}", severity="high")
    client = signed_in()
    shown = page(client, f"{LIST}?by={by}&severity=high")
    (url,) = set(re.findall(r'<td class="number" data-label="Findings"><a href="([^"]+)">3', shown))
    assert "3 findings" in sentence(page(client, url.replace("&amp;", "&")))


def test_a_finding_of_two_items_is_counted_in_both_and_the_page_says_so(world: World) -> None:
    imported(world.payments, "bucket", BUCKETS)
    assert "1 finding belongs to more than one item" in told(page(signed_in(), f"{LIST}?by=item"))


def test_pages_follow_one_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    for number in range(5):
        finding(world.payments, f"i-{number}", days=number)
    client = signed_in()
    url, seen = f"{LIST}?sort=newest", []
    while url:
        shown = page(client, url)
        seen += re.findall(r">Instance answers without token: (i-\d)<", shown)
        following = re.search(r'rel="next" href="([^"]+)"', shown)
        url = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"i-{number}" for number in range(5)]
    previous = re.search(r'rel="prev" href="([^"]+)"', shown)
    assert previous
    assert "i-3" in page(client, previous[1].replace("&amp;", "&"))


def test_htmx_gets_the_part_that_changes(world: World) -> None:
    finding(world.payments, "i-1")
    answer = signed_in().get(
        f"{LIST}?q=i-1&team=&state=open", headers={"HX-Request": "true", "HX-Target": "found"}
    )
    assert "<html" not in answer.content.decode()
    assert answer["HX-Push-Url"] == f"{LIST}?q=i-1&state=open"
    assert "HX-Request" in answer["Vary"]


def test_a_search_keeps_how_findings_are_shown(world: World) -> None:
    shown = page(signed_in(), f"{LIST}?by=item&sort=oldest&page=2")
    form = shown.split('action="/findings/"')[1].split("</form>")[0]
    assert '<input type="hidden" name="by" value="item">' in form
    assert '<input type="hidden" name="sort" value="oldest">' in form
    assert 'name="page"' not in form


def test_a_search_too_short_for_titles_says_what_to_do(world: World) -> None:
    finding(world.payments, "i-1")
    client = signed_in()
    short = page(client, f"{LIST}?q=v1")
    assert sentence(short) == "1 finding of checks whose id holds “v1” in state open"
    assert "Write three or more" in told(short)
    assert "Write three or more" in told(page(client, f"{LIST}?q=-1"))
    assert "Write three or more" not in told(page(client, f"{LIST}?q=i-1"))


HOSTILE = [
    "q=%00",
    "q=%27%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "q=" + "a+" * 1500,
    "q=%25_%5C",
    "region=%00",
    "region=%3Cscript%3E",
    "state=%3Cscript%3E",
    "severity=worse",
    "sort=%3Cscript%3E",
    "by=%3Cscript%3E",
    "by=account&page=99999999",
    "by=check&page=-1",
    "after=1-99999999999999999-1",
    "after=9-1-999999999999999999",
    "before=0-0-0",
    "before=%3Cscript%3E",
    "account=" + "9" * 5000,
    "&".join(f"item=x{number}" for number in range(900)),
    "item=none&by=item&fix=none",
    "age=%D9%A3",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_address_breaks_the_list(world: World, query: str) -> None:
    finding(world.payments, "i-1")
    shown = page(signed_in(), f"{LIST}?{query}")
    assert "<script>alert" not in shown
    assert "<script>" not in shown.split("<main")[1]
    answer: Any = signed_in(email="other@example.com").get(f"/findings/export/csv/?{query}")
    assert answer.status_code in (200, 400)
    if answer.streaming:
        b"".join(answer.streaming_content)


def test_what_a_scanner_wrote_is_text(world: World) -> None:
    name = "<script>alert(1)</script>"
    row = imported(world.payments, name, name, resource=name, detail=name, region=name)
    client = signed_in()
    for url in (LIST, f"{LIST}?by=check", f"{LIST}?by=fix", f"/findings/{row.pk}/"):
        assert "<script>alert" not in page(client, url)


def test_an_owner_finds_their_own_only(world: World) -> None:
    mine, other = finding(world.payments, "i-mine"), finding(world.search, "i-other")
    penny = signed_in(Role.OWNER, PENNY)
    for url in (LIST, f"{LIST}?account={SEARCH}&state=any", f"{LIST}?by=account"):
        assert "i-other" not in page(penny, url)
        assert world.search.get_absolute_url() not in page(penny, url)
    assert titles(exported(penny)) == ["i-mine"]
    assert titles(exported(penny, f"?row={other.pk}&row={mine.pk}")) == ["i-mine"]
    assert penny.get(f"/findings/{mine.pk}/").status_code == 200
    assert penny.get(f"/findings/{other.pk}/").status_code == 404


def test_a_restricted_items_finding_is_not_there_for_others(world: World) -> None:
    row = finding(world.payments, "i-honey", item=HONEY, code="honey_token_used")
    viewer = signed_in(Role.VIEWER)
    assert "i-honey" not in page(viewer, LIST)
    assert exported(viewer) == []
    assert viewer.get(f"/findings/{row.pk}/").status_code == 404
    assert "i-honey" in page(signed_in(email="security@example.com"), LIST)


class TestExport:
    def test_it_has_what_the_list_has_in_its_order(self, world: World) -> None:
        finding(world.payments, "i-low", severity="low")
        finding(world.payments, "i-critical", severity="critical")
        finding(world.search, "i-search")
        finding(world.payments, "i-muted", state="muted")
        row = imported(world.payments, "bucket", BUCKETS, severity="high", days=1)
        found = exported(signed_in(), "?team=payments")
        assert titles(found) == ["i-critical", "bucket", "i-low"]
        assert found[1] == {
            "Account": PAYMENTS,
            "Account name": "payments",
            "Team": "Payments",
            "Source": "Prowler",
            "Items": f"{items()[SCAN].title}, {items()[PUBLIC].title}",
            "Check": BUCKETS,
            "Severity": "high",
            "State": "open",
            "Region": "eu-west-1",
            "Resource": row.resource,
            "Title": "Check failed: bucket",
            "Detail": "",
            "First seen": f"{row.first_seen_at:%Y-%m-%dT%H:%M:%SZ}",
            "Last seen": f"{row.last_seen_at:%Y-%m-%dT%H:%M:%SZ}",
            "Resolved": "",
            "Reopened": "0",
            "Decision": "undecided",
            **dict.fromkeys(("Decided by", "Approved by", "Reason or plan", "Planned for"), ""),
            "Ends": "",
            "Due": f"{row.first_seen_at + timedelta(days=14):%Y-%m-%d}",  # high, in production
            "Overdue": "",
        }

    def test_selected_rows_or_all_that_match(self, world: World) -> None:
        rows = [finding(world.payments, f"i-{number}", days=number) for number in range(3)]
        chosen = f"?sort=newest&row={rows[2].pk}&row={rows[0].pk}&row=x&row=%D9%A3&row={'9' * 30}"
        client = signed_in()
        assert titles(exported(client, chosen)) == ["i-0", "i-2"]
        assert titles(exported(client, f"{chosen}&all=1")) == ["i-0", "i-1", "i-2"]
        assert titles(exported(client, f"?q=i-1&row={rows[0].pk}")) == []

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1"])
    def test_no_cell_is_a_formula(self, world: World, text: str) -> None:
        imported(world.payments, "x", NOBODYS, title=text, resource=text)
        client = signed_in()
        (row,) = exported(client)
        assert (row["Title"], row["Resource"]) == (f"'{text}", f"'{text}")
        cells = self.workbook(client)[1]
        assert f"'{text}" in cells
        (record,) = json.loads(body(client.get("/findings/export/json/")))
        assert record["Title"] == text  # JSON has no formulas

    @staticmethod
    def workbook(client: Client, query: str = "") -> list[tuple[Any, ...]]:
        content = body(client.get(f"/findings/export/xlsx/{query}"))
        return [*openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values]

    def test_a_workbook_takes_any_text(self, world: World) -> None:
        imported(world.payments, "x", NOBODYS, resource="a\x01b\x0bc")
        head, row = self.workbook(signed_in())
        assert row[head.index("Resource")] == "a\ufffdb\ufffdc"

    def test_a_workbook_too_large_says_what_to_do(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "MOST_IN_A_WORKBOOK", 2)
        for number in range(3):
            finding(world.payments, f"i-{number}")
        client = signed_in()
        answer = client.get("/findings/export/xlsx/")
        assert answer.status_code == 400
        assert "add a filter" in answer.content.decode()
        assert len(self.workbook(client, "?q=i-1")) == 2
        assert len(exported(client)) == 3

    def test_no_other_format_is_written(self, world: World) -> None:
        assert signed_in().get("/findings/export/exe/").status_code == 404

    def test_its_queries_do_not_grow_with_findings(self, world: World) -> None:
        client = signed_in()

        def number() -> int:
            with CaptureQueriesContext(connection) as captured:
                exported(client)
            return len(captured)

        finding(world.payments, "i-0")
        before = number()
        for one in range(30):
            finding(world.search, f"more-{one}")
        assert number() == before


class TestOneFinding:
    def verdict(self, account: Account, item: str) -> None:
        AccountVerdict.objects.create(
            account=account, item=item, status="fail", source="automatic", sentence="Bad.",
            evidence={}, digest="x", since=NOW,
        )  # fmt: skip

    def test_it_says_since_when_from_whom_and_leads_to_the_verdict(self, world: World) -> None:
        self.verdict(world.payments, SCAN)
        ScannerCheck.objects.create(
            tool="prowler", check_id=BUCKETS, title="Buckets are closed", severity="grave"
        )
        AccountScan.objects.create(
            account=world.payments, tool="prowler", scanned_at=datetime(2026, 11, 20, 8, tzinfo=UTC)
        )
        row = imported(
            world.payments, "bucket", BUCKETS, severity="", detail="Anyone reads it.", reopened=2,
            first_seen_at=datetime(2026, 10, 1, 7, tzinfo=UTC),
        )  # fmt: skip
        html = page(signed_in(), f"/findings/{row.pk}/")
        for words in (
            "No severity given",
            "Anyone reads it.",
            "Buckets are closed",
            "grave",
            "2026-10-01 07:00 UTC",
            "2026-11-20 08:00 UTC",
            "2 times",
            " ".join(items()[SCAN].fix.text.split()[:5]),
        ):
            assert words in told(html)
        assert reverse("roadmap:verdict", args=[PAYMENTS, *SCAN.split(".")]) in html
        assert "has not been judged for this account" in told(html)  # the other item

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"state": "muted"}, "reports it as muted"),
            ({"state": "excepted"}, "An exception stands in the place of the rule"),
            ({"state": "resolved", "resolved_at": NOW}, "Resolved 2026-11-01 12:00 UTC"),
            ({"is_organization_wide": True}, "concerns the organization as a whole"),
        ],
        ids=["muted", "excepted", "resolved", "organization"],
    )
    def test_its_state_is_said(self, world: World, more: dict[str, Any], words: str) -> None:
        plain, row = finding(world.payments, "i-0"), finding(world.payments, "i-1", **more)
        client = signed_in()
        assert words in told(page(client, f"/findings/{row.pk}/"))
        assert words not in told(page(client, f"/findings/{plain.pk}/"))

    def test_a_check_of_no_item_counts_nowhere_and_says_so(self, world: World) -> None:
        row = imported(world.payments, "stray", NOBODYS)
        check = ScannerCheck.objects.create(tool="prowler", check_id=NOBODYS)
        html = page(signed_in(), f"/findings/{row.pk}/")
        assert "belongs to no item" in told(html)
        assert reverse("roadmap:check", args=[check.pk]) in html

    @pytest.mark.parametrize("pk", [0, 99999999, "9" * 30])
    def test_what_is_not_there_is_not_found(self, world: World, pk: Any) -> None:
        assert signed_in().get(f"/findings/{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("url", "query", "words"),
    [
        ("/", "", "3 open findings"),
        (f"/accounts/{PAYMENTS}/", f"?account={PAYMENTS}", "2 open findings"),
        ("/roadmap/surface/imdsv2/", f"?item={IMDS}", "2 open findings"),
    ],
    ids=["overview", "account", "item"],
)
def test_pages_lead_to_as_many_findings_as_they_say(
    world: World, url: str, query: str, words: str
) -> None:
    finding(world.payments, "i-own")
    finding(world.search, "i-other")
    finding(world.search, "i-muted", state="muted")
    imported(world.payments, "bucket", BUCKETS)
    client = signed_in()
    link = f'<a href="{LIST}{query}">{words}</a>'
    assert link in page(client, url)
    assert sentence(page(client, f"{LIST}{query}")).startswith(f"{words[0]} finding")


def test_pages_without_findings_lead_nowhere(world: World) -> None:
    client = signed_in()
    for url in ("/", f"/accounts/{PAYMENTS}/", "/roadmap/surface/imdsv2/"):
        assert "open finding" not in page(client, url)


@pytest.mark.parametrize(
    "url", [LIST, f"{LIST}?by=account", f"{LIST}?by=item&q=i", f"{LIST}?item={IMDS}&owner=none"]
)
@pytest.mark.parametrize("role", [Role.SECURITY, Role.VIEWER, Role.OWNER])
def test_queries_do_not_grow_with_findings(world: World, url: str, role: Role) -> None:
    client = signed_in(role, PENNY if role == Role.OWNER else "reader@example.com")

    def number() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, url)
        return len(captured)

    for account in world.accounts:
        finding(account, "i-0")
        imported(account, "i-0", BUCKETS)
    page(client, url)
    before = number()
    for one in range(20):
        finding(world.payments, f"i-more-{one}")
        imported(world.search, f"i-more-{one}", f"check_{one}")
    assert number() == before <= 17


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.SECURITY, True), (Role.VIEWER, False), (Role.OWNER, False)]
)
def test_it_leads_to_the_import_whoever_may(role: Role, offered: bool) -> None:
    assert (reverse("roadmap:import_findings") in page(signed_in(role), LIST)) is offered


def test_it_needs_a_sign_in() -> None:
    for url in (LIST, "/findings/1/", "/findings/export/csv/"):
        assert Client().get(url).status_code == 302
