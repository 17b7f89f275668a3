"""Scanners' checks: found, counted for who looks, put to an item and taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from inventory.models import PolicySetting, Role
from roadmap.models import AccountScan, CheckMove, Finding, ScannerCheck
from roadmap.registry import items
from roadmap.scanner_checks import declared, mapped
from tests import organization
from tests.factories import NOW, UserFactory
from tests.organization import PENNY, World

pytestmark = pytest.mark.django_db

OPEN = "open_port"
TOOL, KNOWN = next(iter(declared()))
(ITEM, *_) = declared()[TOOL, KNOWN]
OTHER = next(key for key in items() if key not in declared()[TOOL, KNOWN])


@pytest.fixture
def world() -> World:
    world = organization.create()
    check("prowler", OPEN, "No ports are open to the world", "fatal")
    check(TOOL, KNOWN, "What an item knows")
    for number, account in enumerate((world.payments, world.search, world.search)):
        finding(account, OPEN, f"sg-{number}")
    finding(world.payments, OPEN, "sg-9", Finding.State.RESOLVED)
    finding(world.payments, OPEN, "sg-9", source="scoutsuite")
    return world


def check(tool: str, check_id: str, title: str = "", severity: str = "high") -> ScannerCheck:
    return ScannerCheck.objects.create(tool=tool, check_id=check_id, title=title, severity=severity)


def finding(
    account: Any, code: str, resource: str, state: str = Finding.State.OPEN, source: str = "prowler"
) -> None:
    Finding.objects.create(
        account=account, source=source, code=code, resource=resource, title=code, state=state,
        first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip


def signed_in(role: Role, email: str = "") -> Client:
    client = Client()
    client.force_login(UserFactory.create(role=role, **({"email": email} if email else {})))
    return client


def listed(client: Client, query: str = "") -> dict[str, str]:
    """Check → its open findings, as the page has them."""
    page = client.get(f"/findings/checks/?{query}").content.decode().replace("<wbr>", "")
    rows = re.findall(r"findings/checks/\d+/\">([^<]+)</a>(.*?)</tr>", page, re.DOTALL)
    return {
        check: re.sub(
            r"<[^>]+>|\s", "", cells.partition('Open findings">')[2].partition("</td>")[0]
        )
        for check, cells in rows
    }


def test_checks_are_listed_with_their_open_findings(world: World) -> None:
    client = signed_in(Role.VIEWER)
    assert listed(client) == {OPEN: "3", KNOWN: "0"}
    page = client.get("/findings/checks/").content.decode().replace("<wbr>", "")
    assert "fatal" in page
    assert items()[ITEM].title in page.replace("&#x27;", "'").replace("&amp;", "&")
    assert "no item" in page


def test_an_owner_sees_the_findings_of_their_accounts(world: World) -> None:
    assert listed(signed_in(Role.OWNER, PENNY))[OPEN] == "1"


QUERIES = [
    ("find=open+port", {OPEN}),
    ("find=PORTS+world", {OPEN}),
    ("find=%25", set()),
    ("find=%00port", {OPEN}),
    (f"tool={TOOL}&find={KNOWN}", {KNOWN}),
    ("tool=nothing", set()),
    ("show=unmapped", {OPEN}),
    ("page=99", {OPEN, KNOWN}),
]


@pytest.mark.parametrize(("query", "found"), QUERIES)
def test_checks_are_found(query: str, found: set[str], world: World) -> None:
    assert set(listed(signed_in(Role.VIEWER), query)) == found


def test_a_person_puts_a_check_to_an_item_and_takes_it_back(world: World) -> None:
    client, row = signed_in(Role.SECURITY), ScannerCheck.objects.get(check_id=KNOWN)
    address = f"/findings/checks/{row.pk}/"
    for _ in range(2):
        assert client.post(address, {"item": OTHER}).status_code == 302
    assert mapped()[TOOL, KNOWN] == [OTHER]
    assert "put there by a person" in client.get(address).content.decode()
    client.post(address, {"item": ""})
    assert mapped()[TOOL, KNOWN] == declared()[TOOL, KNOWN]
    moves = CheckMove.objects.values_list("old_item", "item")
    assert list(moves) == [(OTHER, ""), ("", OTHER)]
    page = client.get(address).content.decode()
    assert "taken back" in page
    assert str(CheckMove.objects.all()[0].by) in page


def test_a_check_belongs_to_no_other_than_an_item(world: World) -> None:
    row = ScannerCheck.objects.get(check_id=OPEN)
    answer = signed_in(Role.SECURITY).post(f"/findings/checks/{row.pk}/", {"item": "no.item"})
    assert answer.status_code == 400
    assert not CheckMove.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_others_may_look_and_not_move(role: Role, world: World) -> None:
    client, row = signed_in(role), ScannerCheck.objects.get(check_id=OPEN)
    address = f"/findings/checks/{row.pk}/"
    assert "Save and judge again" not in client.get(address).content.decode()
    assert client.post(address, {"item": OTHER}).status_code == 403
    row.refresh_from_db()
    assert row.item == ""


def test_accounts_that_the_tool_scanned_are_judged_again(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    AccountScan.objects.create(account=world.search, tool="prowler", scanned_at=NOW)
    AccountScan.objects.create(account=world.payments, tool="scoutsuite", scanned_at=NOW)
    judged: list[list[int]] = []
    monkeypatch.setattr("roadmap.triggers._judge", lambda accounts, cause: judged.append(accounts))
    row = ScannerCheck.objects.get(check_id=OPEN)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(Role.SECURITY).post(f"/findings/checks/{row.pk}/", {"item": OTHER})
    assert judged == [[world.search.pk]]


def test_checks_of_restricted_items_are_for_security_alone(world: World) -> None:
    PolicySetting.objects.create(
        name="RESTRICTED_ITEMS", level=PolicySetting.Level.INSTALLATION, value=[ITEM, OTHER]
    )
    moved = check("prowler", "honey", "Put by a person")
    ScannerCheck.objects.filter(pk=moved.pk).update(item=OTHER)
    assert set(listed(signed_in(Role.VIEWER))) == {OPEN}
    assert signed_in(Role.VIEWER).get(f"/findings/checks/{moved.pk}/").status_code == 404
    assert set(listed(signed_in(Role.SECURITY))) == {OPEN, KNOWN, "honey"}
