"""The link at the end of a digest: one person, one kind, one purpose, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

from inventory.models import Message, Person, Role, Unsubscription
from inventory.outbox.unsubscribing import PURPOSE, unsubscribe, unsubscribe_path, wants
from tests.factories import PersonFactory, signed_in

pytestmark = pytest.mark.django_db

Kind = Message.Kind


@pytest.fixture
def penny() -> Person:
    return PersonFactory.create(email="penny@example.com", name="Penny")


@pytest.fixture
def client() -> Client:
    """As a mail provider calls: no cookie, no CSRF token."""
    return Client(enforce_csrf_checks=True)


def test_looking_changes_nothing_however_often(client: Client, penny: Person) -> None:
    path = unsubscribe_path(penny, Kind.DIGEST)
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert wants(penny, Kind.DIGEST)


def test_one_click_of_a_mail_provider_unsubscribes(client: Client, penny: Person) -> None:
    path = unsubscribe_path(penny, Kind.DIGEST)
    for _ in range(2):
        answer = client.post(
            path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
    assert not wants(penny, Kind.DIGEST)
    assert wants(penny, Kind.REMINDER)
    assert Unsubscription.objects.count() == 1


def test_a_token_is_of_one_person_and_one_kind(client: Client, penny: Person) -> None:
    sam = PersonFactory.create()
    client.post(unsubscribe_path(penny, Kind.REMINDER))
    assert wants(sam, Kind.REMINDER)
    assert wants(penny, Kind.DIGEST)
    token = unsubscribe_path(penny, Kind.DIGEST).split("/")[-2]
    data, rest = token.split(":", 1)
    forged = signing.dumps([sam.pk, "digest"], salt=PURPOSE).split(":", 1)[0]
    assert forged != data
    address = reverse("inventory:unsubscribe", args=[f"{forged}:{rest}"])
    assert client.post(address).status_code == 404
    assert wants(sam, Kind.DIGEST)


@pytest.mark.parametrize(
    ("signed", "how"),
    [
        pytest.param([1, "digest"], {}, id="for nothing"),
        pytest.param([1, "digest"], {"salt": "root-mail-drill"}, id="for something else"),
        pytest.param([1, "digest"], {"salt": PURPOSE, "key": "other"}, id="by another key"),
        pytest.param([1, "no such kind"], {"salt": PURPOSE}, id="no such kind"),
        pytest.param([999_999, "digest"], {"salt": PURPOSE}, id="no such person"),
        pytest.param({"person": 1}, {"salt": PURPOSE}, id="no pair"),
        pytest.param("digest", {"salt": PURPOSE}, id="a word"),
    ],
)
def test_nothing_else_that_is_signed_is_a_token(
    client: Client, signed: Any, how: dict[str, Any]
) -> None:
    # Signed here: a signature holds the time, and the names of tests must be the same everywhere.
    _is_no_token(client, signing.dumps(signed, **how))


@pytest.mark.parametrize("token", ["x", "WzEsImRpZ2VzdCJd"])
def test_what_is_not_signed_is_no_token(client: Client, token: str) -> None:
    _is_no_token(client, token)


def _is_no_token(client: Client, token: str) -> None:
    address = reverse("inventory:unsubscribe", args=[token])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert not Unsubscription.objects.exists()


def test_a_token_ends(client: Client, penny: Person) -> None:
    path = unsubscribe_path(penny, Kind.DIGEST)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=89), tick=True):
        assert client.get(path).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=91), tick=True):
        assert client.post(path).status_code == 404
    assert wants(penny, Kind.DIGEST)


def test_a_token_signs_nobody_in(client: Client, penny: Person) -> None:
    client.post(unsubscribe_path(penny, Kind.DIGEST))
    assert client.get(reverse("inventory:my_notifications")).status_code == 302


def test_campaigns_and_decisions_cannot_be_switched_off(client: Client, penny: Person) -> None:
    with pytest.raises(ValueError, match="cannot be switched off"):
        unsubscribe(penny, Kind.CAMPAIGN)
    assert not Unsubscription.objects.exists()


def test_ones_own_page_switches_off_and_on_again() -> None:
    client = signed_in(Role.OWNER, "penny@example.com")
    penny = Person.objects.get(email="penny@example.com")
    address = reverse("inventory:my_notifications")
    client.post(address, {"kind": ["reminder", "campaign"]})
    assert not wants(penny, Kind.DIGEST)
    assert wants(penny, Kind.REMINDER)
    page = client.get(address).content.decode()
    assert 'value="digest">' in page
    assert 'value="reminder" checked>' in page
    client.post(address, {"kind": ["digest", "reminder"]})
    assert wants(penny, Kind.DIGEST)
    assert not Unsubscription.objects.exists()
