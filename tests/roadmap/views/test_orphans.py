"""Accounts that nobody owns: which, in which order, and asking whose they are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Contact, HandOver, Person, Role, User
from roadmap.models import Finding
from roadmap.orphans import Why, orphans
from tests.factories import AccountFactory, ContactFactory
from tests.organization import SAM, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def security(world: World) -> User:
    """All accounts of the world but payments and search have no owner."""
    return User.objects.create_user("sec@example.com", "x", role=Role.SECURITY)


@pytest.fixture
def page(security: User, client: Client) -> Client:
    client.force_login(security)
    return client


def names(user: User, why: Why | None = None) -> list[str]:
    return [one.account.name for one in orphans(user) if why in (None, one.why)]


def test_they_are_those_without_an_owner_that_stays(world: World, security: User) -> None:
    assert "payments" not in names(security)
    Person.objects.filter(pk=world.penny.pk).update(left_on=date(2026, 11, 1))
    assert names(security, Why.LEFT) == ["payments"]
    HandOver.objects.create(account=world.search, note="Ask Platform.")
    assert names(security, Why.NOT_MINE) == ["search"]
    HandOver.objects.update(suggested=world.penny)  # Somebody is asked: it is in their work.
    assert names(security, Why.NOT_MINE) == []


def test_what_is_closed_needs_no_owner(world: World, security: User) -> None:
    assert "audit" in names(security)
    world.audit.closed_on = date(2026, 11, 1)
    world.audit.save()
    assert "audit" not in names(security)


def test_the_riskiest_come_first(world: World, security: User) -> None:
    now = datetime.now(UTC)
    for number, (account, severity) in enumerate(
        [(world.log_archive, "high"), (world.denied, "critical")]
    ):
        Finding.objects.create(
            account=account, source="prowler", code="x", resource=str(number), severity=severity,
            first_seen_at=now, last_seen_at=now,
        )  # fmt: skip
    Contact.objects.filter(account=world.payments).delete()
    assert names(security)[:3] == ["denied", "log-archive", "payments"]  # Production is third.


def test_it_names_who_may_know(world: World, security: User) -> None:
    ContactFactory.create(account=world.denied, person=world.sam, role="deputy")
    world.denied.tags = {"Owner": "search-guild", "colour": "blue"}
    world.denied.save()
    (found,) = [one for one in orphans(security) if one.account == world.denied]
    assert [(label, str(who)) for label, who in found.clues] == [
        ("deputy", "Sam"),
        ("leads Payments", "Penny"),
        ("tag Owner", "search-guild"),
    ]


def test_somebody_is_asked_from_the_list(world: World, page: Client) -> None:
    answer = page.post(
        f"/accounts/{world.denied.account_id}/confirm/",
        {"answer": "not_mine", "whose": SAM, "next": "/orphans/"},
    )
    assert answer["Location"] == "/orphans/"
    assert HandOver.objects.get().suggested == world.sam
    assert "1 more was offered" in page.get("/orphans/").content.decode()


def test_asking_again_keeps_what_was_noted(world: World, page: Client) -> None:
    address = f"/accounts/{world.search.account_id}/confirm/"
    page.post(address, {"answer": "not_mine", "note": "Built by the old guild."})
    assert "Built by the old guild." in page.get("/orphans/?why=not_mine").content.decode()
    page.post(address, {"answer": "not_mine", "whose": "penny@example.com"})
    assert HandOver.objects.get().note == "Built by the old guild."


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 403), (Role.VIEWER, 200)])
def test_owners_do_not_see_it_and_viewers_ask_nobody(
    role: Role, status: int, world: World, client: Client
) -> None:
    client.force_login(User.objects.create_user("x@example.com", "x", role=role))
    answer = client.get("/orphans/")
    assert answer.status_code == status
    assert ">Ask</button>" not in answer.content.decode()


def test_more_accounts_take_no_more_queries(world: World, page: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page.get("/orphans/")
        return len(found)

    queries()
    before = queries()
    for number in range(40):
        AccountFactory.create(account_id=f"{810000000000 + number}")
    assert queries() <= before
