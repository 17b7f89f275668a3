"""A role through which security, and nobody else, sees everything in the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import iam
from collectors.services.iam import Trust, ViewRole, ViewRoles
from roadmap.items.visibility.security_role import item, judge
from roadmap.subject import Company, Subject
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import ACCOUNT, LOGS, NOW, SECURITY, row, subject

COLLECTOR = "arn:aws:iam::555555555555:role/cairn"
MANAGEMENT_ROLE = "arn:aws:iam::111111111111:role/CairnManagement"
VENDOR = "arn:aws:iam::999999999999:role/vendor"
CONDITION = (("stringequals", "sts:externalid"),)
ASKED = ("CairnReadOnly", "SecurityAudit")

GOOD = ViewRole(
    "CairnReadOnly",
    f"arn:aws:iam::{ACCOUNT}:role/CairnReadOnly",
    (Trust((COLLECTOR,), CONDITION), Trust((MANAGEMENT_ROLE,))),
    policies=("SecurityAudit", "ViewOnlyAccess"),
)


def trusting(*principals: str, conditions: Any = CONDITION) -> ViewRole:
    return replace(GOOD, trusts=(Trust(principals, conditions),))


def seen(*roles: ViewRole, asked: tuple[str, ...] = ASKED, **settings: Any) -> Subject:
    return _subject(ViewRoles(asked, roles), **settings)


def _subject(value: Any, **settings: Any) -> Subject:
    return subject(
        {(ACCOUNT, iam.view_roles): value},
        settings={"SECURITY_ACCOUNTS": {SECURITY: ["tooling"], LOGS: ["log_archive"]}} | settings,
        company=Company(collector_principals=(COLLECTOR, MANAGEMENT_ROLE)),
    )


CASES = {
    "trusts Cairn, holds both policies": (GOOD, Status.PASS, set()),
    "trusts a security account's role": (
        trusting(f"arn:aws:iam::{SECURITY}:role/responder"),
        Status.PASS,
        set(),
    ),
    "trusts a security account under a condition": (
        trusting(f"arn:aws:iam::{SECURITY}:root"),
        Status.PASS,
        set(),
    ),
    "trusts a security account by its id": (trusting(LOGS), Status.PASS, set()),
    "trusts a whole security account": (
        trusting(f"arn:aws:iam::{SECURITY}:root", conditions=()),
        Status.PASS,
        {"role_trust_unconditioned"},
    ),
    "trusts a whole security account but for somebody": (
        trusting(SECURITY, conditions=(("arnnotlike", "aws:principalarn"),)),
        Status.PASS,
        {"role_trust_unconditioned"},
    ),
    "trusts a whole security account if the id is given": (
        trusting(SECURITY, conditions=(("stringequalsifexists", "sts:externalid"),)),
        Status.PASS,
        {"role_trust_unconditioned"},
    ),
    "ReadOnlyAccess instead": (replace(GOOD, policies=("ReadOnlyAccess",)), Status.PASS, set()),
    "AdministratorAccess instead": (
        replace(GOOD, policies=("AdministratorAccess",)),
        Status.PASS,
        set(),
    ),
    "lacks a policy": (
        replace(GOOD, policies=("SecurityAudit",)),
        Status.PARTIAL,
        {"role_policy_missing"},
    ),
    "trusts a vendor too": (trusting(COLLECTOR, VENDOR), Status.PARTIAL, {"role_trust_wide"}),
    "trusts the whole management account": (
        trusting("arn:aws:iam::111111111111:root"),
        Status.PARTIAL,
        {"role_trust_wide"},
    ),
    "trusts everybody": (
        trusting("*", conditions=()),
        Status.PARTIAL,
        {"role_trust_wide", "role_trust_unconditioned"},
    ),
    "trusts a service": (
        trusting(COLLECTOR, "Service:ec2.amazonaws.com"),
        Status.PARTIAL,
        {"role_trust_wide"},
    ),
    "trusts a federation of a security account": (
        trusting(f"Federated:arn:aws:iam::{SECURITY}:saml-provider/idp"),
        Status.PARTIAL,
        {"role_trust_wide"},
    ),
    "trusts a deleted principal": (
        trusting(COLLECTOR, "AROAEXAMPLEID"),
        Status.PARTIAL,
        {"role_trust_wide"},
    ),
    "trusts nobody": (replace(GOOD, trusts=()), Status.PARTIAL, set()),
    "wide and poor": (
        replace(trusting(VENDOR), policies=()),
        Status.PARTIAL,
        {"role_trust_wide", "role_policy_missing"},
    ),
}


@pytest.mark.parametrize(("role", "status", "codes"), CASES.values(), ids=CASES)
def test_trust_and_policies_decide(role: ViewRole, status: Status, codes: set[str]) -> None:
    verdict = judge(seen(role))
    assert verdict.status == status
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    seen_codes = set().union(*(codes for *_, codes in CASES.values()))
    assert set(item.findings) == seen_codes | {"role_missing"}


def test_no_such_role_fails() -> None:
    verdict = judge(seen())
    assert verdict.status == Status.FAIL
    assert [problem.code for problem in verdict.problems] == ["role_missing"]


def test_the_better_of_two_roles_counts_and_the_other_still_must_not_be_wide() -> None:
    other = replace(trusting(VENDOR), name="SecurityAudit", arn="arn:other", policies=())
    verdict = judge(seen(other, GOOD))
    assert verdict.status == Status.PASS
    assert [(p.code, p.resource) for p in verdict.problems] == [("role_trust_wide", "arn:other")]


def test_a_role_named_only_now_was_not_looked_for_yet() -> None:
    with pytest.raises(Missing) as missing:
        judge(seen(SECURITY_ROLE_NAMES=["NewName"]))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED


def test_a_role_named_only_now_may_be_the_complete_one() -> None:
    poor = replace(GOOD, policies=())
    with pytest.raises(Missing) as missing:
        judge(seen(poor, SECURITY_ROLE_NAMES=["CairnReadOnly", "NewName"]))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED
    named = judge(seen(GOOD, SECURITY_ROLE_NAMES=["CairnReadOnly", "NewName"]))
    assert named.status == Status.PASS


def test_a_role_no_longer_named_does_not_count() -> None:
    verdict = judge(seen(GOOD, asked=(*ASKED, "Auditor"), SECURITY_ROLE_NAMES=["Auditor"]))
    assert verdict.status == Status.FAIL


def test_the_policies_it_needs_are_a_setting() -> None:
    custom = replace(GOOD, policies=("OurAudit",))
    assert judge(seen(custom, SECURITY_ROLE_POLICIES=["OurAudit"])).status == Status.PASS


def refused(days: float, state: str = "ACTIVE") -> Subject:
    return replace(
        _subject(Outcome.ASSUME_ROLE_DENIED),
        account=row(state=state),
        assume_role_refused_since=NOW - timedelta(days=days),
    )


def test_a_role_refused_long_enough_fails() -> None:
    verdict = judge(refused(3))
    assert verdict.status == Status.FAIL
    assert [problem.code for problem in verdict.problems] == ["role_missing"]
    assert "2026-11-21" in verdict.sentence


@pytest.mark.parametrize(
    "too_early",
    [
        refused(2.9),
        refused(9, state="PENDING_ACTIVATION"),
        replace(refused(9), assume_role_refused_since=None),
    ],
    ids=["too early", "not active", "not known since when"],
)
def test_a_refusal_alone_is_unknown(too_early: Subject) -> None:
    with pytest.raises(Missing) as missing:
        judge(too_early)
    assert missing.value.outcome == Outcome.ASSUME_ROLE_DENIED


@pytest.mark.parametrize("outcome", [Outcome.ACCESS_DENIED, Outcome.NEVER_COLLECTED])
def test_what_nobody_saw_is_unknown_with_the_reason(outcome: Outcome) -> None:
    with pytest.raises(Missing) as missing:
        judge(_subject(outcome))
    assert missing.value.outcome == outcome
