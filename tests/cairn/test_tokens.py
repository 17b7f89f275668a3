"""API tokens sign in as their owner, until they are revoked or have expired."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from knox.models import AuthToken

from inventory.models import Role
from tests.factories import AccountFactory, signed_in

pytestmark = pytest.mark.django_db


def make(client: Client, days: int = 30) -> str:
    page = client.post("/tokens/", {"days": days}).content.decode()
    found = re.search(r'id="new-token">([^<]+)<', page)
    assert found
    return found[1]


def ask(token: str) -> int:
    return (
        Client().get("/api/v1/accounts/", headers={"Authorization": f"Bearer {token}"}).status_code
    )


def test_a_token_reads_what_its_owner_may_read() -> None:
    AccountFactory.create(account_id="111122223333")
    token = make(signed_in(Role.OWNER, "owner@example.com"))
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/accounts/", headers=headers).json()["count"] == 0
    token = make(signed_in(Role.VIEWER))
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/accounts/", headers=headers).json()["count"] == 1


def test_it_is_shown_once_and_only_its_digest_is_kept() -> None:
    client = signed_in(Role.VIEWER)
    token = make(client)
    assert token not in client.get("/tokens/").content.decode()
    assert token not in str(AuthToken.objects.values())


def test_a_revoked_or_expired_token_is_refused() -> None:
    client = signed_in(Role.VIEWER)
    revoked, expiring = make(client), make(client)
    assert ask(revoked) == ask(expiring) == 200
    digest = AuthToken.objects.get(token_key=revoked[:15]).digest
    client.post(f"/tokens/{digest}/revoke/")
    assert ask(revoked) == 401
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31), tick=False):
        assert ask(expiring) == 401


def test_nobody_revokes_the_token_of_another() -> None:
    token = make(signed_in(Role.VIEWER))
    digest = AuthToken.objects.get().digest
    answer = signed_in(Role.ADMIN, "other@example.com").post(f"/tokens/{digest}/revoke/")
    assert answer.status_code == 404
    assert ask(token) == 200


def test_a_person_has_a_bounded_number_of_them() -> None:
    client = signed_in(Role.VIEWER)
    for _ in range(20):
        make(client)
    page = client.post("/tokens/", {"days": 30}).content.decode()
    assert "Revoke one that nobody uses first" in page
    assert AuthToken.objects.count() == 20
