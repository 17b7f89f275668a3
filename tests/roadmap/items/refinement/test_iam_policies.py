"""Policies that name the actions and resources they are for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.policies.linting import Issue, Unlimited
from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import PolicyCheck, PolicyChecks, UnusedAccess, Validation
from collectors.services.iam import Authorization, Group, Policy, Role, UserAccess
from roadmap.items.refinement.iam_policies import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status
from tests.roadmap.items.subjects import ACCOUNT, LOGS, REGIONS, SECURITY, standalone, subject

FINE = PolicyCheck(validations=())
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def document(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "arn:x", **more}
    return json.dumps(
        {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}, statement]}
    )


def inline(*actions: str, name: str = "p", **more: Any) -> Policy:
    return Policy(name, document=document(*actions, **more))


GOOD = inline("s3:GetObject")
STAR = inline("*")


def role(name: str, *policies: Policy, attached: tuple[str, ...] = (), path: str = "/") -> Role:
    arn = f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
    return Role(name, arn, path, attached=attached, inline=policies)


def managed(name: str, text: str) -> Policy:
    return Policy(name, f"arn:aws:iam::{ACCOUNT}:policy/{name}", text, attachments=2)


def seen(
    *roles: Role,
    users: tuple[UserAccess, ...] = (),
    groups: tuple[Group, ...] = (),
    policies: tuple[Policy, ...] = (),
    checks: dict[str, PolicyCheck] | None = None,
    more: dict[Any, Any] | None = None,
    **rest: Any,
) -> Subject:
    """Every policy has been looked at and is fine, but for those in ``checks``; no analyzer looks
    for unused access."""
    known = Authorization(users, groups, roles, policies)
    holders: tuple[UserAccess | Group | Role, ...] = (*users, *groups, *roles)
    every = [*policies, *(policy for one in holders for policy in one.inline)]
    found = PolicyChecks({p.digest: FINE for p in every if p.document} | (checks or {}))
    values: dict[tuple[Any, ...], Any] = {
        (about, accessanalyzer.unused_access, region): ()
        for about in (SECURITY, LOGS)
        for region in REGIONS
    }
    values |= {(ACCOUNT, iam.authorization): known, (ACCOUNT, accessanalyzer.policy_checks): found}
    return subject(values | (more or {}), **rest)


def some(good: int, loose: int, **more: Any) -> Subject:
    roles = [role(f"good-{n}", GOOD) for n in range(good)]
    return seen(*roles, *(role(f"loose-{n}", STAR) for n in range(loose)), **more)


SHARES = {
    "all refined": (4, 0, Status.PASS, "policies refined"),
    "nine of ten": (9, 1, Status.PASS, "policies refined"),
    "half": (1, 1, Status.PARTIAL, "some loose policies"),
    "a third": (1, 2, Status.FAIL, "many loose policies"),
    "none": (0, 1, Status.FAIL, "many loose policies"),
}


@pytest.mark.parametrize(("good", "loose", "status", "rule"), SHARES.values(), ids=SHARES)
def test_the_share_of_loose_policies_decides(
    good: int, loose: int, status: Status, rule: str
) -> None:
    verdict = judge(some(good, loose))
    assert (verdict.status, verdict.rule, verdict.incomplete) == (status, rule, False)
    assert len(verdict.problems) == loose


def test_the_shares_are_settings() -> None:
    assert judge(some(1, 1, settings={"POLICY_PASS_PCT": 50})).status == Status.PASS
    assert judge(some(1, 1, settings={"POLICY_PARTIAL_PCT": 60})).status == Status.FAIL


LOOSE: dict[str, tuple[Policy, str, Severity | None]] = {
    "every action": (inline("*"), "policy_star_action", Severity.HIGH),
    "every action of everything": (inline("*:*"), "policy_star_action", Severity.HIGH),
    "every action with a condition": (
        inline("*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        "policy_star_action",
        Severity.HIGH,
    ),
    "every action of a service": (
        inline("sqs:SendMessage", "s3:*"),
        "policy_star_action",
        Severity.MEDIUM,
    ),
    "all but some actions": (
        Policy("p", document='{"Statement":{"Effect":"Allow","NotAction":"iam:*"}}'),
        "policy_not_action",
        None,
    ),
    "an effect nobody knows": (inline("*", Effect="Perhaps"), "policy_star_action", Severity.HIGH),
}


@pytest.mark.parametrize(("policy", "code", "severity"), LOOSE.values(), ids=LOOSE)
def test_what_makes_a_policy_loose(policy: Policy, code: str, severity: Severity | None) -> None:
    verdict = judge(seen(role("r", policy)))
    assert verdict.status == Status.FAIL
    assert [(one.code, one.severity) for one in verdict.problems] == [(code, severity)]


def test_a_pattern_within_a_service_is_not_loose() -> None:
    assert judge(seen(role("r", inline("s3:Get*")))).status == Status.PASS


UNLIMITED = PolicyCheck((Unlimited(1, ("s3:GetObject", "s3:PutObject"), 7),), validations=())


def test_actions_that_could_be_limited_to_resources_make_a_policy_loose() -> None:
    verdict = judge(seen(role("r", GOOD), checks={GOOD.digest: UNLIMITED}))
    (problem,) = verdict.problems
    assert (verdict.status, problem.code) == (Status.FAIL, "policy_star_resource")
    assert problem.detail == "p, statement 2: s3:GetObject, s3:PutObject and 5 more on everything."
    assert verdict.facts["loose"][0]["reasons"][0]["statement"] == 1


def test_a_statement_is_loose_for_one_reason() -> None:
    verdict = judge(seen(role("r", STAR), checks={STAR.digest: UNLIMITED}))
    assert [one.code for one in verdict.problems] == ["policy_star_action"]


def test_what_aws_finds_does_not_decide_but_is_told() -> None:
    said = (
        Validation("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE"),
        Validation("SUGGESTION", "EMPTY_ARRAY_ACTION"),
    )
    verdict = judge(seen(role("r", GOOD), checks={GOOD.digest: PolicyCheck(validations=said)}))
    (problem,) = verdict.problems
    assert verdict.status == Status.PASS
    assert (problem.code, problem.severity) == ("policy_finding", Severity.MEDIUM)
    assert "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE" in problem.detail


SEVERITIES = {
    "an error": (Validation("ERROR"), Severity.MEDIUM),
    "a warning": (Validation("WARNING"), Severity.INFO),
    "a suggestion": (Validation("SUGGESTION"), Severity.INFO),
    "a kind nobody knows": (Validation("CATASTROPHE"), Severity.MEDIUM),
}


@pytest.mark.parametrize(("validation", "severity"), SEVERITIES.values(), ids=SEVERITIES)
def test_how_bad_a_finding_of_aws_is(validation: Validation, severity: Severity) -> None:
    check = PolicyCheck(validations=(validation,))
    (problem,) = judge(seen(role("r", GOOD), checks={GOOD.digest: check})).problems
    assert problem.severity == severity


@pytest.mark.parametrize(
    ("is_serious", "severity"), [(True, Severity.MEDIUM), (False, Severity.INFO)]
)
def test_parliament_is_heard_where_aws_was_not_asked(is_serious: bool, severity: Severity) -> None:
    check = PolicyCheck(issues=(Issue("UNKNOWN_ACTION", is_serious),))
    verdict = judge(seen(role("r", GOOD), checks={GOOD.digest: check}))
    (problem,) = verdict.problems
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    assert (problem.code, problem.severity) == ("policy_finding", severity)
    assert "Parliament" in problem.detail


def test_two_policies_of_one_holder_make_one_problem() -> None:
    both = role("r", inline("s3:*", name="a"), inline("*", name="b"))
    (problem,) = judge(seen(both)).problems
    assert (problem.resource, problem.severity) == (both.arn, Severity.HIGH)
    assert "a, statement 2: s3:* and b, statement 2: every action" in problem.detail


def test_a_managed_policy_counts_once_and_by_its_own_name() -> None:
    own = managed("own", document("s3:*"))
    roles = [role(name, attached=(own.arn,)) for name in ("a", "b")]
    verdict = judge(seen(*roles, policies=(own,)))
    assert verdict.facts["policies"] == 1
    assert [problem.resource for problem in verdict.problems] == [own.arn]


BROAD = {
    "one of five": (1, 4, Status.PASS, "policies refined"),
    "one of four": (1, 3, Status.PARTIAL, "broad AWS managed policies"),
}


@pytest.mark.parametrize(("broad", "narrow", "status", "rule"), BROAD.values(), ids=BROAD)
def test_the_share_of_broad_policies_of_aws_keeps_from_passing(
    broad: int, narrow: int, status: Status, rule: str
) -> None:
    roles = [role(f"broad-{n}", GOOD, attached=(ADMIN, SSM)) for n in range(broad)]
    roles += [role(f"narrow-{n}", GOOD, attached=(SSM,)) for n in range(narrow)]
    verdict = judge(seen(*roles))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert [(one.code, one.resource) for one in verdict.problems] == [
        ("aws_managed_attached", roles[0].arn)
    ]
    assert "AdministratorAccess" in verdict.problems[0].detail


def test_loose_policies_stay_loose_beside_broad_ones_of_aws() -> None:
    verdict = judge(seen(role("r", STAR, attached=(ADMIN,)), role("s", GOOD)))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "some loose policies")


def test_users_and_groups_count_too() -> None:
    user = UserAccess("ana", f"arn:aws:iam::{ACCOUNT}:user/ana", inline=(STAR,))
    group = Group("ops", f"arn:aws:iam::{ACCOUNT}:group/ops", inline=(STAR,))
    verdict = judge(seen(users=(user,), groups=(group,)))
    assert {problem.resource for problem in verdict.problems} == {user.arn, group.arn}


EXEMPT = {
    "for emergencies": ({"BREAK_GLASS_USERS": [f"arn:aws:iam::{ACCOUNT}:user/ana"]}, ()),
    "under an exception": ({}, (Excepted(item.key, "*:user/ana"),)),
}


@pytest.mark.parametrize(("settings", "exceptions"), EXEMPT.values(), ids=EXEMPT)
def test_some_users_do_not_count(settings: dict[str, Any], exceptions: Any) -> None:
    user = UserAccess("ana", f"arn:aws:iam::{ACCOUNT}:user/ana", inline=(STAR,))
    verdict = judge(seen(users=(user,), settings=settings, exceptions=exceptions))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)


LEFT_OUT = {
    "of a service": role("r", STAR, path="/aws-service-role/x.amazonaws.com/"),
    "of Identity Center": role("r", STAR, path="/aws-reserved/sso.amazonaws.com/"),
    "the view role": role("CairnReadOnly", STAR),
    "of automation": role("AWSControlTowerExecution", STAR),
}


@pytest.mark.parametrize("left_out", LEFT_OUT.values(), ids=LEFT_OUT)
def test_some_roles_do_not_count(left_out: Role) -> None:
    verdict = judge(seen(left_out))
    assert (verdict.status, verdict.rule) == (Status.NOT_APPLICABLE, "no policy in scope")
    assert not verdict.problems


def test_excepted_policies_and_groups_leave_the_count() -> None:
    own = managed("own", document("s3:*"))
    group = Group("ops", f"arn:aws:iam::{ACCOUNT}:group/ops", inline=(STAR,))
    verdict = judge(
        seen(
            role("r", GOOD, attached=(own.arn,)),
            groups=(group,),
            policies=(own,),
            exceptions=[Excepted(item.key, "*:policy/own"), Excepted(item.key, "*:group/*")],
        )
    )
    assert (verdict.status, verdict.facts["policies"]) == (Status.PASS, 1)


def test_permissions_nobody_used_are_told() -> None:
    used, unused = role("used", GOOD), role("unused", GOOD)
    found = UnusedAccess("arn:a", 90, permissions={ACCOUNT: (unused.arn, "arn:gone")})
    more = {(SECURITY, accessanalyzer.unused_access, "us-east-1"): (found,)}
    verdict = judge(seen(used, unused, more=more))
    assert verdict.status == Status.PASS
    assert [(one.code, one.resource) for one in verdict.problems] == [
        ("unused_permission", unused.arn)
    ]


ANALYZER = (SECURITY, accessanalyzer.unused_access, "us-east-1")
ELSEWHERE = (LOGS, accessanalyzer.unused_access, "us-east-1")
FOUND = (UnusedAccess("arn:a", 90),)
DENIED = Outcome.ACCESS_DENIED
NOT_OFFERED = Outcome.SERVICE_UNAVAILABLE
ANALYZERS: dict[str, tuple[dict[Any, Any], bool]] = {
    "there is none": ({}, False),
    "one was seen, whatever others would say": ({ANALYZER: FOUND, ELSEWHERE: DENIED}, False),
    "somebody could not be asked": ({ELSEWHERE: DENIED}, True),
    "AWS does not offer it there": ({ANALYZER: NOT_OFFERED}, False),
}


@pytest.mark.parametrize(("more", "incomplete"), ANALYZERS.values(), ids=ANALYZERS)
def test_permissions_nobody_could_look_for_are_not_gone(
    more: dict[Any, Any], incomplete: bool
) -> None:
    verdict = judge(seen(role("r", GOOD), more=more))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, incomplete)
    outside = judge(seen(role("r", GOOD), more=more, account=standalone()))
    assert not outside.incomplete


def unread(good: int, loose: int, dark: int) -> Subject:
    """Roles whose policies nobody described besides others."""
    roles = [role(f"good-{n}", GOOD) for n in range(good)]
    roles += [role(f"loose-{n}", STAR) for n in range(loose)]
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/dark-{n}" for n in range(dark)]
    return seen(*roles, *(role(f"dark-{n}", attached=(arn,)) for n, arn in enumerate(arns)))


UNREAD = {
    "decides": (1, 0, 1, Status.UNKNOWN, "policies not looked at decide"),
    "changes nothing about a pass": (95, 0, 1, Status.PASS, "policies refined"),
    "changes nothing about a failure": (0, 9, 1, Status.FAIL, "many loose policies"),
}


@pytest.mark.parametrize(("good", "loose", "dark", "status", "rule"), UNREAD.values(), ids=UNREAD)
def test_a_policy_nobody_described_may_be_loose_or_not(
    good: int, loose: int, dark: int, status: Status, rule: str
) -> None:
    verdict = judge(unread(good, loose, dark))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert verdict.status == Status.UNKNOWN or verdict.incomplete
    assert verdict.facts["unread"] == [f"dark-{n}" for n in range(dark)]


def test_without_looking_at_the_texts_only_what_is_loose_for_sure_is_known() -> None:
    dark = {(ACCOUNT, accessanalyzer.policy_checks): Outcome.API_ERROR}
    assert judge(seen(role("r", STAR), more=dark)).status == Status.FAIL
    verdict = judge(seen(role("r", GOOD), more=dark))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_nothing_collected_is_missing() -> None:
    with pytest.raises(Missing) as caught:
        judge(subject())
    assert caught.value.outcome == Outcome.NEVER_COLLECTED
