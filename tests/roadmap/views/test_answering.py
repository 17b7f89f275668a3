"""Answers for many at once, by list and by file, and those that have to be given again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Role
from roadmap.models import AccountVerdict, Attestation
from tests import organization
from tests.factories import UserFactory, signed_in
from tests.organization import PAYMENTS, PENNY, SEARCH, World

pytestmark = pytest.mark.django_db

MANY = "/attestations/many/"
IMPORT = "/attestations/import/"
ITEM = "incident.blast_radius"
URL = "https://wiki.example.com/review"


@pytest.fixture
def world() -> World:
    return organization.create()


def answer(**more: str) -> dict[str, str]:
    told = {"item": f"{ITEM}:account", "claim": "not_done", "statement": "Not split yet."}
    return told | more


def given() -> set[tuple[str, str]]:
    rows = Attestation.objects.filter(item=ITEM, account__isnull=False)
    return set(rows.values_list("account__account_id", "claim"))


def test_one_answer_is_given_for_many_accounts(world: World) -> None:
    client = signed_in()
    assert f'value="{ITEM}:account"' in client.get(MANY).content.decode()
    targets = f"{PAYMENTS}\n5555-5555-5555\n"
    assert client.post(MANY, answer(targets=targets)).status_code == 302
    assert given() == {(PAYMENTS, "not_done"), (SEARCH, "not_done")}


def test_the_accounts_of_many_answers_are_judged_in_one_pass(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as passes:
        signed_in().post(MANY, answer(targets=f"{PAYMENTS}\n{SEARCH}"))
    assert len(passes) == 1
    passes[0]()
    judged = AccountVerdict.objects.filter(item=ITEM).values_list("account__account_id", flat=True)
    assert set(judged) == {PAYMENTS, SEARCH}


def test_with_one_bad_target_nothing_is_recorded(world: World) -> None:
    shown = signed_in().post(MANY, answer(targets=f"{PAYMENTS}\n12\n999999999999"))
    page = shown.content.decode()
    assert "There is no account 999999999999 that you see" in page
    assert "Row 2" in page
    assert given() == set()


def test_an_owner_answers_for_their_accounts_only(world: World) -> None:
    client = signed_in(Role.OWNER, PENNY)
    shown = client.post(MANY, answer(targets=f"{PAYMENTS}\n{SEARCH}")).content.decode()
    assert f"There is no account {SEARCH} that you see" in shown
    assert given() == set()
    client.post(MANY, answer(targets=PAYMENTS))
    assert given() == {(PAYMENTS, "not_done")}


def test_answers_are_read_from_a_file_with_their_details(world: World) -> None:
    rows = (
        "item,level,target,claim,statement,url,held_on,contain_minutes\n"
        f"incident.practice,organization,{organization.ORGANIZATION},done,Played,{URL},2026-10-01,95\n"
        f"{ITEM},account,{PAYMENTS},not done,Not split,,,\n"
        "incident.practice,team,payments,not_done,Not yet,,,\n"
    )
    file = SimpleUploadedFile("answers.csv", rows.encode(), "text/csv")
    assert signed_in().post(IMPORT, {"file": file}).status_code == 302
    practised = Attestation.objects.get(item="incident.practice", organization__isnull=False)
    assert practised.details == {"held_on": "2026-10-01", "contain_minutes": 95}
    assert given() == {(PAYMENTS, "not_done")}
    assert Attestation.objects.get(team__isnull=False).team == world.payments_team


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        pytest.param("surface.moat,account,{a},done,Yes,{u},", "item", "is no item", id="item"),
        pytest.param("{i},galaxy,{a},done,Yes,{u},", "level", "Write one of account", id="level"),
        pytest.param("{i},account,123,done,Yes,{u},", "target", "12", id="target"),
        pytest.param("{i},account,{a},maybe,Yes,{u},", "claim", "Choose one of", id="claim"),
        pytest.param("{i},account,{a},done,,{u},", "statement", "Say in a sentence", id="blank"),
        pytest.param("{i},account,{a},done,Yes,,", "url", "Add a link", id="no link"),
        pytest.param("{i},account,{a},done,Yes,{u},soon", "expires_on", "Write a day", id="day"),
        pytest.param("{i},team,payments,done,Yes,{u},", "level", "not something", id="no team"),
    ],
)
def test_a_row_that_is_wrong_is_named_and_nothing_is_recorded(
    world: World, row: str, column: str, told: str
) -> None:
    header = "item,level,target,claim,statement,url,expires_on\n"
    good = f"{ITEM},account,{SEARCH},not_done,Not split,,\n"
    pasted = header + good + row.format(i=ITEM, a=PAYMENTS, u=URL) + "\n"
    shown = signed_in().post(IMPORT, {"pasted": pasted}).content.decode()
    assert "Nothing was recorded" in shown
    assert "Row 3" in shown
    assert f'data-label="Column">{column}<' in shown
    assert told in shown
    assert not Attestation.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "Choose a file or paste rows", id="nothing"),
        pytest.param(b"a,b\n1,2\n", "no column item, target, claim, statement", id="columns"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", id="no spreadsheet"),
    ],
)
def test_a_file_that_holds_no_answers_says_why(world: World, content: bytes, told: str) -> None:
    given_file = {"file": SimpleUploadedFile("answers.csv", content)} if content else {}
    shown = signed_in().post(IMPORT, given_file)
    assert shown.status_code == 200
    assert told in shown.content.decode()


def test_answers_that_end_soon_are_listed_until_they_are_given_again(world: World) -> None:
    client = signed_in()
    now = datetime.now(UTC)

    def gave(days: int, statement: str) -> Attestation:
        return Attestation.objects.create(
            item=ITEM,
            account=world.payments,
            claim="done",
            statement=statement,
            expires_at=now + timedelta(days=days),
        )

    old = gave(29, "Said long ago.")
    assert "Said long ago." in client.get("/attestations/").content.decode()
    Attestation.objects.filter(pk=old.pk).update(expires_at=now - timedelta(days=1))
    assert "Said long ago." not in client.get("/attestations/").content.decode()
    assert "Said long ago." in client.get("/attestations/?show=expired").content.decode()
    gave(300, "Said anew.")
    assert "Said long ago." not in client.get("/attestations/?show=expired").content.decode()
    assert "Said anew." in client.get("/attestations/?show=all").content.decode()


def test_the_latest_answer_about_each_thing_stands(world: World) -> None:
    """Of the account, of its team, and of two things of the account that an answer may be about."""
    now = datetime.now(UTC)
    targets = (
        {"account": world.payments},
        {"account": world.search},
        {"team": world.payments_team},
        {"organization": world.organization},
        {"account": world.payments, "about": "a@example.com"},
    )
    for hours, statement in ((10, "Earlier."), (20, "Later.")):
        for target in targets:
            Attestation.objects.create(
                item=ITEM,
                claim="done",
                statement=statement,
                expires_at=now + timedelta(hours=hours),
                **target,
            )
    withdrawn = Attestation.objects.filter(account=world.search, statement="Later.")
    withdrawn.update(withdrawn_at=now)
    page = signed_in().get("/attestations/").content.decode()
    assert "End soon 5" in page
    assert (page.count("Later."), page.count("Earlier.")) == (4, 1)
    own = signed_in(Role.OWNER, PENNY).get("/attestations/?show=all").content.decode()
    assert "All 4" in own


def test_the_list_takes_as_many_queries_for_any_number_of_answers(world: World) -> None:
    client = signed_in()
    author = UserFactory.create()

    def taken() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/attestations/?show=all").content.decode()
        assert f"All {Attestation.objects.count()}" in page
        return len(queries)

    def gave(about: str) -> None:
        Attestation.objects.create(
            item=ITEM,
            account=world.payments,
            claim="done",
            about=about,
            author=author,
            expires_at=datetime.now(UTC) + timedelta(days=9),
        )

    gave("first")
    taken()
    few = taken()
    for number in range(30):
        gave(str(number))
    assert taken() == few
