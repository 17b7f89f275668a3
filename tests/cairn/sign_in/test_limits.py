"""Guessing is slowed down, from the outside: the limits as an installation has them."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django.fixtures import Settings

from inventory.models import User
from tests.cairn.sign_in.conftest import is_signed_in

pytestmark = pytest.mark.django_db

PASSWORD = "granite cairn on the ridge"


@pytest.fixture(autouse=True)
def limited(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.MFA_RATE_LIMITS = {}


@pytest.fixture
def wren() -> User:
    return User.objects.create_user("wren@example.com", PASSWORD)


def attempt(password: str, email: str = "wren@example.com", address: str = "192.0.2.1") -> Client:
    client = Client(REMOTE_ADDR=address)
    client.post("/auth/login/", {"login": email, "password": password})
    return client


def test_too_many_wrong_passwords_close_the_sign_in_from_everywhere(wren: User) -> None:
    for number in range(5):
        attempt(f"guess {number}", address=f"192.0.2.{number}")
    answer = Client(REMOTE_ADDR="203.0.113.9").post(
        "/auth/login/", {"login": wren.email, "password": PASSWORD}
    )
    assert "Too many failed login attempts" in answer.content.decode()


def test_one_address_cannot_try_a_password_on_everybody() -> None:
    for number in range(12):
        User.objects.create_user(f"person{number}@example.com", PASSWORD)
    for number in range(10):
        attempt("guess", f"person{number}@example.com")
    assert not is_signed_in(attempt(PASSWORD, "person11@example.com"))
    assert is_signed_in(attempt(PASSWORD, "person11@example.com", address="203.0.113.9"))


def test_signing_in_rightly_is_not_held_against_anybody(wren: User) -> None:
    assert all(is_signed_in(attempt(PASSWORD)) for _ in range(12))


def test_a_forwarded_address_is_believed_only_from_a_proxy(wren: User) -> None:
    for number in range(10):
        Client(headers={"X-Forwarded-For": f"192.0.2.{number}"}).post(
            "/auth/login/", {"login": f"nobody{number}@example.com", "password": "guess"}
        )
    client = Client(headers={"X-Forwarded-For": "192.0.2.99"})
    client.post("/auth/login/", {"login": wren.email, "password": PASSWORD})
    assert not is_signed_in(client)


def test_too_many_codes_close_the_second_factor(wren: User) -> None:
    """The right code does not help any more, from another browser either."""
    secret = generate_totp_secret()
    TOTP.activate(wren, secret)
    client = attempt(PASSWORD)
    for number in range(5):
        client.post("/auth/second-factors/authenticate/", {"code": f"00000{number}"})
    again = attempt(PASSWORD, address="203.0.113.9")
    answer = again.post("/auth/second-factors/authenticate/", {"code": "000009"})
    assert "Too many failed login attempts" in answer.content.decode()
    assert not is_signed_in(again)


def test_reset_mails_are_few(wren: User, mailoutbox: list[EmailMessage]) -> None:
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/auth/password/reset/", {"email": wren.email})
        for number in range(8)
    ]
    assert len(mailoutbox) == 5
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_passkey_attempts_are_few() -> None:
    answers = [
        Client().post("/auth/passkeys/login/", {"credential": "{}"}).status_code for _ in range(11)
    ]
    assert answers[-1] == 429
