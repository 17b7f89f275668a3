"""An administrator sees Cairn as another person does: looks only, half an hour, and it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from knox.models import AuthToken

from inventory.audit import chain
from inventory.models import Account, AuditEntry, ChangeSet, Person, Role, User
from tests import organization
from tests.factories import UserFactory, signed_in
from tests.organization import PAYMENTS, PENNY, SEARCH, World

pytestmark = pytest.mark.django_db

ADMIN = "root@example.com"
BANNER = "You see Cairn as"


@pytest.fixture
def world() -> World:
    return organization.create()


@pytest.fixture
def penny(world: World) -> User:
    return UserFactory.create(email=PENNY, role=Role.OWNER)


@pytest.fixture
def admin() -> Client:
    return signed_in(Role.ADMIN, ADMIN)


@pytest.fixture
def as_penny(admin: Client, penny: User) -> Client:
    assert admin.post("/view-as/", {"person": PENNY}).status_code == 302
    return admin


def events() -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(event__startswith="view_as.").order_by("number")
    return [(entry.event, entry.actor, entry.seen_as) for entry in found]


def test_the_pages_are_the_other_person_s(as_penny: Client) -> None:
    assert as_penny.get(f"/accounts/{PAYMENTS}/").status_code == 200
    assert as_penny.get(f"/accounts/{SEARCH}/").status_code == 404
    assert as_penny.get("/api/v1/accounts/").json()["count"] == 2
    for url in ("/audit/", "/access/", "/import/", "/runs/"):
        assert as_penny.get(url).status_code == 403, url


@pytest.mark.parametrize("url", ["/", "/accounts/", f"/accounts/{SEARCH}/", "/audit/", "/tokens/"])
def test_every_page_says_so_and_how_to_stop(url: str, as_penny: Client) -> None:
    page = as_penny.get(url, follow=True).content.decode()
    assert BANNER in page
    assert 'action="/view-as/stop/"' in page


def test_stopping_shows_one_s_own_pages_again(as_penny: Client) -> None:
    page = as_penny.post("/view-as/stop/", follow=True).content.decode()
    assert "You see your own pages again" in page
    assert BANNER not in page
    assert as_penny.get(f"/accounts/{SEARCH}/").status_code == 200
    assert as_penny.post("/view-as/stop/").status_code == 302


def test_nothing_can_be_written(as_penny: Client, world: World) -> None:
    url = f"/cells/account/{world.payments.pk}/notes/"
    answer = as_penny.post(url, {"value": "Mine", "seen": ""})
    assert answer.status_code == 403
    assert "Stop viewing to change something" in answer.content.decode()
    assert as_penny.post(f"/accounts/{PAYMENTS}/confirm/").status_code == 403
    assert as_penny.delete("/api/v1/accounts/").status_code == 403
    assert not ChangeSet.objects.exists()
    assert Account.objects.get(account_id=PAYMENTS).confirmed_at is None


@pytest.mark.django_db(transaction=True)
def test_not_even_by_a_page_that_writes_when_it_is_looked_at(
    as_penny: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes(*args: Any, **options: Any) -> None:
        Person.objects.create(email="made.by.looking@example.com")

    monkeypatch.setattr("inventory.queries.sheet_age", writes)
    answer = as_penny.get("/accounts/")
    assert answer.status_code == 403
    assert "Stop viewing to change something" in answer.content.decode()
    assert not Person.objects.filter(email__startswith="made").exists()


@pytest.mark.parametrize("url", ["/tokens/", "/auth/password/change/", "/admin/"])
def test_what_is_a_person_s_alone_stays_theirs(url: str, as_penny: Client, penny: User) -> None:
    token, _ = AuthToken.objects.create(penny)
    answer = as_penny.get(url)
    assert answer.status_code == 403
    assert token.token_key not in answer.content.decode()


def test_it_ends_after_half_an_hour_and_nothing_is_written_in_one_s_own_name(
    as_penny: Client, world: World
) -> None:
    url = f"/cells/account/{world.payments.pk}/notes/"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=29), tick=False):
        assert BANNER in as_penny.get("/accounts/").content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=31), tick=False):
        answer = as_penny.post(url, {"value": "Mine", "seen": ""})
        assert answer.status_code == 403
        assert "its time was over. Nothing was changed" in answer.content.decode()
        assert BANNER not in as_penny.get("/accounts/").content.decode()
    assert not ChangeSet.objects.exists()
    assert events()[-1] == ("view_as.stopped", ADMIN, "")


def test_it_ends_with_the_session(as_penny: Client, world: World) -> None:
    assert as_penny.post("/auth/logout/").status_code == 302
    as_penny.force_login(User.objects.get(email=ADMIN))
    assert BANNER not in as_penny.get("/accounts/").content.decode()
    ended = AuditEntry.objects.get(event="sign_in.ended")
    assert ended.actor == ADMIN


def test_it_ends_when_either_of_them_may_no_more(as_penny: Client, penny: User) -> None:
    User.objects.filter(pk=penny.pk).update(is_active=False)
    assert BANNER not in as_penny.get("/accounts/").content.decode()
    User.objects.filter(pk=penny.pk).update(is_active=True)
    as_penny.post("/view-as/", {"person": PENNY})
    User.objects.filter(email=ADMIN).update(role=Role.SECURITY)
    assert BANNER not in as_penny.get("/accounts/").content.decode()


def test_it_cannot_be_nested(as_penny: Client) -> None:
    UserFactory.create(email="vera@example.com", role=Role.VIEWER)
    assert as_penny.post("/view-as/", {"person": "vera@example.com"}).status_code == 403
    assert "does (account owner)" in as_penny.get("/accounts/").content.decode()


@pytest.mark.parametrize("person", ["other.root@example.com", ADMIN, "gone@example.com"])
def test_not_as_administrators_or_who_signs_in_no_more(person: str, admin: Client) -> None:
    UserFactory.create(email="other.root@example.com", role=Role.ADMIN)
    UserFactory.create(email="gone@example.com", role=Role.VIEWER, is_active=False)
    assert admin.post("/view-as/", {"person": person}).status_code == 403
    page = admin.get(f"/access/?person={person}").content.decode()
    assert 'action="/view-as/"' not in page
    assert events() == []


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_administrators(role: Role, penny: User) -> None:
    client = signed_in(role, "other@example.com")
    assert client.post("/view-as/", {"person": PENNY}).status_code == 403
    assert client.post("/view-as/", {"person": "nobody@example.com"}).status_code == 403
    assert events() == []


def test_never_with_a_token(penny: User) -> None:
    _, token = AuthToken.objects.create(UserFactory.create(email=ADMIN, role=Role.ADMIN))
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().post("/view-as/", {"person": PENNY}, headers=headers).status_code == 302
    assert events() == []
    as_oneself = Client().get("/api/v1/accounts/", headers=headers).json()
    assert as_oneself["count"] == Account.objects.count()


def test_beginning_ending_and_every_page_are_told(as_penny: Client) -> None:
    for url in ("/accounts/?q=payments", "/accounts/?q=payments", f"/accounts/{PAYMENTS}/"):
        as_penny.get(url)
    as_penny.get(f"/accounts/{SEARCH}/")
    as_penny.post("/view-as/stop/")
    assert events() == [
        ("view_as.started", ADMIN, ""),
        ("view_as.page", ADMIN, PENNY),
        ("view_as.page", ADMIN, PENNY),
        ("view_as.stopped", ADMIN, ""),
    ]
    pages = AuditEntry.objects.filter(event="view_as.page").values_list("key", flat=True)
    assert list(pages.order_by("number")) == ["/accounts/?q=payments", f"/accounts/{PAYMENTS}/"]
    assert chain.verify().broken is None


def test_numbers_seen_meanwhile_are_told_of_both(as_penny: Client, penny: User) -> None:
    Person.objects.filter(email=PENNY).update(phone="+4930123456")
    as_penny.get(f"/accounts/{PAYMENTS}/")
    entry = AuditEntry.objects.get(event="contact.read")
    assert (entry.actor, entry.seen_as, entry.key) == (ADMIN, PENNY, PENNY)
