"""Roles that matter cannot be changed."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.services import iam
from roadmap.items.surface.scp_protected_roles import ACTIONS, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, codes
from tests.roadmap.items.surface.guardrails import deny, except_for, guarded, problem

EVERY = [f"iam:{action}" for action in ACTIONS]
PATTERNS = ["Audit", "pipeline-*"]


def judged(*statements: Any, patterns: Any = PATTERNS, roles: Any = ()) -> Any:
    facts = {(ACCOUNT, iam.authorization): iam.Authorization(roles=tuple(roles))}
    return judge(guarded(*statements, facts=facts, settings={"PROTECTED_ROLE_PATTERNS": patterns}))


def role(name: str, path: str = "/", tag_keys: tuple[str, ...] = ()) -> iam.Role:
    arn = f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
    return iam.Role(name, arn, path, tag_keys=tag_keys)


def of(*names: str) -> dict[str, Any]:
    return {"Resource": [f"arn:aws:iam::*:role/{name}" for name in names]}


CASES: dict[str, tuple[list[Any], Status, str]] = {
    "all of them": ([deny(*EVERY, **of(*PATTERNS))], Status.PASS, "all patterns denied"),
    "one of two": ([deny(*EVERY, **of("Audit"))], Status.PARTIAL, "some patterns denied"),
    "half of the requests": ([deny(*EVERY[:5])], Status.PARTIAL, "half of the requests denied"),
    "a request": ([deny(EVERY[0])], Status.FAIL, "roles not denied"),
    "nothing": ([], Status.FAIL, "roles not denied"),
}


@pytest.mark.parametrize(("statements", "status", "rule"), CASES.values(), ids=CASES)
def test_what_can_be_changed_decides(statements: list[Any], status: Status, rule: str) -> None:
    verdict = judged(*statements)
    assert (verdict.status, verdict.rule) == (status, rule)
    gap = {
        Status.PASS: set(),
        Status.PARTIAL: {"guardrail_gap"},
        Status.FAIL: {"guardrail_missing"},
    }
    assert codes(verdict) == gap[status]


def test_without_names_it_is_not_configured() -> None:
    assert judged(patterns=[]).reason == Reason.NOT_CONFIGURED


def test_roles_that_aws_protects_are_left_out() -> None:
    assert judged(patterns=["aws-service-role/*"]).reason == Reason.NO_RESOURCES


def test_roles_that_are_there_are_asked_about() -> None:
    there = [role("pipeline-deploy", "/ops/"), role("pipeline-test"), role("other")]
    statement = deny(*EVERY, **of("Audit", "ops/*"))
    verdict = judged(statement, roles=there)
    assert verdict.facts["patterns"] == {"Audit": 1, "pipeline-*": 2}
    assert verdict.facts["safe"] == ["Audit"]
    assert judged(statement, roles=there[:1]).status == Status.PASS


def test_where_roles_were_not_seen_the_verdict_says_so() -> None:
    """Names stand in the settings, so they can be asked about all the same."""
    about = guarded(deny(*EVERY), settings={"PROTECTED_ROLE_PATTERNS": PATTERNS})
    verdict = judge(about)
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    assert verdict.sentence.endswith("Which roles there are was not seen.")
    assert not judged(deny(*EVERY)).incomplete


def test_what_hangs_on_a_tag_of_the_role_is_undetermined() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/Guard": "yes"}}
    statement = deny(*EVERY, condition=condition)
    tagged = [role("Audit", tag_keys=("guard",)), role("pipeline-x", tag_keys=("guard",))]
    assert judged(statement, roles=tagged).reason == Reason.UNDETERMINED
    assert judged(statement, roles=[role("Audit")]).status == Status.FAIL


def test_a_declared_role_may_be_let_off() -> None:
    allowed = "arn:aws:iam::*:role/stacksets-exec-*"
    verdict = judged(deny(*EVERY, "iam:CreateRole", condition=except_for(allowed)))
    assert (verdict.status, codes(verdict)) == (Status.PASS, set())
    declared = verdict.facts["exemptions"]["exempt_allowed"]
    assert declared["arn:*:iam::*:role/stacksets-exec-*"] is True
    assert declared["arn:*:iam::*:role/AWSControlTowerExecution"] is False


def test_a_role_let_off_that_anybody_can_make_is_a_way_around() -> None:
    allowed = "arn:aws:iam::*:role/stacksets-exec-*"
    verdict = judged(deny(*EVERY, condition=except_for(allowed)))
    assert problem(verdict, "exempt_role_creatable").resource.endswith(
        "role/stacksets-exec-cairn-probe"
    )
