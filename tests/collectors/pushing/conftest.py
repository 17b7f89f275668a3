"""The demo organization with a contacts role, writing turned on, and a person to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from collectors.alternate_contacts import Details
from collectors.models import Connection, ContactPush, ContactPushItem
from collectors.pushing import deciding, planning, working
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.models import Organization, Origin, Role, User
from simulated_aws import SimulatedAws
from simulated_aws.process import count
from tests.collectors.conftest import Collect

MANAGEMENT = "111122223333"
PAYMENTS, LEDGER, SEARCH = "303030303030", "003344556677", "202020202020"
ANALYTICS = "414141414141"  # has no security contact in AWS
SUSPENDED = "808080808080"
NINA = Details("Nina Vogel", "Duty manager", "nina@example.com", "+4930123456")

State = ContactPushItem.State


@pytest.fixture
def organization(
    connection: Connection, collect: Collect, aws: SimulatedAws, settings: Settings
) -> Organization:
    collect(names=("organizations.listing",))
    settings.CONTACT_PUSH = True
    Connection.objects.update(contacts_role_arn=aws.world["contacts_role_arn"])
    return Organization.objects.get()


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "LOOKS", (0.0, 0.01))


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@example.com", "x", role=Role.ADMIN)


def name_contact(
    account_id: str, column: str = "security_contact", details: Details = NINA
) -> None:
    values = {"name": details.name, "title": details.title, "phone": details.phone}
    write(
        [
            Edit(PEOPLE, details.email, values),
            Edit(ACCOUNTS, f"aws:{account_id}", {column: details.email}),
        ],
        origin=Origin.EDIT,
    )


Planned = Callable[..., ContactPush]


@pytest.fixture
def planned(organization: Organization, ada: User) -> Planned:
    """Plans the security contacts of some accounts, and has them read."""

    def make(*accounts: str, types: tuple[str, ...] = ("SECURITY",)) -> ContactPush:
        push = planning.plan(organization, user=ada, types=types, accounts=accounts)
        working.work(push.pk)
        push.refresh_from_db()
        return push

    return make


def pushed(push: ContactPush, user: User) -> ContactPush:
    deciding.confirm(push, user=user)
    working.work(push.pk)
    push.refresh_from_db()
    return push


def item(push: ContactPush, account_id: str, kind: str = "SECURITY") -> ContactPushItem:
    return push.items.get(account__account_id=account_id, type=kind)


def held(kept: dict[str, str] | None) -> Details | None:
    """A contact as an item keeps it."""
    return Details(**kept) if kept else None


def states(push: ContactPush) -> dict[str, str]:
    return {one.account.account_id: one.state for one in push.items.select_related("account")}


def in_aws(aws: SimulatedAws, account_id: str, kind: str = "SECURITY") -> Details | None:
    """What the account itself holds, asked as its own operator."""
    client = aws.client("account", account_id)
    try:
        answer: Any = client.get_alternate_contact(AlternateContactType=kind)
    except client.exceptions.ResourceNotFoundException:
        return None
    return Details.answered(answer["AlternateContact"])


def set_in_aws(
    aws: SimulatedAws, account_id: str, details: Details, kind: str = "SECURITY"
) -> None:
    aws.client("account", account_id).put_alternate_contact(
        AlternateContactType=kind, **details.parameters
    )


def puts(aws: SimulatedAws) -> int:
    return count(aws.calls(), operation="PutAlternateContact")
