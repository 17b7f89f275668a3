"""Authenticator apps and recovery codes. Passkeys take a browser: tests/browser/test_sign_in.py."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from inventory.models import SignIn, User
from tests.cairn.sign_in.conftest import is_signed_in
from tests.cairn.sign_in.test_break_glass import PASSWORD, by_password, code

pytestmark = pytest.mark.django_db

AUTHENTICATE = "/auth/second-factors/authenticate/"


@pytest.fixture
def wren() -> User:
    return User.objects.create_user("wren@example.com", PASSWORD)


def set_up() -> tuple[Client, str]:
    """Wren's browser after setting up an app, and the app's secret."""
    client = by_password("wren@example.com")
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    page = client.get("/auth/second-factors/app/").content.decode()
    found = re.search(r'id="totp-secret">(\w+)<', page)
    assert found
    client.post("/auth/second-factors/app/", {"code": code(found[1])})
    return client, found[1]


def test_setting_up_asks_for_the_password_again(wren: User) -> None:
    client = by_password(wren.email)
    answer = client.get("/auth/second-factors/app/")
    assert answer.headers["Location"].startswith("/auth/reauthenticate/")


def test_a_code_is_asked_for_from_then_on(wren: User) -> None:
    _, secret = set_up()
    client = by_password(wren.email)
    assert not is_signed_in(client)
    client.post(AUTHENTICATE, {"code": "000000"})
    assert not is_signed_in(client)
    client.post(AUTHENTICATE, {"code": code(secret)})
    assert is_signed_in(client)
    assert SignIn.objects.first().second_factor == "totp"  # type: ignore[union-attr]


def test_a_code_is_good_once(wren: User) -> None:
    _, secret = set_up()
    shown = code(secret)
    by_password(wren.email).post(AUTHENTICATE, {"code": shown})
    again = by_password(wren.email)
    again.post(AUTHENTICATE, {"code": shown})
    assert not is_signed_in(again)


def test_a_recovery_code_is_good_once(wren: User) -> None:
    client, _ = set_up()
    page = client.get("/auth/second-factors/recovery-codes/").content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code>", page)
    assert len(codes) == 10
    for expected in (True, False):
        other = by_password(wren.email)
        other.post(AUTHENTICATE, {"code": codes[0]})
        assert is_signed_in(other) is expected
    assert SignIn.objects.first().second_factor == "recovery_codes"  # type: ignore[union-attr]
    assert codes[0] not in client.get("/auth/second-factors/recovery-codes/").content.decode()
    assert codes[1] in client.get("/auth/second-factors/recovery-codes.txt").content.decode()


def test_secrets_are_not_in_the_database_as_they_are(wren: User) -> None:
    _, secret = set_up()
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_the_second_step_alone_opens_nothing(wren: User) -> None:
    assert Client().get(AUTHENTICATE).headers["Location"] == "/auth/login/"
    set_up()
    halfway = by_password(wren.email)
    for page in ("/", "/sign-ins/", "/auth/second-factors/", "/api/v1/accounts/"):
        assert halfway.get(page).status_code in (302, 401)
