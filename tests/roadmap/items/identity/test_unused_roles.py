"""Roles that nobody has used for months."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import UnusedAccess
from collectors.services.iam import Authorization, Policy, Role
from roadmap.items.identity.unused_roles import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status
from tests.roadmap.items.subjects import ACCOUNT, LOGS, NOW, SECURITY, subject

OLD, LONG_AGO, LATELY = (NOW - timedelta(days=days) for days in (800, 120, 3))
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def arn(name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:role{path}{name}"


def role(name: str, used: Any = LATELY, **more: Any) -> Role:
    path = more.get("path", "/")
    return Role(name, arn(name, path), **{"created_at": OLD, "last_used_at": used, **more})


def busy(count: int) -> list[Role]:
    return [role(f"busy-{number}") for number in range(count)]


def seen(*roles: Role, more: dict[Any, Any] | None = None, **rest: Any) -> Subject:
    known = Authorization(roles=roles, policies=(Policy("AdministratorAccess", ADMIN, EVERYTHING),))
    return subject({(ACCOUNT, iam.authorization): known, **(more or {})}, **rest)


CASES: dict[str, tuple[list[Role], Status, str]] = {
    "all used": (busy(3), Status.PASS, "no unused role"),
    "one used": (busy(1), Status.PASS, "no unused role"),
    "one of ten unused": ([*busy(9), role("idle", LONG_AGO)], Status.PARTIAL, "few unused roles"),
    "two of ten unused": (
        [*busy(8), role("idle", LONG_AGO), role("never", None)],
        Status.FAIL,
        "too many unused roles",
    ),
    "the only one never used": ([role("never", None)], Status.FAIL, "too many unused roles"),
    "no role": ([], Status.NOT_APPLICABLE, "no eligible role"),
    "of an age nobody knows": (
        [role("never", None, created_at=None)],
        Status.FAIL,
        "too many unused roles",
    ),
}


@pytest.mark.parametrize(("roles", "status", "rule"), CASES.values(), ids=CASES)
def test_the_share_of_unused_roles_decides(roles: list[Role], status: Status, rule: str) -> None:
    verdict = judge(seen(*roles))
    assert (verdict.status, verdict.rule) == (status, rule)
    idle = [one for one in roles if one.name in ("idle", "never")]
    assert [problem.resource for problem in verdict.problems] == [one.arn for one in idle]


LEFT_OUT: dict[str, tuple[Role, str]] = {
    "linked to a service": (
        role("guardduty", None, path="/aws-service-role/guardduty.amazonaws.com/"),
        "made by AWS",
    ),
    "of Identity Center": (
        role("AWSReservedSSO_Admin_1", None, path="/aws-reserved/sso.amazonaws.com/"),
        "made by AWS",
    ),
    "young": (role("new", None, created_at=LATELY), "too young"),
    "made ninety days ago": (
        role("new", None, created_at=NOW - timedelta(days=90)),
        "too young",
    ),
    "the view role": (role("CairnReadOnly", None), "of security"),
    "of automation": (role("OrganizationAccountAccessRole", None), "of automation"),
    "for emergencies": (role("fire-axe", None), "for emergencies"),
    "excepted": (role("disaster-recovery", None), "under an exception"),
}


@pytest.mark.parametrize(("left_out", "reason"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_some_roles_do_not_count(left_out: Role, reason: str) -> None:
    verdict = judge(
        seen(
            left_out,
            *busy(1),
            settings={"BREAK_GLASS_ROLE_PATTERNS": ["arn:*:iam::*:role/fire-*"]},
            exceptions=[Excepted(item.key, "*:role/disaster-*")],
        )
    )
    assert verdict.status == Status.PASS
    assert verdict.facts["left_out"] == {reason: 1}
    assert not verdict.problems


def test_a_role_that_only_looks_like_one_of_automation_counts() -> None:
    verdict = judge(seen(role("my-stacksets-exec-1", None)))
    assert verdict.status == Status.FAIL


def test_an_unused_administrator_is_worse() -> None:
    plain, admin = role("plain", None), role("admin", LONG_AGO, attached=(ADMIN,))
    problems = judge(seen(plain, admin)).problems
    assert [problem.severity for problem in problems] == [None, Severity.HIGH]
    assert "every action by AdministratorAccess" in problems[1].detail
    assert f"{LONG_AGO:%Y-%m-%d}" in problems[1].detail


def test_the_days_are_a_setting() -> None:
    assert (
        judge(seen(role("r", LONG_AGO), settings={"UNUSED_ROLE_DAYS": 180})).status == Status.PASS
    )


def test_the_share_is_a_setting() -> None:
    half = seen(*busy(1), role("idle", LONG_AGO), settings={"UNUSED_ROLE_PARTIAL_PCT": 50})
    assert judge(half).status == Status.PARTIAL


def test_nothing_collected_is_missing() -> None:
    with pytest.raises(Missing) as caught:
        judge(subject())
    assert caught.value.outcome == Outcome.NEVER_COLLECTED


FOUND = UnusedAccess("arn:analyzer", 90, {ACCOUNT: (arn("idle"), arn("CairnReadOnly"))})
NONE = replace(FOUND, roles={})


def by_analyzer(found: Any, **rest: Any) -> Subject:
    values = {
        (ACCOUNT, iam.authorization): Outcome.ASSUME_ROLE_DENIED,
        (SECURITY, accessanalyzer.unused_access, "us-east-1"): found,
        (LOGS, accessanalyzer.unused_access, "us-east-1"): Outcome.ACCESS_DENIED,
    }
    return subject(values, **rest)


def test_an_analyzer_answers_for_an_account_that_cannot() -> None:
    verdict = judge(by_analyzer((FOUND,)))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)
    assert verdict.rule == "unused roles by the analyzer alone"
    assert [problem.resource for problem in verdict.problems] == [arn("idle")]


def test_an_analyzer_that_finds_nothing_passes_an_account_that_cannot_be_asked() -> None:
    verdict = judge(by_analyzer((NONE,)))
    assert (verdict.status, verdict.rule) == (Status.PASS, "no unused role by the analyzer")
    assert verdict.incomplete


SILENT = {
    "none": (),
    "one that waits longer": (replace(NONE, age_days=180),),
    "one of which nobody knows how long it waits": (replace(NONE, age_days=None),),
    "one that leaves the account out": (replace(NONE, excluded_accounts=(ACCOUNT,)),),
    "one that leaves roles out by their tags": (replace(NONE, excludes_tags=True),),
    "one that could not be asked": Outcome.ACCESS_DENIED,
}


@pytest.mark.parametrize("found", SILENT.values(), ids=SILENT)
def test_an_analyzer_that_proves_nothing_does_not_answer(found: Any) -> None:
    with pytest.raises(Missing) as caught:
        judge(by_analyzer(found))
    assert caught.value.outcome == Outcome.ASSUME_ROLE_DENIED


def test_an_analyzer_is_not_asked_where_the_regions_of_security_are_not_known() -> None:
    with pytest.raises(Missing):
        judge(by_analyzer((NONE,), regions={ACCOUNT: ("us-east-1",)}))


def test_where_no_role_counts_there_is_a_reason() -> None:
    verdict = judge(seen(role("new", None, created_at=LATELY)))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)
