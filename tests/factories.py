"""Rows for tests that need some; tests/organization.py has the ones known by heart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.test import Client
from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from collectors.models import Fact
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.store import plain
from inventory.models import (
    Account,
    Contact,
    Organization,
    OrganizationalUnit,
    Person,
    Role,
    Team,
    User,
)

# Earlier than any real clock: what is judged in passing, by the real time, comes later.
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    email = Sequence(lambda n: f"person{n}@example.com")


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    name = Sequence(lambda n: f"Team {n}")
    slug = Sequence(lambda n: f"team-{n}")


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    organization_id = Sequence(lambda n: f"o-example{n:04d}")
    name = Sequence(lambda n: f"Organization {n}")
    feature_set = "ALL"
    listed_at = NOW


class OrganizationalUnitFactory(DjangoModelFactory[OrganizationalUnit]):
    class Meta:
        model = OrganizationalUnit

    organization = SubFactory(OrganizationFactory)
    ou_id = Sequence(lambda n: f"ou-exam-{n:08d}")
    name = Sequence(lambda n: f"Unit {n}")
    path = LazyAttribute(lambda unit: f"Root/{unit.name}")


class AccountFactory(DjangoModelFactory[Account]):
    """An active account that a person has entered."""

    class Meta:
        model = Account

    account_id = Sequence(lambda n: f"{900000000000 + n}")
    name = Sequence(lambda n: f"account-{n}")
    state = "ACTIVE"
    registered_at = NOW


class UserFactory(DjangoModelFactory[User]):
    """A sign-in; saving it ties it to the person of its address."""

    class Meta:
        model = User
        django_get_or_create = ("email",)

    email = Sequence(lambda n: f"user{n}@example.com")
    role = Role.SECURITY


def signed_in(role: Role = Role.SECURITY, email: str = "reader@example.com") -> Client:
    """A browser in which a person of that role is signed in."""
    client = Client()
    client.force_login(UserFactory.create(email=email, role=role))
    return client


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    person = SubFactory(PersonFactory)
    role = "owner"


def observe(
    account: Account,
    collector: Collector[Any],
    value: Any = None,
    *,
    region: str = "",
    outcome: Outcome = Outcome.COLLECTED,
    at: datetime = NOW,
) -> Fact:
    """Store what a collector saw of an account, in place of what it saw before."""
    fact, _ = Fact.objects.update_or_create(
        account=account,
        kind=collector.name,
        region=region,
        defaults={
            "outcome": outcome,
            "value": plain(value) if outcome == Outcome.COLLECTED else None,
            "message": "" if outcome == Outcome.COLLECTED else f"{collector.name}: {outcome}",
            "observed_at": at,
            "calls": [
                {
                    "client": op.client,
                    "operation": op.name,
                    "caller": "A",
                    "account": account.account_id,
                    "region": region,
                    "request_id": f"{at.timestamp()}",
                }
                for op in collector.operations
            ],
        },
    )
    return fact
