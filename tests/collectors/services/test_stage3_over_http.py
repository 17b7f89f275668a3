"""What stage 3 reads of the demo organization, called over HTTP as AWS is, and what its rules make
of it: each claim of the demo world about stage 3 has to hold."""

from __future__ import annotations

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Phase, collectors
from collectors.services import guardduty, macie2, securityhub
from roadmap.subject import Attested
from roadmap.verdicts import Status, Verdict
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
def facts(world: World) -> OrganizationFacts:
    """With all that may be in the one account of which a trail is silent in a Region."""
    quiet = named(world, "network-hub")["id"]
    presence = [(quiet, one) for one in collectors().values() if one.phase == Phase.PRESENCE]
    return observed(world, [*asked(world, (*CLAIMED, "visibility.macie")), *presence])


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    """With the answer that the process of creating accounts is written down."""
    written = (
        [Attested(key, "organization", "done")] if key == "visibility.account_baseline" else []
    )
    return judge(world, facts, key, name, attestations=written)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key), lambda name: verdict_of(world, facts, key, name))


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
    assert code in codes(verdict_of(world, facts, key, name))


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
    assert outcomes(facts, refusing) == {Outcome.ASSUME_ROLE_DENIED}


def test_members_answer_from_the_organizations_trail(
    world: World, facts: OrganizationFacts
) -> None:
    member = verdict_of(world, facts, "visibility.cloudtrail", "storefront-prod")

    assert member.inherits_from == world["organization_id"]
    assert "larkfield-organization" in member.sentence


def test_the_region_that_cannot_be_reached_is_told_apart(
    world: World, facts: OrganizationFacts
) -> None:
    verdict = verdict_of(world, facts, "visibility.cloudtrail", "fernhill-shop")

    assert verdict.regions["eu-west-1"].status == Status.UNKNOWN
    assert verdict.regions["us-east-1"].status == Status.PASS
