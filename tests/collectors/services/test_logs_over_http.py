"""What records and scans the demo organization, called over HTTP as AWS is, and what the rules make
of it: each claim of the demo world about log sources and regular scans has to hold."""

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
    cloudfront,
    cloudtrail,
    config,
    ec2,
    elb,
    elbv2,
    logs,
    route53resolver,
    s3,
    securityhub,
    securitylake,
)
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, observe

# Those that differ, and some of which only the general claims speak.
ACCOUNTS = (
    "management", "network-hub", "storefront-prod", "storefront-cdn", "shared-services",
    "search-prod", "payments-prod", "payments-dev", "warehouse-prod", "corporate-it",
    "fernhill-shop", "ml-prod", "data-dev", "storefront-dev", "storefront-staging",
    "logistics-dev", "tracking-prod", "backup-vault",
)  # fmt: skip
SECURITY: tuple[Collector[Any], ...] = (
    securitylake.data_lake,
    config.aggregation,
    securityhub.central,
)
OWN: tuple[Collector[Any], ...] = (
    ec2.vpcs,
    ec2.interfaces,
    ec2.subnets,
    ec2.flow_logs,
    route53resolver.query_logs,
    cloudtrail.trails,
    s3.bucket_logs,
    elbv2.load_balancers,
    elb.load_balancers,
    cloudfront.distributions,
    logs.deliveries,
    config.recorders,
    config.rules,
    securityhub.hub,
    securityhub.hub_v2,
)
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
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    management = world["management_account"]
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    looked_at = {one["id"] for one in world["accounts"] if one["name"] in ACCOUNTS}
    regions = {
        one["id"]: one["regions"]
        for one in world["accounts"]
        if one["id"] in looked_at | set(security)
    }
    wanted = [
        (management, securityhub.delegated_administrators),
        *((about, collector) for about in security for collector in SECURITY),
        *((about, account.regions) for about in regions),
        *((about, collector) for about in sorted(looked_at) for collector in OWN),
    ]
    found = [
        patiently(world, collector, about, region)
        for about, collector in wanted
        for region in (regions[about] if collector.reach == Reach.REGIONAL else [""])
    ]
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations={(one.account_id, one.kind, one.region): one for one in found},
        regions=regions,
    )


def patiently(world: World, collector: Collector[Any], about: str, region: str) -> Any:
    """One account throttles for longer than one call is tried again; a run returns to it."""
    found = observe(world, collector, about, region)
    if found.outcome == Outcome.THROTTLED:
        return observe(world, collector, about, region)
    return found


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


def judge(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    about = named(world, name)
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    rule = items()[key].judge
    assert rule is not None
    subject = Subject(
        account=AccountRow(
            about["id"],
            name=name,
            state=about["state"],
            organization_id="o-demo",
            management_account_id=world["management_account"],
        ),
        facts=facts.of(about["id"]),
        settings=ReadSettings(defaults | world["settings"]),
        now=datetime.now(UTC),
        verdicts={key: judge(world, facts, key, name) for key in SOURCES}
        if key == "detection.extra_logs"
        else {},
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    claims = {name: named(world, name)["claims"][key]["verdict"] for name in ACCOUNTS}
    claimed = {name: verdict for name, verdict in claims.items() if verdict is not None}

    verdicts = {name: judge(world, facts, key, name) for name in claimed}

    assert {name: str(verdict.status) for name, verdict in verdicts.items()} == claimed, {
        name: verdict.sentence for name, verdict in verdicts.items()
    }


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
    assert code in {problem.code for problem in judge(world, facts, key, name).problems}


def test_the_organizations_aggregator_is_seen(world: World, facts: OrganizationFacts) -> None:
    verdict = judge(world, facts, "detection.regular_scans", "management")
    central = verdict.facts["central"]

    assert "no_org_aggregator" not in {problem.code for problem in verdict.problems}
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
    kinds = [collector.name for collector in OWN]
    outcomes = {
        one.outcome
        for (about, kind, _), one in facts.observations.items()
        if about == refusing and kind in kinds
    }

    assert outcomes == {Outcome.ASSUME_ROLE_DENIED}
