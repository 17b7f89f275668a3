"""What stage 3 reads of the demo organization, called over HTTP as AWS is, and what its rules make
of it: each claim of the demo world about stage 3 has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach
from collectors.services import (
    accessanalyzer,
    account,
    cloudformation,
    cloudtrail,
    controltower,
    ec2,
    guardduty,
    iam,
    macie2,
    organizations,
    s3,
    s3control,
    securityhub,
    securitylake,
)
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Attested, Company, ReadSettings, Subject
from roadmap.verdicts import Status, Verdict, unknown_for
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, is_open, observe

EACH: tuple[Collector[Any], ...] = (account.regions, organizations.effective_policies)
CENTRAL: tuple[Collector[Any], ...] = (
    cloudtrail.organization_trails,
    cloudtrail.event_data_stores,
    guardduty.delegated_administrators,
    accessanalyzer.management_analyzers,
    macie2.delegated_administrators,
    cloudformation.stack_sets,
    controltower.landing_zone,
)
SECURITY: tuple[Collector[Any], ...] = (
    s3.buckets,
    guardduty.administration,
    accessanalyzer.security_analyzers,
    securityhub.urgent_findings,
    securitylake.data_lake,
    cloudformation.delegated_stack_sets,
)
OWN: tuple[Collector[Any], ...] = (
    iam.view_roles,
    s3control.public_access_block,
    cloudtrail.trails,
    guardduty.detector,
    accessanalyzer.analyzers,
    macie2.session,
    securityhub.hub,
    s3control.bucket_access,
    ec2.interfaces,
    ec2.subnets,
    ec2.route_tables,
    ec2.security_groups,
    ec2.vpc_block,
)
CLAIMED = (
    "visibility.cloudtrail",
    "visibility.guardduty",
    "visibility.access_analyzer",
    "visibility.security_role",
    "visibility.initial_scan",
    "visibility.s3_block_public",
    "visibility.account_baseline",
)


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    management = world["management_account"]
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    regions = {one["id"]: one["regions"] for one in world["accounts"] if is_open(one)}
    wanted = [
        *((management, collector) for collector in CENTRAL),
        *((about, collector) for about in security for collector in SECURITY),
        *((about, collector) for about in regions for collector in (*EACH, *OWN)),
    ]
    found = [
        patiently(world, collector, about, region)
        for about, collector in wanted
        for region in where(world, collector, regions[about])
    ]
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations={(one.account_id, one.kind, one.region): one for one in found},
        regions=regions,
    )


def patiently(world: World, collector: Collector[Any], about: str, region: str) -> Observation[Any]:
    """One account throttles for longer than one call is tried again; a run returns to it."""
    found = observe(world, collector, about, region)
    if found.outcome == Outcome.THROTTLED:
        return observe(world, collector, about, region)
    return found


def where(world: World, collector: Collector[Any], regions: list[str]) -> list[str]:
    if collector.reach == Reach.HOME:
        return list(world["settings"][collector.home_setting])
    return regions if collector.reach == Reach.REGIONAL else [""]


def judge(world: World, facts: OrganizationFacts, key: str, about: World) -> Verdict:
    """With the answer that the process of creating accounts is written down."""
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
        company=Company(
            collector_principals=(world["collector"]["Arn"], world["management_role_arn"])
        ),
        attestations=[Attested(key, "organization", "done")]
        if key == "visibility.account_baseline"
        else [],
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

    verdicts = {
        one["name"]: judge(world, facts, key, one)
        for one in world["accounts"]
        if one["name"] in claimed
    }

    assert {name: str(verdict.status) for name, verdict in verdicts.items()} == claimed


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("search-prod", "visibility.cloudtrail", "trail_delivery_error"),
        ("corporate-it", "visibility.guardduty", "guardduty_off"),
        ("warehouse-prod", "visibility.guardduty", "guardduty_suspended_member"),
        ("storefront-dev", "visibility.guardduty", "guardduty_s3_off"),
        ("fernhill-shop", "visibility.access_analyzer", "analyzer_inactive"),
        ("ledger-prod", "visibility.access_analyzer", "analyzer_missing"),
        ("analytics-prod", "visibility.security_role", "role_trust_wide"),
        ("sandbox-platform", "visibility.security_role", "role_trust_unconditioned"),
        ("warehouse-prod", "visibility.initial_scan", "soft_target_exposed"),
        ("sandbox-platform", "visibility.s3_block_public", "s3_bucket_bpa_off"),
        ("fraud-prod", "visibility.account_baseline", "baseline_missing"),
        ("analytics-prod", "visibility.account_baseline", "baseline_failed"),
        ("logistics-dev", "visibility.account_baseline", "baseline_outdated"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    assert code in codes(judge(world, facts, key, named(world, name)))


def test_services_that_are_off_are_facts(world: World, facts: OrganizationFacts) -> None:
    off = named(world, "corporate-it")["id"]
    region = facts.regions[off][0]

    assert facts.find(off, guardduty.detector.name, region).get() == guardduty.Detector()
    assert facts.find(off, macie2.session.name, region).get() == macie2.Session()
    assert facts.find(off, securityhub.hub.name, region).get() == securityhub.Hub()


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


def test_members_answer_from_the_organizations_trail(
    world: World, facts: OrganizationFacts
) -> None:
    member = judge(world, facts, "visibility.cloudtrail", named(world, "storefront-prod"))

    assert member.inherits_from == "o-demo"
    assert "larkfield-organization" in member.sentence


def test_the_region_that_cannot_be_reached_is_told_apart(
    world: World, facts: OrganizationFacts
) -> None:
    verdict = judge(world, facts, "visibility.cloudtrail", named(world, "fernhill-shop"))

    assert verdict.regions["eu-west-1"].status == Status.UNKNOWN
    assert verdict.regions["us-east-1"].status == Status.PASS
