"""Facts are written by comparison and read back typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from collectors import store
from collectors.models import Fact
from collectors.outcomes import Missing, Outcome
from collectors.services import account as account_service
from collectors.services import ec2
from collectors.services.account import Regions
from inventory.models import Account, AccountState, Organization, PolicySetting

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def seen(account: Account, value: object = (), **more: Any) -> store.Seen:
    fields: dict[str, Any] = {
        "account": account.pk,
        "kind": "ec2.vpcs",
        "region": "eu-west-1",
        "outcome": Outcome.COLLECTED,
        "observed_at": NOON,
        "value": store.plain(value),
    }
    return store.Seen(**(fields | more))


def test_the_same_value_again_only_moves_time_and_calls() -> None:
    account = Account.objects.create(account_id="121212121212")
    first = seen(account, (ec2.Vpc("vpc-1"),), calls=[{"request_id": "one"}])
    assert store.save([first]) == 1
    later = NOON + timedelta(hours=6)
    again = replace(first, observed_at=later, calls=[{"request_id": "two"}])
    assert store.save([again]) == 0
    fact = Fact.objects.get()
    assert (fact.observed_at, fact.calls) == (later, [{"request_id": "two"}])
    assert fact.value == first.value


def test_a_failed_attempt_replaces_the_value_by_its_reason() -> None:
    account = Account.objects.create(account_id="121212121212")
    store.save([seen(account, (ec2.Vpc("vpc-1"),))])
    store.save([seen(account, None, outcome=Outcome.THROTTLED, message="Rate exceeded")])
    found = store.observation_of(ec2.vpcs, account, "eu-west-1")
    with pytest.raises(Missing, match="Rate exceeded") as missing:
        found.get()
    assert missing.value.outcome == Outcome.THROTTLED


def test_a_value_comes_back_as_the_type_of_its_collector() -> None:
    account = Account.objects.create(account_id="121212121212")
    vpcs = (ec2.Vpc("vpc-1", is_default=True), ec2.Vpc("vpc-2"))
    store.save([seen(account, vpcs)])
    assert store.observation_of(ec2.vpcs, account, "eu-west-1").get() == vpcs


def test_a_collector_gets_the_facts_that_it_builds_on() -> None:
    account = Account.objects.create(account_id="121212121212")
    other = Account.objects.create(account_id="343434343434")
    store.save(
        [
            seen(account, (ec2.Vpc("vpc-1"),)),
            seen(account, (ec2.Vpc("vpc-2"),), region="us-east-1"),
            seen(account, Regions(("eu-west-1",)), kind="account.regions", region=""),
            seen(other, (ec2.Vpc("vpc-3"),)),
        ]
    )
    builder = replace(ec2.instances, builds_on=("ec2.vpcs", "account.regions", "s3.buckets"))
    found = store.built_on(builder, account, "eu-west-1")
    assert {name: one.get() for name, one in found.items()} == {
        "ec2.vpcs": (ec2.Vpc("vpc-1"),),
        "account.regions": Regions(["eu-west-1"], []),
    }


def test_a_collector_that_builds_on_nothing_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    account = Account.objects.create(account_id="121212121212")
    with django_assert_num_queries(0):
        assert store.built_on(ec2.vpcs, account, "eu-west-1") == {}


def test_a_value_of_an_older_form_counts_as_never_collected() -> None:
    account = Account.objects.create(account_id="121212121212")
    store.save([seen(account, {"not": "a list"})])
    found = store.observation_of(ec2.vpcs, account, "eu-west-1")
    assert found.outcome == Outcome.NEVER_COLLECTED
    assert "older" in found.message


def test_text_with_nul_can_be_stored() -> None:
    account = Account.objects.create(account_id="121212121212")
    store.save([seen(account, (ec2.Vpc("vpc-\x00"),))])
    assert "\x00" not in str(Fact.objects.get().value)


def test_reading_an_organization_takes_the_same_queries_for_any_number_of_accounts(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    organization = Organization.objects.create(
        organization_id="o-store", management_account_id="100000000000"
    )
    rows = []
    for number in range(20):
        account = Account.objects.create(
            account_id=f"1000000000{number:02}",
            observed_organization=organization,
            state=AccountState.ACTIVE,
        )
        rows += [
            seen(account, (ec2.Vpc("vpc-1"),)),
            seen(
                account,
                Regions(enabled=["eu-west-1", "us-east-1"]),
                kind="account.regions",
                region="",
            ),
        ]
    store.save(rows)
    with django_assert_max_num_queries(4):
        found = store.organization_facts(organization)
    facts = found.of("100000000007")
    assert facts.regions == ["eu-west-1", "us-east-1"]
    assert facts.get(account_service.regions).enabled == ["eu-west-1", "us-east-1"]
    assert facts.get(ec2.vpcs, "eu-west-1") == (ec2.Vpc("vpc-1"),)
    with pytest.raises(Missing):
        facts.get(ec2.vpcs, "us-east-1")


def test_whoever_holds_users_of_others_is_read_beside_any_account() -> None:
    organization = Organization.objects.create(
        organization_id="o-a1b2c3d4e5", management_account_id="111111111111"
    )
    asked, identity = (
        Account.objects.create(account_id=name, observed_organization=organization)
        for name in ("121212121212", "343434343434")
    )
    store.save([seen(asked), seen(identity)])

    def read() -> set[str]:
        found = store.organization_facts(organization, [asked])
        return {account_id for account_id, *_ in found.observations}

    assert read() == {"121212121212"}
    PolicySetting.objects.create(
        name="IDENTITY_ACCOUNTS", level="installation", value=["343434343434"]
    )
    assert read() == {"121212121212", "343434343434"}
