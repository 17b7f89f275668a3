"""Many checks put to an item at once: shown first, done as shown, undone together."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Role
from roadmap.models import AccountScan, BulkMove, CheckMove, ScannerCheck
from roadmap.registry import items
from roadmap.scanner_checks import declared, mapped
from tests import organization
from tests.factories import NOW, UserFactory
from tests.organization import World

pytestmark = pytest.mark.django_db

LIST, MOVE = "/findings/checks/", "/findings/checks/move/"
ITEM, OTHER = "visibility.macie", "surface.imdsv2"
TOOL, KNOWN = next(iter(declared()))


@pytest.fixture
def client() -> Client:
    return signed_in(Role.SECURITY)


@pytest.fixture(autouse=True)
def checks() -> list[ScannerCheck]:
    """Five of Prowler that belong to no item, one of ScoutSuite, one that an item declares."""
    given = [("prowler", f"s3_{n}") for n in range(5)] + [("scoutsuite", "s3_x"), (TOOL, KNOWN)]
    return [ScannerCheck.objects.create(tool=tool, check_id=check) for tool, check in given]


@pytest.fixture
def world() -> World:
    return organization.create()


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory.create(role=role))
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def address(*rows: ScannerCheck, item: str = ITEM, **more: str) -> str:
    asked = [("item", item), *more.items(), *(("row", str(row.pk)) for row in rows)]
    return f"{MOVE}?{'&'.join(f'{name}={value}' for name, value in asked)}"


def shown(client: Client, url: str) -> str:
    """The digest of what the page of that address shows."""
    found = re.search(r'name="digest" value="(\w+)"', text_of(client.get(url)))
    assert found
    return found[1]


def moved(client: Client, url: str) -> BulkMove:
    assert client.post(url, {"digest": shown(client, url)}).status_code == 302
    return BulkMove.objects.latest("pk")


def places() -> dict[str, str]:
    return dict(ScannerCheck.objects.exclude(item="").values_list("check_id", "item"))


def test_what_would_change_is_shown_and_then_done(
    client: Client, checks: list[ScannerCheck], world: World
) -> None:
    AccountScan.objects.create(account=world.search, tool="prowler", scanned_at=NOW)
    AccountScan.objects.create(account=world.payments, tool="prowler", scanned_at=NOW)
    AccountScan.objects.create(account=world.management, tool="scoutsuite", scanned_at=NOW)
    ScannerCheck.objects.filter(check_id="s3_1").update(item=OTHER)
    ScannerCheck.objects.filter(check_id="s3_2").update(item=ITEM)
    url = address(*checks[:3])
    page = text_of(client.get(url))
    assert "2 checks would move, and belong to this item alone then; 1 is there already." in page
    assert "2 accounts are judged again." in page
    assert "Move 2 checks" in page
    assert items()[OTHER].title in page
    assert "s3_2" not in page
    assert places() == {"s3_1": OTHER, "s3_2": ITEM}
    bulk = moved(client, url)
    assert places() == {"s3_0": ITEM, "s3_1": ITEM, "s3_2": ITEM}
    history = bulk.moves.order_by("pk").values_list("scanner_check__check_id", "old_item", "item")
    assert list(history) == [("s3_0", "", ITEM), ("s3_1", OTHER, ITEM)]
    assert {one.by for one in bulk.moves.all()} == {bulk.by}
    assert mapped()["prowler", "s3_0"] == [ITEM]


def test_all_that_match_are_moved_and_the_filters_stay(client: Client) -> None:
    for number in range(120):
        ScannerCheck.objects.create(tool="prowler", check_id=f"s3_more_{number}")
    filters = {"find": "s3", "tool": "prowler", "show": "unmapped"}
    url = address(all="1", **filters)
    page = text_of(client.get(url))
    assert "125 checks would move" in page
    assert "And 25 more." in page
    back = f"{LIST}?find=s3&tool=prowler&show=unmapped"
    assert f'href="{back.replace("&", "&amp;")}"' in page
    answer = client.post(url, {"digest": shown(client, url)})
    assert answer.headers["Location"] == back
    assert len(places()) == 125
    page = text_of(client.get(back))
    assert "125 checks put to" in page
    assert f'href="{BulkMove.objects.get().get_absolute_url()}"' in page


def test_the_list_hands_its_filters_on(client: Client) -> None:
    page = text_of(client.get(f"{LIST}?find=s3&tool=prowler&show=unmapped"))
    for name, value in (("find", "s3"), ("tool", "prowler"), ("show", "unmapped")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert "All 5 that match" in page
    assert page.count('name="row" form="bulk"') == 5


def test_accounts_are_judged_once_for_all_of_it(
    client: Client,
    checks: list[ScannerCheck],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    for account, tool in ((world.search, "prowler"), (world.payments, "scoutsuite")):
        AccountScan.objects.create(account=account, tool=tool, scanned_at=NOW)
    judged: list[list[int]] = []
    monkeypatch.setattr("roadmap.triggers._judge", lambda accounts, cause: judged.append(accounts))
    both = sorted([world.search.pk, world.payments.pk])
    with django_capture_on_commit_callbacks(execute=True):
        bulk = moved(client, address(*checks[:6]))
    assert judged == [both]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{bulk.get_absolute_url()}undo/")
    assert judged == [both, both]


def test_what_is_not_as_shown_any_more_is_shown_again_and_not_done(
    client: Client, checks: list[ScannerCheck]
) -> None:
    url = address(all="1", tool="prowler", find="s3")
    digest = shown(client, url)
    checks[0].item = OTHER
    checks[0].save()
    answer = client.post(url, {"digest": digest})
    assert answer.status_code == 409
    assert "Nothing was written" in text_of(answer)
    assert places() == {"s3_0": OTHER}
    digest = shown(client, url)
    ScannerCheck.objects.create(tool="prowler", check_id="s3_new")
    assert client.post(url, {"digest": digest}).status_code == 409
    assert not BulkMove.objects.exists()
    moved(client, url)
    assert len(places()) == 6


def test_a_second_click_changes_nothing(client: Client, checks: list[ScannerCheck]) -> None:
    url = address(*checks[:2])
    digest = shown(client, url)
    for _ in range(2):
        assert client.post(url, {"digest": digest}).status_code == 302
    assert CheckMove.objects.count() == 2
    assert BulkMove.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_moves(checks: list[ScannerCheck]) -> None:
    clients = [signed_in(Role.SECURITY), signed_in(Role.ADMIN)]
    urls = [address(*checks[:5]), address(*checks[3:6], item=OTHER)]
    digests = [shown(*both) for both in zip(clients, urls, strict=True)]
    gate = threading.Barrier(2)
    answers: list[int] = []

    def click(number: int) -> None:
        gate.wait()
        try:
            answer = clients[number].post(urls[number], {"digest": digests[number]})
            answers.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert set(places().values()) in ({ITEM}, {OTHER})
    assert CheckMove.objects.count() == len(places())


def test_a_move_is_undone_together_and_redone(client: Client, checks: list[ScannerCheck]) -> None:
    ScannerCheck.objects.filter(check_id="s3_1").update(item=OTHER)
    bulk = moved(client, address(*checks[:3]))
    page = text_of(client.get(bulk.get_absolute_url()))
    assert "Undoing it moves 3 checks back to where they were before. 0 accounts" in page
    client.post(f"{bulk.get_absolute_url()}undo/")
    assert places() == {"s3_1": OTHER}
    undoing = BulkMove.objects.latest("pk")
    assert undoing.undoes == bulk
    assert f'as <a class="in-text" href="{undoing.get_absolute_url()}"' in text_of(
        client.get(bulk.get_absolute_url())
    )
    assert f"Redo move {bulk.pk}" in text_of(client.get(undoing.get_absolute_url()))
    client.post(f"{undoing.get_absolute_url()}undo/")
    assert places() == {"s3_0": ITEM, "s3_1": ITEM, "s3_2": ITEM}
    assert CheckMove.objects.count() == 9


def test_undoing_leaves_what_somebody_moved_since(
    client: Client, checks: list[ScannerCheck]
) -> None:
    bulk = moved(client, address(*checks[:3]))
    for item in (OTHER, ITEM):  # Away and back: it is where that person wants it.
        client.post(f"{LIST}{checks[0].pk}/", {"item": item})
    page = text_of(client.get(bulk.get_absolute_url()))
    assert "moves 2 checks back to where they were before. The others were moved again" in page
    client.post(f"{bulk.get_absolute_url()}undo/")
    assert places() == {"s3_0": ITEM}
    answer = client.post(f"{bulk.get_absolute_url()}undo/", follow=True)
    assert "Nothing was moved back" in text_of(answer)
    assert "Undo this move" not in text_of(answer)
    assert BulkMove.objects.count() == 2


def test_checks_are_taken_back_to_where_the_items_declare_them(
    client: Client, checks: list[ScannerCheck]
) -> None:
    moved(client, address(checks[0], checks[6]))
    assert mapped()[TOOL, KNOWN] == [ITEM]
    url = address(checks[0], checks[6], item="declared")
    page = text_of(client.get(url))
    assert "Take back 2 checks" in page
    assert items()[declared()[TOOL, KNOWN][0]].order in page
    moved(client, url)
    assert mapped()[TOOL, KNOWN] == declared()[TOOL, KNOWN]
    assert places() == {}


def test_the_page_of_a_check_leads_to_the_others(
    client: Client, checks: list[ScannerCheck]
) -> None:
    bulk = moved(client, address(*checks[:3]))
    link = f'href="{bulk.get_absolute_url()}"'
    assert link in text_of(client.get(f"{LIST}{checks[0].pk}/"))
    assert link not in text_of(client.get(f"{LIST}{checks[4].pk}/"))
    told = text_of(signed_in(Role.VIEWER).get(f"{LIST}{checks[0].pk}/"))
    assert "with others" in told
    assert link not in told


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_others_may_look_and_not_move(
    role: Role, client: Client, checks: list[ScannerCheck]
) -> None:
    url = address(*checks[:2])
    digest, bulk = shown(client, url), moved(client, address(checks[4]))
    other = signed_in(role)
    page = text_of(other.get(LIST))
    assert 'name="row"' not in page
    assert MOVE not in page
    for answer in (
        other.get(url),
        other.post(url, {"digest": digest}),
        other.get(bulk.get_absolute_url()),
        other.post(f"{bulk.get_absolute_url()}undo/"),
    ):
        assert answer.status_code == 403
    assert places() == {"s3_4": ITEM}


NOTHING = [
    pytest.param("", "Choose the item", id="nothing"),
    pytest.param("item=no.item&all=1", "Choose the item", id="no such item"),
    pytest.param(f"item={ITEM}", "No check was chosen", id="no check"),
    pytest.param(f"item={ITEM}&row=x&row=-1&row={'9' * 30}", "No check was chosen", id="no keys"),
    pytest.param(f"item={ITEM}&row=999999", "No check was chosen", id="no such check"),
    pytest.param("item=declared&all=1", "are there already", id="where they are"),
]


@pytest.mark.parametrize(("query", "told"), NOTHING)
def test_what_would_change_nothing_leads_back(query: str, told: str, client: Client) -> None:
    answer = client.get(f"{MOVE}?{query}&tool=prowler", follow=True)
    assert answer.redirect_chain == [(f"{LIST}?tool=prowler", 302)]
    assert told in text_of(answer)


def test_thousands_are_moved_in_few_queries(client: Client) -> None:
    ScannerCheck.objects.bulk_create(
        ScannerCheck(tool="prowler", check_id=f"bulk_{number}") for number in range(3000)
    )
    few, many = address(all="1", find="s3_0"), address(all="1", find="bulk")
    counts = []
    for url in (few, many):
        with CaptureQueriesContext(connection) as queries:
            digest = shown(client, url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as queries:
        client.post(many, {"digest": digest})
    assert len(queries) < 40
    assert len(places()) == 3000
