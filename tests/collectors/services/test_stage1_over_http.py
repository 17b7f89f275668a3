"""What stage 1 reads of the demo organization, called over HTTP as AWS is, and what its rules make
of it: each claim of the demo world about stage 1 has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.facts import OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import Collector, Reach
from collectors.services import account, budgets, ce, cloudtrail, cloudwatch, organizations, sts
from inventory.policy_settings import SETTINGS
from roadmap.readings.workload import READS
from roadmap.registry import items
from roadmap.subject import AccountRow, Attested, Company, ReadSettings, Subject
from roadmap.verdicts import Reason, Status, Verdict
from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected, is_open, observe

CENTRAL: tuple[Collector[Any], ...] = (
    organizations.listing,
    organizations.policies,
    organizations.delegated_administrators,
    organizations.service_access,
    organizations.invitations,
    cloudtrail.organization_trails,
    budgets.organization_budgets,
    ce.anomalies,
    ce.billed_accounts,
)
EACH: tuple[Collector[Any], ...] = (
    account.regions,
    account.contacts,
    organizations.tags,
    organizations.attached_scps,
    organizations.effective_policies,
    cloudwatch.linked_account_alarms,
)
OWN: tuple[Collector[Any], ...] = (sts.identity, cloudwatch.billing_alarms, budgets.budgets)
CLAIMED = (
    "inventory.organization",
    "inventory.root_email",
    "inventory.ai_optout",
    "inventory.security_account",
    "inventory.cost_alarms",
)


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found


@pytest.fixture(scope="module")
def facts(world: World) -> OrganizationFacts:
    """Everything stage 1 reads; what runs in an account only where that is asked for."""
    management = world["management_account"]
    security = tuple(world["settings"]["SECURITY_ACCOUNTS"])
    open_accounts = [one["id"] for one in world["accounts"] if one["state"] == "ACTIVE"]
    in_scope: list[str] = world["regions"]
    found = [observe(world, collector, management) for collector in CENTRAL]
    found += [observe(world, one, each) for each in open_accounts for one in (*EACH, *OWN)]
    for probe in READS:
        for about in (management, *security):
            regions = [""] if probe.reach == Reach.GLOBAL else in_scope
            found += [observe(world, probe, about, region) for region in regions]
    return OrganizationFacts(
        management_account_id=management,
        security_account_ids=security,
        observations={(one.account_id, one.kind, one.region): one for one in found},
        regions=dict.fromkeys((management, *security), in_scope),
    )


def named(world: World, name: str) -> str:
    return next(str(one["id"]) for one in world["accounts"] if one["name"] == name)


def judge(world: World, facts: OrganizationFacts, key: str, about: dict[str, Any]) -> Verdict:
    """As its account's row with every answer that people are asked for."""
    organization = facts.find(world["management_account"], "organizations.listing").get()
    item = items()[key]
    patterns = world["settings"]["ROOT_EMAIL_LIST_PATTERNS"]
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    emails = [one["email"].lower() for one in world["accounts"]]
    assert item.judge is not None
    return item.judge(
        Subject(
            account=AccountRow(
                about["id"],
                name=about["name"],
                state=about["state"],
                organization_id=organization.organization.id,
                management_account_id=world["management_account"],
            ),
            facts=facts.of(about["id"]),
            settings=ReadSettings(defaults | world["settings"]),
            now=datetime.now(UTC),
            company=Company(root_emails={email: emails.count(email) for email in emails}),
            attestations=[Attested(key, "organization", "done", about=p) for p in patterns],
        )
    )


@pytest.mark.parametrize("key", CLAIMED)
def test_every_claim_of_the_demo_world_holds(
    world: World, facts: OrganizationFacts, key: str
) -> None:
    judged = [one for one in world["accounts"] if items()[key].always_judged or is_open(one)]
    claimed = {
        one["name"]: one["claims"][key]["verdict"]
        for one in judged
        if one["claims"][key]["verdict"] is not None
    }

    verdicts = {
        one["name"]: judge(world, facts, key, one) for one in judged if one["name"] in claimed
    }

    assert {name: str(verdict.status) for name, verdict in verdicts.items()} == claimed


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
    refusing = facts.of(named(world, "tracking-prod"))

    assert refusing.observation(account.contacts).outcome == Outcome.ASSUME_ROLE_DENIED
    assert refusing.observation(budgets.budgets).outcome == Outcome.ASSUME_ROLE_DENIED


def test_closed_billing_is_unknown_for_that_reason(world: World, facts: OrganizationFacts) -> None:
    about = next(one for one in world["accounts"] if one["name"] == "payments-dev")

    verdict = judge(world, facts, "inventory.cost_alarms", about)

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
    attached = facts.of(named(world, "sandbox-platform")).get(organizations.attached_scps)

    names = {policy.name for policy in policies.policies if policy.id in attached}
    assert "ApprovedRegions" in names


def test_each_account_answers_as_itself(world: World, facts: OrganizationFacts) -> None:
    for one in world["accounts"]:
        seen = facts.find(one["id"], "sts.identity")
        if seen.outcome == Outcome.COLLECTED:
            assert seen.get().account == one["id"]
            assert seen.get().role_name == world["member_role_name"]


def test_tags_name_the_owner(world: World, facts: OrganizationFacts) -> None:
    tags = facts.of(named(world, "fraud-prod")).get(organizations.tags).tags

    assert {key.lower() for key in tags} >= {"owner", "team"}
