"""What the items about alerts read of the demo organization, called over HTTP as AWS is, and what
their rules make of it: each claim of the demo world about them has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach
from collectors.services import (
    account,
    athena,
    cloudtrail,
    events,
    glue,
    guardduty,
    logs,
    securityhub,
    securitylake,
)
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Company, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, observe

CENTRAL: tuple[Collector[Any], ...] = (
    cloudtrail.organization_trails,
    cloudtrail.event_data_stores,
    logs.organization_trail_logs,
)
SECURITY: tuple[Collector[Any], ...] = (
    account.regions,
    events.security_rules,
    securityhub.aggregators,
    securityhub.connectors,
    glue.trail_tables,
    athena.work_groups,
    securitylake.data_lake,
)
OWN: tuple[Collector[Any], ...] = (
    account.regions,
    guardduty.detector,
    events.rules,
    cloudtrail.trails,
    logs.trail_logs,
)
# One account for each thing the demo world shows; the others differ in nothing that is read here.
ACCOUNTS = (
    "management",
    "security-tooling",
    "log-archive",
    "backup-vault",
    "storefront-prod",
    "payments-prod",
    "ledger-prod",
    "search-prod",
    "warehouse-prod",
    "tracking-prod",
    "data-dev",
    "sandbox-platform",
    "sandbox-ml",
    "corporate-it",
)
CLAIMED = (
    "detection.ticketing",
    "detection.guardduty_notify",
    "detection.denied_alerts",
    "detection.principal_search",
    "refinement.realtime",
)


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


def named(world: World) -> list[World]:
    return [one for one in world["accounts"] if one["name"] in ACCOUNTS]


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    management = world["management_account"]
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    regions = {one["id"]: one["regions"] for one in world["accounts"]}
    asked = [one["id"] for one in named(world)]
    wanted = [
        *((management, collector) for collector in CENTRAL),
        *((about, collector) for about in security for collector in SECURITY),
        *((about, collector) for about in asked for collector in OWN),
    ]
    found = [
        observe(world, collector, about, region)
        for about, collector in wanted
        for region in (regions[about] if collector.reach == Reach.REGIONAL else [""])
    ]
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations={(one.account_id, one.kind, one.region): one for one in found},
        regions=regions,
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
            classes=about["classes"],
            organization_id="o-larkfield0",
            management_account_id=world["management_account"],
        ),
        facts=facts.of(about["id"]),
        settings=ReadSettings(defaults | world["settings"]),
        now=datetime.now(UTC),
        company=Company(),
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    claimed = {one["name"]: one["claims"][key]["verdict"] for one in named(world)}

    verdicts = {one["name"]: judge(world, facts, key, one) for one in named(world)}

    found = {name: str(verdict.status) for name, verdict in verdicts.items()}
    assert found == claimed, verdicts


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("corporate-it", "detection.guardduty_notify", "guardduty_unheard"),
        ("payments-prod", "refinement.realtime", "no_realtime_rule"),
        ("search-prod", "refinement.realtime", "realtime_not_central"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    (about,) = (one for one in named(world) if one["name"] == name)
    assert code in {problem.code for problem in judge(world, facts, key, about).problems}


def test_rules_that_wait_for_something_else_are_counted_and_not_kept(
    world: World, facts: OrganizationFacts
) -> None:
    (about,) = (one["id"] for one in named(world) if one["name"] == "storefront-prod")
    found = facts.find(about, events.rules.name, "eu-west-1").get()
    assert found.rule_count == 3
    assert {rule.name for rule in found.rules} == {"forward-calls", "refused"}


def test_the_central_bus_admits_the_organization(facts: OrganizationFacts, world: World) -> None:
    (security,) = (one["id"] for one in named(world) if one["name"] == "security-tooling")
    found = facts.find(security, events.security_rules.name, "us-east-1").get()
    bus = found.bus("larkfield-security")
    assert bus.admits("101010101010", "o-larkfield0")
    assert not bus.admits("101010101010", "o-elsewhere")


def test_a_region_without_rules_takes_two_calls(facts: OrganizationFacts, world: World) -> None:
    (idle,) = (one["id"] for one in named(world) if one["name"] == "log-archive")
    calls = facts.find(idle, events.rules.name, "us-west-2").calls
    assert {call["operation"]: call["requests"] for call in calls} == {
        "list_event_buses": 1,
        "list_rules": 1,
    }


def test_the_account_that_refuses_the_role_is_missing_everywhere(
    facts: OrganizationFacts, world: World
) -> None:
    (refusing,) = (one["id"] for one in named(world) if one["name"] == "tracking-prod")
    kinds = [events.rules.name, logs.trail_logs.name]
    outcomes = {facts.find(refusing, kind, "us-east-1").outcome for kind in kinds}
    assert outcomes == {Outcome.ASSUME_ROLE_DENIED}
