"""The next digest is rehearsed: numbers and samples, and nothing is written."""

from __future__ import annotations

import pytest
from django.test import Client

from inventory.models import Account, BouncingAddress, Message, Role
from inventory.outbox.unsubscribing import unsubscribe
from roadmap.models import Finding, MailRound
from tests.factories import NOW, AccountFactory, ContactFactory, PersonFactory, signed_in
from tests.organization import PENNY, World

ADDRESS = "/notifications/digest/"


@pytest.fixture(autouse=True)
def news(world: World) -> None:
    Account.objects.update(confirmed_at=NOW)
    _find(world.payments)


def _find(account: Account) -> None:
    Finding.objects.create(
        account=account, item="surface.no_public", code="x", title="<b>Bucket</b> open",
        severity="critical", resource="arn:x", first_seen_at="2126-01-01T00:00Z",
        last_seen_at="2126-01-01T00:00Z",
    )  # fmt: skip


def figures(client: Client) -> dict[str, int]:
    rehearsal = client.get(ADDRESS).context["rehearsal"]
    return {
        "recipients": rehearsal.recipients,
        "nothing_new": rehearsal.nothing_new,
        "without": len(rehearsal.without_address),
        "bouncing": len(rehearsal.bouncing),
        "unsubscribed": rehearsal.unsubscribed,
    }


def test_it_says_how_many_and_shows_three_and_writes_nothing(world: World) -> None:
    client = signed_in(Role.SECURITY)
    for number, email in enumerate(["a@example.com", "b@example.com", "c@example.com", "none"]):
        account = AccountFactory.create(confirmed_at=NOW, account_id=f"90000000000{number}")
        person = PersonFactory.create(email=email)
        ContactFactory.create(account=account, person=person, role="security")
        _find(account)
    BouncingAddress.objects.create(address=PENNY, since=NOW, reply="550")
    expected = {"recipients": 4, "nothing_new": 1, "without": 1, "bouncing": 1, "unsubscribed": 0}
    assert figures(client) == expected
    page = client.get(ADDRESS).content.decode()
    assert page.count("<iframe") == 3
    assert "<b>Bucket" not in page
    assert not Message.objects.exists()
    assert not MailRound.objects.exists()
    unsubscribe(world.penny, Message.Kind.DIGEST)
    assert figures(client)["unsubscribed"] == 1


def test_a_sample_is_what_the_person_would_get(world: World) -> None:
    client = signed_in(Role.SECURITY)
    answer = client.get(f"{ADDRESS}{world.penny.pk}/")
    assert "Hello <bdi>Penny</bdi>" in answer.content.decode()
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"{ADDRESS}{world.sam.pk}/").status_code == 404
