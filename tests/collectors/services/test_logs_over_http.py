"""What records and scans the demo organization, called over HTTP as AWS is, and what the rules make
of it: each claim of the demo world about log sources and regular scans has to hold."""

from __future__ import annotations

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.services import cloudfront, config, elb, elbv2, logs, securityhub
from roadmap.verdicts import Verdict
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

# Those that differ, and some of which only the general claims speak.
ACCOUNTS = (
    "management", "network-hub", "storefront-prod", "storefront-cdn", "shared-services",
    "search-prod", "payments-prod", "payments-dev", "warehouse-prod", "corporate-it",
    "fernhill-shop", "ml-prod", "data-dev", "storefront-dev", "storefront-staging",
    "logistics-dev", "tracking-prod", "backup-vault",
)  # fmt: skip
SOURCES = (
    "detection.log_dns",
    "detection.log_flow",
    "detection.log_data_events",
    "detection.log_s3_access",
    "detection.log_load_balancer",
    "detection.log_cloudfront",
)
CLAIMED = (*SOURCES, "detection.extra_logs", "detection.regular_scans")


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    return observed(world, asked(world, CLAIMED, ACCOUNTS))


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    parts = SOURCES if key == "detection.extra_logs" else ()
    verdicts = {part: judge(world, facts, part, name) for part in parts}
    return judge(world, facts, key, name, verdicts=verdicts)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key, ACCOUNTS), lambda name: verdict_of(world, facts, key, name))


@pytest.mark.parametrize("key", CLAIMED)
def test_each_item_shows_different_verdicts(world: World, key: str) -> None:
    shown = {one["claims"][key]["verdict"] for one in world["accounts"]}
    assert len(shown & {"pass", "partial", "fail"}) >= 2


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("shared-services", "detection.log_dns", "no_dns_log"),
        ("warehouse-prod", "detection.log_dns", "log_delivery_failed"),
        ("storefront-prod", "detection.log_flow", "no_flow_log"),
        ("warehouse-prod", "detection.log_flow", "log_delivery_failed"),
        ("management", "detection.log_data_events", "data_events_off"),
        ("storefront-prod", "detection.log_s3_access", "no_bucket_log"),
        ("search-prod", "detection.log_load_balancer", "no_lb_log"),
        ("storefront-prod", "detection.log_cloudfront", "no_cdn_log"),
        ("warehouse-prod", "detection.regular_scans", "config_recorder_off"),
        ("corporate-it", "detection.regular_scans", "scan_overdue"),
        ("search-prod", "detection.regular_scans", "standard_not_ready"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    assert code in codes(judge(world, facts, key, name))


def test_the_organizations_aggregator_is_seen(world: World, facts: OrganizationFacts) -> None:
    verdict = judge(world, facts, "detection.regular_scans", "management")
    central = verdict.facts["central"]

    assert "no_org_aggregator" not in codes(verdict)
    (aggregator,) = central["aggregators"]
    assert aggregator["reaches"] == named(world, "management")["regions"]
    assert central["security_hub"]["us-east-1"]["kind"] == "CENTRAL"
    assert central["security_hub"]["us-east-1"]["delegated"] is True


def test_services_that_are_not_used_are_facts(world: World, facts: OrganizationFacts) -> None:
    quiet = named(world, "backup-vault")["id"]
    region = facts.regions[quiet][0]

    for collector in (elb.load_balancers, elbv2.load_balancers, logs.deliveries, config.recorders):
        assert facts.find(quiet, collector.name, region).get() == ()
    assert facts.find(quiet, securityhub.hub_v2.name, region).get() == ""
    assert facts.find(quiet, cloudfront.distributions.name).get() == ()


def test_the_account_that_refuses_the_role_is_missing_everywhere(
    world: World, facts: OrganizationFacts
) -> None:
    refusing = named(world, "tracking-prod")["id"]
    assert outcomes(facts, refusing) == {Outcome.ASSUME_ROLE_DENIED}
