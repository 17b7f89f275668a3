"""A sheet known by heart, written through change sets as everything is.

Payments owns CHECKOUT and LEDGER, Platform owns BUILD; UNKNOWN is in AWS and in no team. Alice is
a member of Payments; Bob is BUILD's operations contact and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, ORGANIZATIONS, OUS, TEAMS
from inventory.models import Account, Origin, Role, User

ORGANIZATION = "o-acme123456"
MANAGEMENT, CHECKOUT, LEDGER, BUILD, UNKNOWN = (
    "100000000000",
    "111122223333",
    "222233334444",
    "333344445555",
    "999900001111",
)
ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"


def build_sheet() -> None:
    write(
        [
            Edit(
                ORGANIZATIONS,
                ORGANIZATION,
                {
                    "name": "Acme",
                    "management_account_id": MANAGEMENT,
                    "listed_at": datetime(2026, 11, 24, 6, tzinfo=UTC),
                },
            )
        ],
        origin=Origin.SYNC,
    )
    write(
        [
            Edit(OUS, "ou-root", {"organization": ORGANIZATION, "name": "Root", "path": "Root"}),
            Edit(
                OUS,
                "ou-prod",
                {
                    "organization": ORGANIZATION,
                    "name": "Prod",
                    "path": "Root/Prod",
                    "ancestors": ["ou-root"],
                },
            ),
        ],
        origin=Origin.SYNC,
    )
    recorded(
        CHECKOUT,
        name="checkout-prod",
        email="aws-checkout@example.com",
        team="Payments",
        owner=CAROL,
        environment="prod",
        classes="production",
        payer=MANAGEMENT,
    )
    recorded(
        LEDGER, name="ledger", email="aws-ledger@example.com", team="Payments", environment="dev"
    )
    recorded(
        BUILD,
        name="build",
        team="Platform",
        owner=CAROL,
        operations_contact=BOB,
        environment="prod",
    )
    observed(
        CHECKOUT,
        observed_name="checkout",
        observed_email="AWS-Checkout@example.com",
        state="ACTIVE",
        ou="ou-prod",
        observed_organization=ORGANIZATION,
        observed_payer=MANAGEMENT,
    )
    observed(
        UNKNOWN,
        observed_name="mystery",
        state="ACTIVE",
        ou="ou-root",
        observed_organization=ORGANIZATION,
    )
    write([Edit(TEAMS, "Payments", {"members": [ALICE]})], origin=Origin.EDIT)


def recorded(account_id: str, **cells: Any) -> None:
    write([Edit(ACCOUNTS, f"aws:{account_id}", cells)], origin=Origin.IMPORT, source="accounts.csv")


def observed(account_id: str, **cells: Any) -> None:
    write([Edit(ACCOUNTS, f"aws:{account_id}", cells)], origin=Origin.SYNC, source="Run 1")


def account(account_id: str) -> Account:
    return Account.objects.get(account_id=account_id)


def user(role: Role, email: str | None = None) -> User:
    return User.objects.create_user(
        email or f"{role.value}@example.com", "a long passphrase", role=role
    )
