"""The Regions that an account's policies block leave the scope before anybody looks there."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import store
from collectors.models import Connection
from collectors.outcomes import Outcome
from collectors.regions import Bound
from collectors.services import account, ec2, organizations
from inventory.models import PolicySetting
from inventory.policy import load_policy
from roadmap.guardrails.regions import blocked_for
from tests import organization
from tests.factories import NOW, observe
from tests.roadmap.items.surface.guardrails import deny, policies

ENABLED = ["ap-south-1", "eu-west-1", "us-east-1"]
ABOVE = ("r-1", "ou-1")


def outside(*regions: str, **more: Any) -> Any:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return deny(condition=elsewhere, **{"NotAction": ["iam:*", "sts:*"], **more})


def blocked(
    *statements: Any, attached: tuple[str, ...] = ("p-full",), sso_region: str = ""
) -> list[str]:
    told = policies(*statements)
    return blocked_for(
        Bound("222222222222", "aws", "o-1", ABOVE, told, attached, NOW, sso_region), ENABLED
    )


def test_a_region_is_blocked_when_nothing_can_be_started_there() -> None:
    assert blocked(outside("eu-west-1")) == ["ap-south-1", "us-east-1"]
    assert blocked() == []


def test_a_region_where_something_can_is_not() -> None:
    spared = outside("eu-west-1", NotAction=["iam:*", "sqs:CreateQueue"])
    assert blocked(spared) == []


def test_a_policy_whose_time_is_over_blocks_nothing() -> None:
    for until, found in (("2026-10-31", []), ("2026-12-01", ["ap-south-1", "us-east-1"])):
        elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
        for_now = {"DateLessThan": {"aws:CurrentTime": until}}
        assert blocked(deny("*", condition=elsewhere | for_now)) == found


def test_administrators_who_are_let_off_open_a_region() -> None:
    let_off = {
        "StringNotEquals": {"aws:RequestedRegion": "eu-west-1"},
        "ArnNotLike": {
            "aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/eu-west-1/*"
        },
    }
    assert blocked(deny("*", condition=let_off), sso_region="eu-west-1") == []
    assert blocked(deny("*", condition=let_off)) == ["ap-south-1", "us-east-1"]


def test_policies_that_are_not_enabled_block_nothing() -> None:
    """Then no root, OU or account has one, which is not the level that allows nothing."""
    none = organizations.Policies(attached=dict.fromkeys(ABOVE, ()), root_ids=["r-1"])
    bound = Bound("222222222222", "aws", "o-1", ABOVE, none, (), NOW)
    assert blocked_for(bound, ENABLED) == []


def test_a_policy_that_could_not_be_read_blocks_nothing() -> None:
    assert blocked(outside("eu-west-1"), attached=("p-unknown",)) == []


@pytest.fixture
def world(db: None) -> organization.World:
    found = organization.create()
    told = policies(outside("eu-west-1"))
    attached = {"r-exam": ["p-full"], "ou-exam-workload": ["p-full", "p-own"]}
    observe(
        found.management,
        organizations.policies,
        organizations.Policies(told.policies, attached, ["r-exam"]),
    )
    for one in (found.payments, found.search, found.management, found.audit):
        observe(one, account.regions, account.Regions(ENABLED))
        observe(one, organizations.attached_scps, ("p-full",))
    return found


def scope(found: organization.World, account_id: str) -> Any:
    return store.organization_facts(found.organization).of(account_id).regions


def test_blocked_regions_are_out_of_scope(world: organization.World) -> None:
    assert scope(world, organization.PAYMENTS) == ["eu-west-1"]
    assert scope(world, organization.AUDIT) == ENABLED


def test_nothing_blocks_a_region_of_the_management_account(world: organization.World) -> None:
    world.management.ou = world.workloads
    world.management.save()
    assert scope(world, organization.MANAGEMENT) == ENABLED


def test_what_is_used_stays_in_scope(world: organization.World) -> None:
    observe(world.payments, ec2.vpcs, (ec2.Vpc("vpc-1"),), region="us-east-1")
    assert scope(world, organization.PAYMENTS) == ["eu-west-1", "us-east-1"]


def test_policies_that_were_not_seen_block_nothing(world: organization.World) -> None:
    observe(world.search, organizations.attached_scps, outcome=Outcome.ACCESS_DENIED)
    assert scope(world, organization.SEARCH) == ENABLED


def test_where_aws_says_that_a_policy_stopped_cairn_the_region_is_blocked_too(
    world: organization.World,
) -> None:
    for probe in store.probes():
        if probe.reach == "regional":
            observe(world.audit, probe, region="us-east-1", outcome=Outcome.REGION_BLOCKED)
    assert scope(world, organization.AUDIT) == ["ap-south-1", "eu-west-1"]


def test_another_choice_of_regions_does_not_ask_the_policies(world: organization.World) -> None:
    PolicySetting.objects.create(name="REGION_SCOPE", level="installation", value="all")
    assert scope(world, organization.PAYMENTS) == ENABLED


def test_one_account_alone_has_the_same_scope(world: organization.World) -> None:
    connection = Connection.objects.create(
        organization=world.organization, management_role_arn="arn:aws:iam::1:role/x"
    )
    values = load_policy().at(store.place_of(world.payments))
    assert store.regions_of(world.payments, values, connection) == (ENABLED, ["eu-west-1"])
