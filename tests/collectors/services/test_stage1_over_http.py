"""What stage 1 reads of the demo organization, called over HTTP as AWS is, and what its rules make
of it: each claim of the demo world about stage 1 has to hold."""

from __future__ import annotations

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.services import account, budgets, ce, organizations, sts
from roadmap.readings.workload import READS
from roadmap.subject import Attested
from roadmap.verdicts import Reason, Status, Verdict
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

# Of every open account, besides what the items claimed of here read.
EACH = (
    account.regions,
    account.contacts,
    organizations.tags,
    organizations.attached_scps,
    sts.identity,
)
CENTRAL = (ce.billed_accounts, organizations.service_access)
CLAIMED = (
    "inventory.organization",
    "inventory.root_email",
    "inventory.ai_optout",
    "inventory.security_account",
    "inventory.cost_alarms",
)


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    """What runs in an account only where that is asked for."""
    management = world["management_account"]
    looked_into = (management, *world["settings"]["SECURITY_ACCOUNTS"])
    each = [
        (one["id"], collector) for one in world["accounts"] if is_open(one) for collector in EACH
    ]
    read = [(o, c) for o, c in asked(world, CLAIMED) if c not in READS or o in looked_into]
    return observed(world, [*read, *each, *((management, collector) for collector in CENTRAL)])


def verdict_of(world: World, facts: OrganizationFacts, key: str, name: str) -> Verdict:
    """With every answer that people are asked for."""
    patterns = world["settings"]["ROOT_EMAIL_LIST_PATTERNS"]
    said = [Attested(key, "organization", "done", about=pattern) for pattern in patterns]
    return judge(world, facts, key, name, attestations=said)


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    check(claims(world, key), lambda name: verdict_of(world, facts, key, name))


def test_the_listing_is_complete_and_knows_the_tree(world: World, facts: OrganizationFacts) -> None:
    listing = facts.find(world["management_account"], "organizations.listing").get()

    assert listing.is_complete
    paths = {one.name: listing.ou_path(one) for one in listing.accounts}
    assert paths == {
        one["name"]: "/".join(["Root", *one["ou"].split("/")] if one["ou"] else ["Root"])
        for one in world["accounts"]
    }
    assert {one.name: one.state for one in listing.accounts} == {
        one["name"]: one["state"] for one in world["accounts"]
    }


def test_every_account_tells_its_regions(world: World, facts: OrganizationFacts) -> None:
    for one in world["accounts"]:
        if is_open(one) and one["name"] != "tracking-prod":
            enabled = facts.find(one["id"], "account.regions").get().enabled
            assert set(enabled) >= set(one["regions"]), one["name"]


def test_an_account_that_refuses_everything_is_missing(
    world: World, facts: OrganizationFacts
) -> None:
    refusing = facts.of(named(world, "tracking-prod")["id"])

    assert refusing.observation(account.contacts).outcome == Outcome.ASSUME_ROLE_DENIED
    assert refusing.observation(budgets.budgets).outcome == Outcome.ASSUME_ROLE_DENIED


def test_closed_billing_is_unknown_for_that_reason(world: World, facts: OrganizationFacts) -> None:
    verdict = verdict_of(world, facts, "inventory.cost_alarms", "payments-dev")

    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_an_invitation_and_a_stranger_on_the_bill_are_seen(
    world: World, facts: OrganizationFacts
) -> None:
    management = facts.of(world["management_account"])

    assert [one.is_open for one in management.get(organizations.invitations)] == [True]
    billed = management.get(ce.billed_accounts)
    assert len(set(billed) - {one["id"] for one in world["accounts"]}) == 1
    assert "guardduty.amazonaws.com" in management.get(organizations.service_access)


def test_a_region_guardrail_is_attached_to_the_sandbox(
    world: World, facts: OrganizationFacts
) -> None:
    policies = facts.of(world["management_account"]).get(organizations.policies)
    attached = facts.of(named(world, "sandbox-platform")["id"]).get(organizations.attached_scps)

    names = {policy.name for policy in policies.policies if policy.id in attached}
    assert "ApprovedRegions" in names


def test_each_account_answers_as_itself(world: World, facts: OrganizationFacts) -> None:
    for one in world["accounts"]:
        seen = facts.find(one["id"], "sts.identity")
        if seen.outcome == Outcome.COLLECTED:
            assert seen.get().account == one["id"]
            assert seen.get().role_name == world["member_role_name"]


def test_tags_name_the_owner(world: World, facts: OrganizationFacts) -> None:
    tags = facts.of(named(world, "fraud-prod")["id"]).get(organizations.tags).tags

    assert {key.lower() for key in tags} >= {"owner", "team"}
