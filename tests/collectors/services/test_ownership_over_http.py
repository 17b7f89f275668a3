"""What the items about ownership read of the demo organization, called over HTTP as AWS is, and
what their rules make of it: each claim of the demo world about them has to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach, Scope, collectors
from inventory.policy_settings import SETTINGS
from roadmap.registry import items
from roadmap.subject import AccountRow, Attested, Company, ReadSettings, Subject
from roadmap.verdicts import Verdict, unknown_for
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, is_open, observe

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
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    management = world["management_account"]
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    regions = {one["id"]: one["regions"] for one in world["accounts"] if is_open(one)}
    wanted = dict.fromkeys(
        (collector, about)
        for key, names in SHOWING.items()
        for collector in items()[key].reads
        for about in {
            Scope.ORGANIZATION: [management],
            Scope.SECURITY: security,
            Scope.TARGET: [named(world, name)["id"] for name in names],
            # What the security accounts repair serves all.
            Scope.ACCOUNT: [
                *(named(world, name)["id"] for name in names),
                *(security if key == "refinement.auto_remediation" else ()),
            ],
        }[collector.scope]
    )
    found = [
        patiently(world, collector, about, region)
        for collector, about in wanted
        for region in (regions[about] if collector.reach == Reach.REGIONAL else [""])
    ]
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations={(one.account_id, one.kind, one.region): one for one in found},
        regions=regions,
    )


def patiently(world: World, collector: Collector[Any], about: str, region: str) -> Observation[Any]:
    """One account throttles for longer than one call is tried again; a run returns to it."""
    others = [collectors()[name] for name in collector.builds_on if name != collector.name]
    stored = {one.name: observe(world, one, about, region) for one in others}
    found = observe(world, collector, about, region, stored)
    if found.outcome == Outcome.THROTTLED:
        return observe(world, collector, about, region, stored)
    return found


def judge(world: World, facts: OrganizationFacts, key: str, about: World) -> Verdict:
    """With every question answered in favour of the account."""
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    rule = items()[key].judge
    assert rule is not None
    rows = {one["id"]: AccountRow(one["id"], name=one["name"]) for one in world["accounts"]}
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
        now=NOW,
        company=Company(accounts=rows),
        attestations=[] if key in UNASKED else [Attested(key, "organization", "done")],
    )
    try:
        return rule(subject)
    except Missing as missing:
        return unknown_for(missing)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    shown = [named(world, name) for name in SHOWING[key]]
    claims = {one["name"]: one["claims"][key]["verdict"] for one in shown}
    claimed = {name: verdict for name, verdict in claims.items() if verdict}
    found = {
        one["name"]: str(judge(world, facts, key, one).status)
        for one in shown
        if one["name"] in claimed
    }
    assert found == claimed


@pytest.mark.parametrize("key", CLAIMED)
def test_the_accounts_that_show_something_are_asked(world: World, key: str) -> None:
    claims = {one["name"]: one["claims"][key] for one in world["accounts"] if is_open(one)}
    usual = Counter(claim["why"] for claim in claims.values()).most_common(1)[0][0]
    told = {name: claim for name, claim in claims.items() if claim["verdict"] is not None}
    differing = {name for name, claim in told.items() if claim["why"] != usual}
    assert differing - {"fernhill-legacy", "tracking-prod"} <= set(SHOWING[key])


def codes(verdict: Verdict) -> set[str]:
    return {problem.code for problem in verdict.problems}


def named(world: World, name: str) -> World:
    return next(one for one in world["accounts"] if one["name"] == name)


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
    assert code in codes(judge(world, facts, key, named(world, name)))


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
    kept = judge(world, facts, "ownership.tagging", named(world, "search-prod")).facts
    assert kept["summary"] == {"resources": 3, "last_updated": "2026-11-22T03:00:00Z"}
    assert kept["required_by_policy"] == {"ec2:instance": ["environment"]}


def test_what_serves_trusted_packages_is_read(world: World, facts: OrganizationFacts) -> None:
    kept = judge(world, facts, "ownership.image_sources", named(world, "shared-services")).facts
    assert kept["package_repositories"] == 2
    assert kept["pull_through"] == ["registry-1.docker.io"]
    assert kept["allowed_amis"]["eu-west-1"]["state"] == "enabled"


def test_who_changed_what_in_the_console_is_read(world: World, facts: OrganizationFacts) -> None:
    kept = judge(world, facts, "ownership.iac", named(world, "search-prod")).facts
    assert list(kept["principals"].values()) == [26]
    assert kept["sample"]["eu-west-1"] == {"days": 7, "events": 26, "is_cut": False}


def test_rules_that_change_findings_are_read(world: World, facts: OrganizationFacts) -> None:
    about = named(world, "shared-services")
    kept = judge(world, facts, "refinement.auto_remediation", about).facts
    assert kept["automation_rules"] == 1
    assert kept["looked_for_since"] == NOW.date().isoformat()
