"""My work: what waits for one person, settled where it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account, Role, User
from roadmap.attestations import Answer, give
from roadmap.models import Attestation, Finding, VerdictChange
from roadmap.work import work_of
from tests.factories import AccountFactory, ContactFactory
from tests.organization import PENNY, World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def penny(world: World) -> User:
    """The owner of payments, and of nothing else."""
    return User.objects.create_user(PENNY, "x", role=Role.OWNER)


@pytest.fixture
def page(penny: User, client: Client) -> Client:
    client.force_login(penny)
    return client


def text(client: Client) -> str:
    return client.get("/my-work/").content.decode()


def ending(user: User, account: Account, days: int) -> Attestation:
    given = give(
        user,
        "visibility.account_baseline",
        account,
        Answer("done", "The pipeline does it.", "https://ci.example.com/1"),
    )
    ends = datetime.now(UTC) + timedelta(days=days)
    Attestation.objects.filter(pk=given.pk).update(expires_at=ends)
    return given


def test_an_account_is_confirmed_with_one_tap_and_nothing_is_left(
    world: World, page: Client, penny: User
) -> None:
    for role in ("deputy", "security"):
        ContactFactory.create(account=world.payments, person=world.sam, role=role)
    assert "1 decision waits for you" in text(page)
    answer = page.post(
        f"/accounts/{world.payments.account_id}/confirm/", {"answer": "yes"}, headers=HTMX
    )
    assert answer["HX-Trigger"] == "answered"
    left = page.get("/my-work/", headers=HTMX).content.decode()
    assert "All done." in left
    assert f"The next thing is due on {work_of(penny).next_at:%-d %B %Y}" in left


def test_contacts_are_asked_for_once_the_account_is_confirmed(world: World, page: Client) -> None:
    address = f"/accounts/{world.payments.account_id}/confirm/"
    page.post(address, {"answer": "yes"})
    assert "Who is the deputy and security contact of" in text(page)
    page.post(
        address,
        {"answer": "change", "owner": PENNY, "deputy": "sam@example.com",
         "security_contact": "sam@example.com"},
    )  # fmt: skip
    assert "Who is the" not in text(page)


def test_an_answer_that_ends_is_said_again_with_one_tap(
    world: World, page: Client, penny: User
) -> None:
    given = ending(penny, world.payments, days=3)
    assert "Is this still so?" in text(page)
    page.post(f"/my-work/answers/{given.pk}/renew/", headers=HTMX)
    newest = Attestation.objects.latest("pk")
    assert (newest.statement, newest.url) == (given.statement, given.url)
    assert newest.expires_at > datetime.now(UTC) + timedelta(days=100)
    assert "Is this still so?" not in text(page)


@pytest.mark.parametrize(("days", "asked"), [(-1, True), (29, True), (31, False)])
def test_answers_are_asked_for_in_time(
    days: int, asked: bool, world: World, page: Client, penny: User
) -> None:
    ending(penny, world.payments, days)
    assert ("Is this still so?" in text(page)) is asked


def test_answers_of_others_are_not_ones_own_work(world: World, page: Client) -> None:
    other = User.objects.create_user("sec@example.com", "x", role=Role.SECURITY)
    given = ending(other, world.payments, days=3)
    assert "Is this still so?" not in text(page)
    foreign = ending(other, world.search, days=3)
    assert page.post(f"/my-work/answers/{foreign.pk}/renew/").status_code == 404
    assert Attestation.objects.filter(item=given.item).count() == 2


def test_critical_findings_of_ones_accounts_are_work(world: World, page: Client) -> None:
    now = datetime.now(UTC)
    for number, (account, severity) in enumerate(
        [(world.payments, "critical"), (world.payments, "high"), (world.search, "critical")]
    ):
        Finding.objects.create(
            account=account,
            source="prowler",
            code="open_port",
            resource=f"sg-{number}",
            severity=severity,
            first_seen_at=now,
            last_seen_at=now,
        )
    told = text(page)
    assert "1 critical and 1 high finding" in told
    assert "search" not in told.split('id="content"')[1]


def test_what_went_backwards_is_told(world: World, page: Client) -> None:
    VerdictChange.objects.create(
        account=world.payments,
        item="visibility.cloudtrail",
        at=datetime.now(UTC) - timedelta(days=10),
        cause=VerdictChange.Cause.EVIDENCE,
        from_status="pass",
        to_status="fail",
        sentence="The trail stopped.",
    )
    assert "The trail stopped." in text(page)


def test_security_is_told_of_accounts_without_an_owner_and_viewers_are_not(
    world: World, client: Client
) -> None:
    client.force_login(User.objects.create_user("sec@example.com", "x", role=Role.SECURITY))
    assert "5 accounts have no owner" in text(client)
    client.force_login(User.objects.create_user("v@example.com", "x", role=Role.VIEWER))
    assert "No account names you as its owner." in text(client)


def test_more_accounts_take_no_more_queries(world: World, page: Client, penny: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page.get("/my-work/")
        return len(found)

    def more(numbers: range) -> None:
        for number in numbers:
            account = AccountFactory.create(
                account_id=f"{800000000000 + number}",
                confirmed_at=datetime.now(UTC) if number % 2 else None,
            )
            ContactFactory.create(account=account, person=world.penny, role="owner")

    more(range(2))
    queries()
    before = queries()
    more(range(2, 30))
    assert queries() <= before
    assert "All 16 accounts of yours to confirm" in text(page)
