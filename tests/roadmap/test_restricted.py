"""Details of restricted items, on every page and in the API, for security staff and for others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inventory.models import Role
from roadmap.models import AccountVerdict, Attestation, Finding, VerdictChange
from roadmap.restricted import INSTEAD
from tests import organization
from tests.factories import signed_in
from tests.organization import PAYMENTS, World

pytestmark = pytest.mark.django_db

ITEM = "refinement.honey_tokens"
SECRET = "AKIAHONEYTOKEN"
ADDRESSES = (
    "/",
    f"/accounts/{PAYMENTS}/",
    f"/accounts/{PAYMENTS}/?item={ITEM}",
    f"/accounts/{PAYMENTS}/items/refinement/honey_tokens/",
    f"/accounts/{PAYMENTS}/items/refinement/honey_tokens/?format=json",
    "/teams/payments/",
    "/roadmap/refinement/honey_tokens/",
    "/attestations/?show=all",
    "/api/v1/verdicts/",
    "/api/v1/findings/",
    "/api/v1/attestations/",
)


@pytest.fixture
def world() -> World:
    """An account with a secret wherever the database can hold one about the item."""
    world = organization.create()
    now = datetime.now(UTC)
    account: dict[str, Any] = {"account": world.payments, "item": ITEM}
    AccountVerdict.objects.create(
        **account,
        status="fail",
        source="automatic",
        sentence=f"{SECRET} was used.",
        evidence={"rule": SECRET, "facts": {"key": SECRET}, "findings": [SECRET]},
        digest="x",
        since=now,
    )
    VerdictChange.objects.create(
        **account,
        at=now,
        cause="evidence",
        from_status="pass",
        to_status="fail",
        sentence=f"{SECRET} was used.",
    )
    Finding.objects.create(
        **account,
        code="honey_token_used",
        resource=SECRET,
        title=SECRET,
        severity="critical",
        first_seen_at=now,
        last_seen_at=now,
    )
    Attestation.objects.create(
        **account, claim="done", statement=SECRET, expires_at=now + timedelta(days=9)
    )
    return world


def shown(role: Role) -> dict[str, bool]:
    client = signed_in(role)
    detail = AccountVerdict.objects.get(item=ITEM).pk
    found = {}
    for address in (*ADDRESSES, f"/api/v1/verdicts/{detail}/"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[address] = SECRET in answer.content.decode()
    return found


def test_security_staff_see_the_details(world: World) -> None:
    for role in (Role.SECURITY, Role.ADMIN):
        seen = shown(role)
        assert [address for address, is_there in seen.items() if not is_there] == []


def test_others_see_the_verdict_and_no_detail(world: World) -> None:
    for role in (Role.VIEWER, Role.FINANCE):
        assert not any(shown(role).values()), shown(role)
    client = signed_in(Role.VIEWER)
    page = client.get(f"/accounts/{PAYMENTS}/items/refinement/honey_tokens/").content.decode()
    assert INSTEAD in page
    assert "Fail" in page
