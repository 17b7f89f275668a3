"""Guardrails of many accounts: what was decided, and what another policy would change."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from collectors.models import Fact
from collectors.services.organizations import attached_scps
from inventory.models import Account
from roadmap.evaluation import judge
from roadmap.guardrails.documents import Document, policy_of
from roadmap.models import AccountVerdict
from roadmap.queries.guardrails import attached_to, decided, statuses, supposing, tallies
from roadmap.verdicts import Status
from tests import organization
from tests.factories import NOW
from tests.roadmap import unguarded
from tests.roadmap.items.surface.guardrails import deny

LEAVE = "surface.scp_leave_org"
KEEP = deny("organizations:LeaveOrganization")


def document(*statements: Any) -> Document:
    return policy_of({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def world(db: None) -> organization.World:
    return unguarded.create()


def changed(world: organization.World, tried: Document, target: str) -> set[tuple[str, str]]:
    found = supposing(world.organization, tried, target, now=NOW)
    return {(one.account.account_id, one.key) for one in found if one.is_change}


def test_it_says_what_a_policy_would_change_below_an_ou(world: organization.World) -> None:
    below = {organization.PAYMENTS, organization.SEARCH, organization.DENIED}
    assert changed(world, document(KEEP), "ou-exam-workload") == {(one, LEAVE) for one in below}
    everyone = below | {organization.LOG_ARCHIVE, organization.AUDIT}
    assert changed(world, document(KEEP), "r-exam") == {(one, LEAVE) for one in everyone}


def test_it_says_what_a_policy_would_change_in_one_account(world: organization.World) -> None:
    (one,) = changed(world, document(KEEP), organization.AUDIT)
    assert one == (organization.AUDIT, LEAVE)


def test_a_policy_that_changes_nothing_changes_nothing(world: organization.World) -> None:
    full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert changed(world, document(full), "r-exam") == set()


def test_supposing_stores_nothing(world: organization.World) -> None:
    judge(now=NOW)
    before = list(AccountVerdict.objects.order_by("pk").values())
    found = list(supposing(world.organization, document(KEEP), "r-exam", now=NOW))
    after = {one.key: one for one in found if one.account == world.audit}[LEAVE]
    assert (after.before.status, after.after.status) == (Status.FAIL, Status.PASS)
    assert list(AccountVerdict.objects.order_by("pk").values()) == before


def test_a_place_that_nobody_knows_is_none(world: organization.World) -> None:
    assert changed(world, document(KEEP), "ou-nowhere") == set()


def test_it_names_who_decides_what(
    world: organization.World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    judge(now=NOW)
    evidence = AccountVerdict.objects.get(account=world.audit, item=LEAVE).evidence
    with django_assert_num_queries(1):
        found = decided(evidence["facts"])
    assert [level.name for level in found.levels] == ["Root", organization.AUDIT]
    assert found.levels[0].policies == [("p-full", "FullAWSAccess")]
    (asked,) = found.asked
    assert (asked.effect, asked.policy, asked.level) == ("ALLOW", "", "")
    assert asked.who.startswith("an ordinary role, an IAM user, an Identity Center administrator")


def test_a_denial_names_its_policy_and_where_that_is_attached(db: None) -> None:
    denial = {
        "probes": ["organizations:LeaveOrganization on *"],
        "principals": ["P1"],
        "regions": ["global"],
        "decision": "DENY",
        "policy": "p-1",
        "sid": "Stay",
        "level": "r-exam",
    }
    chain = [{"entity": "r-exam", "policies": ["p-1 DenyLeaving"]}]
    asked = decided({"chain": chain, "decisions": {"first": [denial], "total": 900}}).asked[0]
    assert (asked.policy, asked.sid, asked.level) == ("DenyLeaving", "Stay", "r-exam")


def test_it_counts_and_lists_what_holds(
    world: organization.World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    judge(now=NOW)
    everyone = Account.objects.all()
    with django_assert_num_queries(2):
        counted = tallies(everyone)
        found = statuses([account.pk for account in world.accounts])
    assert found[world.audit.pk, LEAVE] == Status.FAIL
    assert counted[LEAVE] == {Status.FAIL: 5, Status.NOT_APPLICABLE: len(world.accounts) - 5}
    assert sum(counted[LEAVE].values()) == sum(1 for _, key in found if key == LEAVE)


def test_it_knows_the_accounts_that_a_policy_is_attached_to(world: organization.World) -> None:
    fact = Fact.objects.get(account=world.audit, kind=attached_scps.name)
    fact.value = [*(fact.value or ()), "p-own"]
    fact.save()
    assert attached_to(world.organization, "p-own") == [world.audit]
    assert attached_to(world.organization, "p-own-not") == []
