"""What the items about alerts read of the demo organization, called over HTTP as AWS is, and what
their rules make of it: each claim of the demo world about them has to hold."""

from __future__ import annotations

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.services import events
from tests.collectors.services.over_http import (
    World,
    asked,
    check,
    claims,
    judge,
    named,
    observed,
    outcomes,
)
from tests.roadmap.items.subjects import codes

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
def facts(world: World) -> OrganizationFacts:
    return observed(world, asked(world, CLAIMED, ACCOUNTS))


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key, ACCOUNTS), lambda name: judge(world, facts, key, name))


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
    assert code in codes(judge(world, facts, key, name))


def test_rules_that_wait_for_something_else_are_counted_and_not_kept(
    world: World, facts: OrganizationFacts
) -> None:
    about = named(world, "storefront-prod")["id"]
    found = facts.find(about, events.rules.name, "eu-west-1").get()
    assert found.rule_count == 3
    assert {rule.name for rule in found.rules} == {"forward-calls", "refused"}


def test_the_central_bus_admits_the_organization(facts: OrganizationFacts, world: World) -> None:
    security = named(world, "security-tooling")["id"]
    found = facts.find(security, events.security_rules.name, "us-east-1").get()
    bus = found.bus("larkfield-security")
    assert bus.admits("101010101010", world["organization_id"])
    assert not bus.admits("101010101010", "o-elsewhere")


def test_a_region_without_rules_takes_two_calls(facts: OrganizationFacts, world: World) -> None:
    idle = named(world, "log-archive")["id"]
    calls = facts.find(idle, events.rules.name, "us-west-2").calls
    assert {call["operation"]: call["requests"] for call in calls} == {
        "list_event_buses": 1,
        "list_rules": 1,
    }


def test_the_account_that_refuses_the_role_is_missing_everywhere(
    facts: OrganizationFacts, world: World
) -> None:
    refusing = named(world, "tracking-prod")["id"]
    assert outcomes(facts, refusing) == {Outcome.ASSUME_ROLE_DENIED}
