"""What the items about ownership read of the demo organization, called over HTTP as AWS is, and
what their rules make of it: each claim of the demo world about them has to hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from roadmap.registry import items
from roadmap.subject import Attested
from roadmap.verdicts import Verdict
from tests.collectors.services.over_http import (
    World,
    asked,
    check,
    claims,
    is_open,
    judge,
    named,
    observed,
)
from tests.roadmap.items.subjects import codes

# Accounts that show what the demo world claims of an item: each that differs, and a usual one.
SHOWING = {
    "ownership.iac": (
        "backup-vault", "ledger-prod", "search-prod", "data-dev", "payments-staging",
        "tracking-prod",
    ),
    "ownership.image_sources": (
        "network-hub", "shared-services", "search-prod", "payments-prod", "corporate-it",
        "fraud-prod", "tracking-prod",
    ),
    "ownership.tagging": (
        "shared-services", "ledger-prod", "storefront-prod", "search-prod", "warehouse-prod",
        "payments-prod", "network-hub",
    ),
    "refinement.auto_remediation": (
        "data-dev", "network-hub", "logistics-dev", "storefront-staging", "shared-services",
        "tracking-prod",
    ),
}  # fmt: skip
CLAIMED = tuple(SHOWING)
# Somebody's word would pass every account.
UNASKED = ("refinement.auto_remediation",)


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    wanted = [one for key, names in SHOWING.items() for one in asked(world, [key], names)]
    return observed(world, wanted)


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    """With every question answered in favour of the account."""
    said = [] if key in UNASKED else [Attested(key, "organization", "done")]
    return judge(world, facts, key, name, attestations=said)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key, SHOWING[key]), lambda name: verdict_of(world, facts, key, name))


@pytest.mark.parametrize("key", CLAIMED)
def test_the_accounts_that_show_something_are_asked(world: World, key: str) -> None:
    claims = {one["name"]: one["claims"][key] for one in world["accounts"] if is_open(one)}
    usual = Counter(claim["why"] for claim in claims.values()).most_common(1)[0][0]
    told = {name: claim for name, claim in claims.items() if claim["verdict"] is not None}
    differing = {name for name, claim in told.items() if claim["why"] != usual}
    assert differing - {"fernhill-legacy", "tracking-prod"} <= set(SHOWING[key])


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("storefront-prod", "ownership.tagging", "untagged_resource"),
        ("network-hub", "ownership.tagging", "no_tag_population"),
        ("search-prod", "ownership.iac", "console_change"),
        ("ledger-prod", "ownership.iac", "stack_drifted"),
        ("data-dev", "ownership.iac", "unmanaged_resource"),
        ("corporate-it", "ownership.image_sources", "unapproved_ami"),
        ("corporate-it", "ownership.image_sources", "allowed_amis_off"),
        ("fraud-prod", "ownership.image_sources", "foreign_layer"),
        ("payments-prod", "ownership.image_sources", "unapproved_registry"),
        ("shared-services", "ownership.image_sources", "mutable_tags"),
        ("logistics-dev", "refinement.auto_remediation", "remediation_failing"),
        ("shared-services", "refinement.auto_remediation", "no_remediation"),
    ],
)
def test_what_is_wrong_becomes_a_finding(
    world: World, facts: OrganizationFacts, name: str, key: str, code: str
) -> None:
    assert code in codes(verdict_of(world, facts, key, name))


@pytest.mark.parametrize("key", CLAIMED)
def test_everything_an_item_reads_was_told(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    about = named(world, SHOWING[key][0])["id"]
    for collector in items()[key].reads:
        seen = [o for (_, kind, _), o in facts.observations.items() if kind == collector.name]
        own = [o for o in seen if o.account_id == about] or seen
        assert own, collector.name
        assert {o.outcome for o in own} == {Outcome.COLLECTED}, own


def test_what_aws_counts_by_itself_is_read(world: World, facts: OrganizationFacts) -> None:
    kept = verdict_of(world, facts, "ownership.tagging", "search-prod").facts
    assert kept["summary"] == {"resources": 3, "last_updated": "2026-11-22T03:00:00Z"}
    assert kept["required_by_policy"] == {"ec2:instance": ["environment"]}


def test_what_serves_trusted_packages_is_read(world: World, facts: OrganizationFacts) -> None:
    kept = verdict_of(world, facts, "ownership.image_sources", "shared-services").facts
    assert kept["package_repositories"] == 2
    assert kept["pull_through"] == ["registry-1.docker.io"]
    assert kept["allowed_amis"]["eu-west-1"]["state"] == "enabled"


def test_who_changed_what_in_the_console_is_read(world: World, facts: OrganizationFacts) -> None:
    kept = verdict_of(world, facts, "ownership.iac", "search-prod").facts
    assert list(kept["principals"].values()) == [26]
    assert kept["sample"]["eu-west-1"] == {"days": 7, "events": 26, "is_cut": False}


def test_rules_that_change_findings_are_read(world: World, facts: OrganizationFacts) -> None:
    kept = verdict_of(world, facts, "refinement.auto_remediation", "shared-services").facts
    assert kept["automation_rules"] == 1
    assert kept["looked_for_since"] == datetime.now(UTC).date().isoformat()
