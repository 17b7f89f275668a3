"""Guardrails of many accounts: what was decided, and what another policy would change."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.models import Account
from roadmap.evaluation import judge
from roadmap.guardrails.documents import Document, policy_of
from roadmap.models import AccountVerdict
from roadmap.queries.guardrails import decided, guardrails, supposing
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


def test_it_reads_what_was_decided(world: organization.World) -> None:
    judge(now=NOW)
    (found,) = decided(Account.objects.filter(pk=world.audit.pk))
    assert list(found.by_key) == [item.key for item in guardrails()]
    leave = found.by_key[LEAVE]
    assert leave.status == Status.FAIL
    assert [level["entity"] for level in leave.chain] == ["r-exam", organization.AUDIT]
    assert leave.decisions[0]["decision"] == "ALLOW"


def test_more_accounts_take_no_more_queries(
    world: organization.World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    judge(now=NOW)
    with django_assert_num_queries(2):
        assert len(list(decided(Account.objects.all()))) == len(world.accounts)
