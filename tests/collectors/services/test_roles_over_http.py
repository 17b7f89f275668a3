"""Roles of the demo organization, called over HTTP as AWS is, and what the rules make of them: each
claim of the demo world about these items has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import accessanalyzer, ec2, iam, ram
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Company, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws
from simulated_aws.world.demo.permissions import HONEY_ARN, HONEY_KEY
from tests.collectors.services.over_http import World, connected, is_open, observe
from tests.roadmap.items.subjects import attested

REGION = "us-east-1"
# In the order in which they build on each other.
OWN: tuple[Collector[Any], ...] = (
    iam.authorization,
    iam.users,
    iam.service_reports,
    accessanalyzer.policy_checks,
)
REGIONAL: tuple[Collector[Any], ...] = (
    ram.shares,
    ec2.peerings,
    ec2.transit_gateway_attachments,
)
CENTRAL: tuple[Collector[Any], ...] = (
    accessanalyzer.unused_access,
    accessanalyzer.external_access,
)
PLAN, TOKENS = "identity.connection_plan", "refinement.honey_tokens"
CLAIMED = ("identity.unused_roles", "identity.role_services", "refinement.iam_policies", PLAN)

Facts = dict[tuple[str, str, str], Observation[Any]]


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    found: Facts = {}
    for one in world["accounts"]:
        for collector in OWN if is_open(one) else ():
            _add(found, world, collector, one["id"])
        for collector in REGIONAL if is_open(one) else ():
            _add(found, world, collector, one["id"], REGION)
    for account in security:
        for collector in CENTRAL:
            _add(found, world, collector, account, REGION)
    return OrganizationFacts(
        management_account_id=world["management_account"],
        security_account_ids=security,
        observations=found,
        regions={one["id"]: (REGION,) for one in world["accounts"]},
    )


def _add(
    found: Facts, world: World, collector: Collector[Any], about: str, region: str = ""
) -> None:
    stored = {
        name: found[key] for name in collector.builds_on if (key := (about, name, "")) in found
    }
    one = observe(world, collector, about, region, stored)
    found[about, collector.name, region] = one


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


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


def judge(world: World, facts: OrganizationFacts, key: str, about: World) -> Verdict:
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    rule = items()[key].judge
    assert rule is not None
    subject = Subject(
        account=AccountRow(
            about["id"],
            name=about["name"],
            state=about["state"],
            organization_id="o-demo",
            management_account_id=world["management_account"],
        ),
        facts=facts.of(about["id"]),
        settings=ReadSettings(defaults | world["settings"]),
        now=datetime.now(UTC),
        company=Company(accounts={one["id"]: AccountRow(one["id"]) for one in world["accounts"]}),
        attestations=[attested(PLAN, "done", "organization", days_left=10_000)]
        if key != TOKENS
        else [token],
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    claimed = {
        one["name"]: one["claims"][key]["verdict"]
        for one in world["accounts"]
        if is_open(one) and one["claims"][key]["verdict"] is not None
    }

    verdicts = {name: judge(world, facts, key, named(world, name)) for name in claimed}

    found = {name: str(verdict.status) for name, verdict in verdicts.items()}
    assert found == claimed, {n: v.sentence for n, v in verdicts.items() if found[n] != claimed[n]}


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
    assert kinds == {collector.name for collector in (*OWN, *REGIONAL, *CENTRAL)}


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
    problems = judge(world, facts, key, named(world, name)).problems
    assert code in {problem.code for problem in problems}


def test_a_honey_token_is_found_where_it_is_said_to_lie(
    world: World, facts: OrganizationFacts
) -> None:
    verdict = judge(world, facts, TOKENS, named(world, "management"))
    assert (verdict.status, verdict.rule) == ("pass", "token in place and tested")
