"""Asking for exceptions and deciding about them, as people meet it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from collectors.services import s3control
from inventory.models import Role, User
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict, RuleException
from tests import organization
from tests.factories import UserFactory, observe
from tests.organization import PAYMENTS, PENNY, SEARCH, World

pytestmark = pytest.mark.django_db

KEY = "visibility.s3_block_public"
ASK = "/exceptions/ask/"
REASON = "The press office serves its photos from here <b>for now</b>."


@pytest.fixture
def world() -> World:
    world = organization.create()
    judge()
    return world


def person(role: Role, email: str = "") -> tuple[User, Client]:
    user = UserFactory.create(role=role, **({"email": email} if email else {}))
    user.refresh_from_db()
    client = Client()
    client.force_login(user)
    return user, client


def answers(**more: str) -> dict[str, str]:
    until = datetime.now(UTC).date() + timedelta(days=30)
    return {
        "item": KEY,
        "account": PAYMENTS,
        "pattern": "",
        "reason": REASON,
        "expires_on": until.isoformat(),
    } | more


def test_it_is_asked_for_granted_and_ended(world: World) -> None:
    _, penny = person(Role.OWNER, PENNY)
    shown = penny.get(f"/accounts/{PAYMENTS}/items/visibility/s3_block_public/").content.decode()
    assert f"{ASK}?item={KEY}&amp;account={PAYMENTS}" in shown
    assert penny.post(ASK, answers()).status_code == 302
    exception = RuleException.objects.get()
    listed = penny.get("/exceptions/?state=requested").content.decode()
    assert "&lt;b&gt;for now&lt;/b&gt;" in listed
    assert "Take it back" in listed
    assert ">Grant<" not in listed

    _, security = person(Role.SECURITY)
    assert ">Grant<" in security.get("/exceptions/").content.decode()
    where = f"/exceptions/{exception.pk}/"
    security.post(where, {"decision": "approve"})
    judge()
    verdict = AccountVerdict.objects.get(account=world.payments, item=KEY)
    assert verdict.reason == "exception"
    account = penny.get(f"/accounts/{PAYMENTS}/").content.decode()
    assert "1 verdict by exception" in security.get("/").content.decode()
    item = security.get("/roadmap/visibility/s3_block_public/").content.decode()
    assert "1 verdict by exception" in item
    assert "By exception" in item
    assert "Excepted until" in account
    assert f"By exception: until {exception.expires_at:%Y-%m-%d}" in account
    security.post(where, {"decision": "end", "remark": "Photos moved."})
    judge()
    verdict.refresh_from_db()
    assert verdict.reason != "exception"
    assert "Photos moved." in penny.get("/exceptions/?state=ended").content.decode()


def test_a_resource_left_out_stays_visible_beside_every_number(world: World) -> None:
    bucket = "arn:aws:s3:::press-photos"
    off = s3control.Flags(False, False, False, False)
    block = s3control.PublicAccessBlock(off, (s3control.BucketBlock("press-photos", off),))
    observe(world.payments, s3control.public_access_block, block, at=datetime.now(UTC))
    judge()
    _, penny = person(Role.OWNER, PENNY)
    _, security = person(Role.SECURITY)
    penny.post(ASK, answers(pattern=bucket))
    item = "/roadmap/visibility/s3_block_public/"
    assert "by exception" not in security.get(item).content.decode().lower()

    security.post(f"/exceptions/{RuleException.objects.get().pk}/", {"decision": "approve"})
    judge()
    shown = security.get(item).content.decode()
    assert "1 finding by exception" in shown
    assert 'title="By exception"' in shown
    assert "1 finding by exception" in security.get("/").content.decode()
    account = penny.get(f"/accounts/{PAYMENTS}/").content.decode()
    assert "By exception: rests on 1 exception" in account


def test_who_asked_cannot_grant_by_hand_either(world: World) -> None:
    _, security = person(Role.SECURITY)
    security.post(ASK, answers())
    exception = RuleException.objects.get()
    answer = security.post(f"/exceptions/{exception.pk}/", {"decision": "approve"})
    assert answer.status_code == 403
    exception.refresh_from_db()
    assert exception.approved_at is None


def test_an_owner_neither_asks_for_nor_sees_what_is_of_others(world: World) -> None:
    _, security = person(Role.SECURITY)
    security.post(ASK, answers(account=SEARCH))
    exception = RuleException.objects.get()
    _, penny = person(Role.OWNER, PENNY)
    assert SEARCH not in penny.get("/exceptions/").content.decode()
    assert penny.post(f"/exceptions/{exception.pk}/", {"decision": "end"}).status_code == 404
    for account in (SEARCH, ""):
        assert penny.post(ASK, answers(account=account)).status_code == 200
    assert RuleException.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        pytest.param({"account": "12345"}, "12", id="no account id"),
        pytest.param({"account": "999999999999"}, "You see no account 999999999999", id="no row"),
        pytest.param({"account": ""}, "Name an account or resources", id="nothing named"),
        pytest.param({"pattern": "press-*"}, "Write an ARN", id="no ARN"),
        pytest.param({"reason": "  "}, "This field is required", id="no reason"),
        pytest.param({"expires_on": "2020-01-01"}, "Choose a day after today", id="past"),
        pytest.param({"item": "surface.moat"}, "Select a valid choice", id="no item"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    world: World, more: dict[str, str], told: str
) -> None:
    _, security = person(Role.SECURITY)
    shown = security.post(ASK, answers(**more))
    assert shown.status_code == 200
    assert told in shown.content.decode()
    assert not RuleException.objects.exists()


def test_a_decision_that_comes_too_late_says_so(world: World) -> None:
    _, asking = person(Role.SECURITY)
    asking.post(ASK, answers())
    where = f"/exceptions/{RuleException.objects.get().pk}/"
    _, first = person(Role.SECURITY)
    first.post(where, {"decision": "refuse", "remark": "Move the photos."})
    late = first.post(where, {"decision": "approve"}, follow=True)
    assert "It is not as it was: refused" in late.content.decode()
    unsaid = first.post(where, {"decision": "refuse", "remark": ""}, follow=True)
    assert "Say why" in unsaid.content.decode()
