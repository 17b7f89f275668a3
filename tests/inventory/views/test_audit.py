"""The log as it is read: the page with its filters, an entry, files, and the API."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from inventory.audit import Event, Thing, name_rows, record
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import AuditEntry, Origin, Role
from tests.factories import AccountFactory, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def security() -> Client:
    return signed_in(Role.SECURITY)


def numbers(client: Client, query: str = "") -> list[int]:
    found = client.get(f"/api/v1/audit/?{query}").json()["results"]
    return [entry["number"] for entry in found]


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/audit/?{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_change_is_told_with_links_to_what_it_is_about(security: Client) -> None:
    account = AccountFactory.create(account_id="111122223333")
    change_set = write([Edit(ACCOUNTS, account.key, {"notes": "x"})], origin=Origin.EDIT)
    assert change_set
    page = page_of(security)
    assert "Changed the inventory" in page
    assert f'href="/changes/{change_set.pk}/"' in page
    assert 'href="/accounts/111122223333/"' in page
    entry = AuditEntry.objects.get(event="change_set.applied")
    detail = security.get(f"/audit/{entry.number}/").content.decode()
    assert entry.hash in detail
    assert AuditEntry.objects.get(number=entry.number - 1).hash in detail


def test_pages_hold_fifty_and_lead_both_ways(security: Client) -> None:
    for number in range(120):
        record(Event.RUN_STARTED, Thing("run", str(number), f"Run number {number}."))
    first = page_of(security, "action=run.started")
    assert first.count("<tr>") == 51
    assert "Run number 119." in first
    assert 'rel="prev"' not in first
    older = AuditEntry.objects.get(name="Run number 70.").number
    assert f'rel="next" href="/audit/?action=run.started&amp;before={older}"' in first
    last = page_of(security, f"action=run.started&before={older - 50}")
    assert "Run number 0." in last
    assert 'rel="next"' not in last
    newer = page_of(security, f"action=run.started&after={older - 51}")
    assert "Run number 69." in newer
    assert "Run number 70." not in newer


def test_filters(security: Client) -> None:
    AuditEntry.objects.count()
    with time_machine.travel(datetime(2026, 3, 1, 23, 59, tzinfo=UTC), tick=False):
        record(Event.EXPORTED, Thing("export", "accounts", "All"), **name_rows(["account:aws:1"]))
    with time_machine.travel(datetime(2026, 3, 2, 0, 0, tzinfo=UTC), tick=False):
        record(Event.RUN_STARTED, Thing("run", "7", "Run 7 of Larkfield"))
    exported, started = AuditEntry.objects.order_by("number").filter(at__year=2026, at__month=3)
    for query, found in {
        "action=export.made": [exported.number],
        "object=larkfield": [started.number],
        "object=account:aws:1": [exported.number],
        "since=2026-03-02&until=2026-03-02": [started.number],
        "since=2026-03-01&until=2026-03-01": [exported.number],
        f"since=2026-03-01&until=2026-03-02&person={exported.actor.upper()}": [
            started.number,
            exported.number,
        ],
        f"address={exported.address}&action=export.made": [exported.number],
        "person=nobody@example.com": [],
    }.items():
        assert numbers(security, query) == found, query
    assert "No entry matches" in page_of(security, "person=nobody@example.com")


@pytest.mark.parametrize(
    "wrong", ["action=nothing", "since=yesterday", "until=9999-12-31", "since=0001-01-01"]
)
def test_what_a_filter_does_not_know_is_said(wrong: str, security: Client) -> None:
    answer = security.get(f"/audit/?{wrong}")
    assert answer.status_code == 400
    assert 'class="field-errors"' in answer.content.decode()
    assert security.get(f"/audit/export/csv/?{wrong}").status_code == 400
    assert security.get(f"/api/v1/audit/?{wrong}").status_code == 400


def test_an_export_holds_all_that_a_hash_needs_and_is_told_itself(security: Client) -> None:
    record(Event.RUN_STARTED, Thing("run", "1", '=HYPERLINK("http://x")'))
    lines = security.get("/audit/export/jsonl/").getvalue().splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert rows[-1]["event"] == "export.made"
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-2]["name"] == '=HYPERLINK("http://x")'
    assert rows[-2]["hash"] == AuditEntry.objects.get(number=rows[-2]["number"]).hash
    text = security.get("/audit/export/csv/?action=run.started").getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["name"] == '\'=HYPERLINK("http://x")'


def test_nothing_is_not_taken_for_no(security: Client) -> None:
    record(Event.RUN_STARTED, Thing("run", "1", "Run 1"), counts={"new": 0, "read": 1}, dry=False)
    page = page_of(security, "action=run.started")
    assert "counts: new 0; read 1" in page
    assert "dry: no" in page


def test_what_others_wrote_is_shown_as_text(security: Client) -> None:
    hostile = "<script>alert(1)</script>"
    record(Event.RUN_STARTED, Thing("run", "1", hostile), note=hostile, **name_rows([hostile]))
    for url in ("/audit/", f"/audit/{AuditEntry.objects.latest('number').number}/"):
        assert hostile not in security.get(url).content.decode()


def test_the_api_has_details_as_a_structure(security: Client) -> None:
    record(Event.RUN_STARTED, Thing("run", "1", "Run 1"), trigger="manual")
    (number,) = numbers(security, "action=run.started")
    entry = security.get(f"/api/v1/audit/{number}/").json()
    assert entry["details"] == {"trigger": "manual"}
    assert json.loads(entry["told"]) == entry["details"]
    assert security.delete(f"/api/v1/audit/{number}/").status_code == 405


@pytest.mark.parametrize("number", ["0", "99999999", "99999999999999999999999"])
def test_an_entry_that_is_not_there(number: str, security: Client) -> None:
    assert security.get(f"/audit/{number}/").status_code == 404
    assert security.get(f"/audit/?before={number}").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_the_log_is_for_security_and_administrators(role: Role) -> None:
    client = signed_in(role)
    for url in ("/audit/", "/audit/1/", "/audit/export/csv/", "/api/v1/audit/"):
        assert client.get(url).status_code == 403
    page = client.get("/changes/").content.decode()
    assert "/changes/" in page
    assert 'href="/audit/"' not in page
