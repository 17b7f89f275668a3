"""Roles that may call the services they use, and compute roles that are no administrators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import UnusedAccess
from collectors.services.iam import (
    Authorization,
    Policy,
    Role,
    ServiceReport,
    ServiceReports,
    Trust,
)
from roadmap.items.identity.role_services import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, NOW, SECURITY, subject

OLD, LATELY = NOW - timedelta(days=800), NOW - timedelta(days=2)
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


def policy(*actions: str, resource: str = "*", arn: str = "") -> Policy:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Policy("p", arn, json.dumps({"Statement": statement}))


NARROW, ADMIN = policy("s3:GetObject"), policy("*")
EC2 = (Trust(("Service:ec2.amazonaws.com",)),)
PEOPLE = (Trust((f"arn:aws:iam::{ACCOUNT}:root",)),)


def role(name: str = "app", granted: Policy = NARROW, **more: Any) -> Role:
    known: dict[str, Any] = {
        "created_at": OLD,
        "last_used_at": LATELY,
        "trusts": EC2,
        "inline": (granted,),
    }
    return Role(name, f"arn:aws:iam::{ACCOUNT}:role/{name}", **(known | more))


def report(unused: int = 0, at: datetime = LATELY, **more: Any) -> ServiceReport:
    never = tuple(f"service-{number}" for number in range(unused))
    return ServiceReport(at, "job", {"s3": LATELY}, never, **more)


def seen(
    *roles: Role,
    reports: Mapping[str, ServiceReport | None] | Outcome | None = None,
    analyzed: tuple[str, ...] = (),
    policies: tuple[Policy, ...] = (),
    **rest: Any,
) -> Subject:
    """Every role has a good report, but for those in ``reports``, by name."""
    found: Any = reports
    if not isinstance(reports, Outcome):
        given: dict[str, ServiceReport | None] = {role.name: report() for role in roles}
        given |= reports or {}
        arns = {role.name: role.arn for role in roles}
        found = ServiceReports({arns[name]: one for name, one in given.items() if one})
    unused = UnusedAccess("arn:a", 90, permissions={ACCOUNT: analyzed})
    values = {
        (ACCOUNT, iam.authorization): Authorization(roles=roles, policies=policies),
        (ACCOUNT, iam.service_reports): found,
        (SECURITY, accessanalyzer.unused_access, "us-east-1"): (unused,),
    }
    return subject(values, **rest)


def some(good: int, bad: int) -> Subject:
    roles = [role(f"good-{n}") for n in range(good)] + [role(f"bad-{n}") for n in range(bad)]
    return seen(*roles, reports={f"bad-{n}": report(6) for n in range(bad)})


SHARES = {
    "one": (1, 0, Status.PASS, "roles hold what they use"),
    "all": (3, 0, Status.PASS, "roles hold what they use"),
    "nineteen of twenty": (19, 1, Status.PASS, "roles hold what they use"),
    "half": (1, 1, Status.PARTIAL, "some roles hold too much"),
    "a third": (1, 2, Status.FAIL, "many roles hold too much"),
}


@pytest.mark.parametrize(("good", "bad", "status", "rule"), SHARES.values(), ids=SHARES)
def test_the_share_of_roles_that_use_what_they_hold_decides(
    good: int, bad: int, status: Status, rule: str
) -> None:
    verdict = judge(some(good, bad))
    assert (verdict.status, verdict.rule, verdict.incomplete) == (status, rule, False)
    assert [problem.code for problem in verdict.problems] == ["unused_services"] * bad


def test_some_unused_services_are_allowed() -> None:
    assert judge(seen(role(), reports={"app": report(5)})).status == Status.PASS
    strict = seen(role(), reports={"app": report(5)}, settings={"ROLE_UNUSED_SERVICES_MAX": 4})
    assert judge(strict).status == Status.FAIL


def test_a_service_not_used_for_long_is_unused() -> None:
    old = replace(report(5), used={"sqs": NOW - timedelta(days=120)})
    verdict = judge(seen(role(), reports={"app": old}))
    assert verdict.status == Status.FAIL
    assert "sqs" in verdict.problems[0].detail
    patient = seen(role(), reports={"app": old}, settings={"ROLE_SERVICE_DAYS": 365})
    assert judge(patient).status == Status.PASS


COMPUTE = ["ec2", "ecs-tasks", "lambda", "pods.eks", "codebuild"]


@pytest.mark.parametrize("suffix", ["", ".cn"])
@pytest.mark.parametrize("service", COMPUTE)
def test_an_administrator_on_compute_fails_whatever_the_others_do(
    service: str, suffix: str
) -> None:
    trusts = (Trust((f"Service:{service}.amazonaws.com{suffix}",)),)
    strong = role("strong", ADMIN, trusts=trusts)
    verdict = judge(seen(strong, *(role(f"good-{n}") for n in range(40))))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "administrator on compute")
    assert [(one.code, one.resource) for one in verdict.problems] == [
        ("admin_on_compute", strong.arn)
    ]
    assert "strong" in verdict.sentence


NOT_ADMINS = {
    "by one resource": {"granted": policy("iam:PassRole", resource="arn:aws:iam::1:role/x")},
    "by its boundary": {"granted": ADMIN, "boundary": BOUNDARY},
}


@pytest.mark.parametrize("more", NOT_ADMINS.values(), ids=NOT_ADMINS)
def test_what_is_cut_makes_no_administrator(more: dict[str, Any]) -> None:
    verdict = judge(seen(role(**more), policies=(policy("s3:*", arn=BOUNDARY),)))
    assert verdict.status == Status.PASS


def test_an_administrator_that_people_assume_is_not_good() -> None:
    strong = role("strong", policy("iam:PassRole"), trusts=PEOPLE)
    verdict = judge(seen(strong, role()))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "some roles hold too much")
    assert [one.code for one in verdict.problems] == ["admin_role"]


def test_an_administrator_needs_no_report_to_be_one() -> None:
    strong = role("strong", ADMIN, trusts=PEOPLE)
    verdict = judge(seen(strong, reports=Outcome.ACCESS_DENIED))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize(
    ("listed_at", "codes"),
    [(None, ["list_all_buckets_unused"]), (OLD, ["list_all_buckets_unused"]), (LATELY, [])],
    ids=["never", "long ago", "lately"],
)
def test_listing_buckets_without_doing_so_is_told(listed_at: Any, codes: list[str]) -> None:
    one = report(may_list_buckets=True, listed_buckets_at=listed_at)
    verdict = judge(seen(role(), reports={"app": one}))
    assert verdict.status == Status.PASS
    assert [problem.code for problem in verdict.problems] == codes


def without(count: int, of: int) -> Subject:
    roles = [role(f"r-{n}") for n in range(of)]
    return seen(*roles, reports={f"r-{n}": None for n in range(count)})


DARK = {
    "more than a fifth": (3, 10, Status.UNKNOWN, "too few reports"),
    "a fifth": (2, 10, Status.PARTIAL, "some roles hold too much"),
    "a few of many": (1, 40, Status.PASS, "roles hold what they use"),
}


@pytest.mark.parametrize(("count", "of", "status", "rule"), DARK.values(), ids=DARK)
def test_roles_without_a_report_are_not_good(
    count: int, of: int, status: Status, rule: str
) -> None:
    verdict = judge(without(count, of))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert verdict.incomplete


@pytest.mark.parametrize("reports", [None, Outcome.ACCESS_DENIED], ids=["jobs", "denied"])
def test_too_many_administrators_fail_whatever_the_others_hold(reports: Any) -> None:
    strong = [role(f"s-{n}", ADMIN, trusts=PEOPLE) for n in range(6)]
    others = [role(f"r-{n}") for n in range(4)]
    missing = reports or {f"r-{n}": None for n in range(4)}
    verdict = judge(seen(*strong, *others, reports=missing))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "many roles hold too much")
    assert verdict.incomplete
    assert verdict.sentence == (
        "6 of 10 roles may do much more than they do: s-0, s-1 and 4 more. "
        "Of r-0, r-1 and 2 more not enough is known."
    )


def test_a_role_without_a_report_is_not_said_to_hold_too_much() -> None:
    verdict = judge(without(2, 10))
    assert verdict.sentence == (
        "Of 10 roles none is known to hold much more than it uses. "
        "Of r-0 and r-1 not enough is known."
    )


def test_a_role_with_a_policy_that_aws_did_not_tell_may_be_an_administrator() -> None:
    verdict = judge(seen(role(attached=("arn:aws:iam::aws:policy/Unknown",))))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.UNDETERMINED)
    assert "told no policy of 1 of 1 role: app" in verdict.sentence


def test_actions_declared_since_policies_were_read_are_not_known_yet() -> None:
    changed = {"NEAR_ADMIN_ACTIONS": ["iam:PassRole", "lambda:UpdateFunctionCode"]}
    with pytest.raises(Missing) as missing:
        judge(seen(role(), settings=changed))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED


def test_too_few_reports_have_a_reason() -> None:
    assert judge(without(1, 1)).reason == Reason.JOB_TIMEOUT


def test_a_report_that_was_not_renewed_for_long_does_not_count() -> None:
    old = report(at=NOW - timedelta(days=15))
    assert judge(seen(role(), reports={"app": old})).rule == "too few reports"


def test_no_reports_at_all_are_unknown_for_their_reason() -> None:
    verdict = judge(seen(role(), reports=Outcome.ACCESS_DENIED))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert verdict.rule == "no reports"


def test_an_analyzer_stands_in_for_a_report() -> None:
    one = role()
    verdict = judge(seen(one, reports=Outcome.ACCESS_DENIED, analyzed=(one.arn,)))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)
    assert [problem.code for problem in verdict.problems] == ["unused_services"]


def test_with_a_report_the_analyzer_is_not_needed() -> None:
    one = role()
    assert judge(seen(one, analyzed=(one.arn,))).status == Status.PASS


LEFT_OUT = {
    "unused": role("x", ADMIN, last_used_at=None),
    "young": role("x", ADMIN, created_at=LATELY),
    "of AWS": role("x", ADMIN, path="/aws-reserved/sso.amazonaws.com/"),
    "the view role": role("CairnReadOnly", ADMIN),
    "excepted": role("excused", ADMIN),
}


@pytest.mark.parametrize("left_out", LEFT_OUT.values(), ids=LEFT_OUT)
def test_some_roles_do_not_count(left_out: Role) -> None:
    exceptions = [Excepted(item.key, "*:role/excused")]
    verdict = judge(seen(left_out, exceptions=exceptions))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)
    assert verdict.rule == "no eligible role"
    assert not verdict.problems


def test_the_evidence_says_what_each_role_may_and_does() -> None:
    (kept,) = judge(seen(role(), reports={"app": report(6)})).facts["roles"]
    assert (kept["compute"], kept["allowed"], len(kept["unused"])) == ("ec2.amazonaws.com", 7, 6)
    assert kept["last_used_on"] == {"s3": f"{LATELY:%Y-%m-%d}"}


def test_nothing_collected_is_missing() -> None:
    with pytest.raises(Missing) as caught:
        judge(subject())
    assert caught.value.outcome == Outcome.NEVER_COLLECTED
