"""Roles of the demo organization, called over HTTP as AWS is, and what the rules make of them: each
claim of the demo world about these items has to hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import accessanalyzer, ec2, iam
from roadmap.registry import items
from roadmap.verdicts import Verdict
from simulated_aws.world.demo.permissions import HONEY_ARN, HONEY_KEY
from tests.collectors.services.over_http import World, asked, check, claims, judge, named, observed
from tests.roadmap.items.subjects import attested, codes

REGION = "us-east-1"
PLAN, TOKENS = "identity.connection_plan", "refinement.honey_tokens"
CLAIMED = ("identity.unused_roles", "identity.role_services", "refinement.iam_policies", PLAN)


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    regions = {one["id"]: (REGION,) for one in world["accounts"]}
    return observed(world, asked(world, (*CLAIMED, TOKENS)), regions)


token = attested(
    TOKENS,
    "done",
    "organization",
    days_left=10_000,
    about=HONEY_KEY,
    kind="access key",
    user=HONEY_ARN,
    tested_on=f"{datetime.now(UTC):%Y-%m-%d}",
)


plan = attested(PLAN, "done", "organization", days_left=10_000)


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    return judge(world, facts, key, name, attestations=[token if key == TOKENS else plan])


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key), lambda name: verdict_of(world, facts, key, name))


def fact(world: World, facts: OrganizationFacts, collector: Collector[Any], name: str) -> Any:
    return facts.find(named(world, name)["id"], collector.name).get()


def test_roles_come_with_their_last_use_and_policies(
    world: World, facts: OrganizationFacts
) -> None:
    found: iam.Authorization = fact(world, facts, iam.authorization, "search-prod")
    role = next(one for one in found.roles if one.name == "search-import")
    assert role.last_used_at is not None
    assert (datetime.now(UTC) - role.last_used_at).days == 140
    assert [one.principals for one in role.trusts] == [("Service:lambda.amazonaws.com",)]
    (policy,) = found.policies_of(role)
    assert [one.actions for one in policy.statements] == [("s3:*", "sqs:SendMessage")]


def test_policies_are_validated(world: World, facts: OrganizationFacts) -> None:
    found: accessanalyzer.PolicyChecks = fact(
        world, facts, accessanalyzer.policy_checks, "warehouse-prod"
    )
    kinds = {one.kind for check in found.checks.values() for one in check.validations or ()}
    assert (found.gap, kinds) == ("", {"SECURITY_WARNING"})


def test_every_fact_here_can_be_collected(facts: OrganizationFacts) -> None:
    kinds = {one.kind for one in facts.observations.values() if one.outcome == Outcome.COLLECTED}
    assert kinds == {one.name for key in (*CLAIMED, TOKENS) for one in items()[key].reads}


def test_reports_are_told_to_the_session_that_asked_for_them(
    world: World, facts: OrganizationFacts
) -> None:
    found: iam.ServiceReports = fact(world, facts, iam.service_reports, "payments-prod")
    batch = next(one for arn, one in found.reports.items() if arn.endswith("payments-batch"))
    assert set(batch.used) == {"s3", "sqs"}
    assert batch.never == ("ec2", "kms", "rds", "ses", "sns", "ssm")
    assert batch.may_list_buckets
    assert found.failed == {}


def test_both_sides_see_a_peering(world: World, facts: OrganizationFacts) -> None:
    sides = [named(world, name)["id"] for name in ("payments-prod", "ledger-prod")]
    for side in sides:
        (peering,) = facts.find(side, ec2.peerings.name, REGION).get()
        assert set(peering.owners) == set(sides)


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("warehouse-prod", "identity.unused_roles", "unused_role"),
        ("warehouse-prod", "identity.role_services", "admin_on_compute"),
        ("payments-prod", "identity.role_services", "unused_services"),
        ("payments-prod", "identity.role_services", "list_all_buckets_unused"),
        ("warehouse-prod", "refinement.iam_policies", "policy_star_action"),
        ("warehouse-prod", "refinement.iam_policies", "policy_finding"),
        ("management", "refinement.iam_policies", "policy_star_resource"),
        ("network-hub", PLAN, "unknown_account_edge"),
        ("corporate-it", PLAN, "trust_without_external_id"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    assert code in codes(verdict_of(world, facts, key, name))


def test_a_honey_token_is_found_where_it_is_said_to_lie(
    world: World, facts: OrganizationFacts
) -> None:
    verdict = verdict_of(world, facts, TOKENS, "management")
    assert (verdict.status, verdict.rule) == ("pass", "token in place and tested")
