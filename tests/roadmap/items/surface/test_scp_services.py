"""Services that the company has not approved cannot be called."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.guardrails.services import PREFIXES
from roadmap.items.surface.scp_services import judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import codes
from tests.roadmap.items.surface.guardrails import deny, guarded, problem

APPROVED = ["ec2", "s3"]
ALLOW_LIST = {"Effect": "Allow", "Action": ["ec2:*", "s3:*", "iam:*"], "Resource": "*"}


def judged(*statements: Any, full: bool = True, **settings: Any) -> Any:
    return judge(
        guarded(*statements, full=full, settings={"APPROVED_SERVICES": APPROVED, **settings})
    )


SPARED = [f"{prefix}:*" for prefix in sorted(PREFIXES)[:200]]
CASES: dict[str, tuple[list[Any], bool, Status, str, set[str]]] = {
    "an allow list": ([ALLOW_LIST], False, Status.PASS, "enough services blocked", set()),
    "an allow list beside all": (
        [ALLOW_LIST],
        True,
        Status.FAIL,
        "no service blocked",
        {"guardrail_missing"},
    ),
    "all but a list": (
        [deny(NotAction=["ec2:*", "s3:*", "iam:*"])],
        True,
        Status.PASS,
        "enough services blocked",
        set(),
    ),
    "a list": (
        [deny("gamelift:*", "lightsail:*")],
        True,
        Status.PARTIAL,
        "some services blocked",
        {"guardrail_gap"},
    ),
    "an approved one as well": (
        [deny(NotAction=["s3:*"])],
        True,
        Status.PASS,
        "enough services blocked",
        {"approved_service_blocked"},
    ),
    "single actions": (
        [deny("gamelift:CreateFleet")],
        True,
        Status.FAIL,
        "no service blocked",
        {"guardrail_missing"},
    ),
}


@pytest.mark.parametrize(
    ("statements", "full", "status", "rule", "found"), CASES.values(), ids=CASES
)
def test_blocked_services_decide(
    statements: list[Any], full: bool, status: Status, rule: str, found: set[str]
) -> None:
    verdict = judged(*statements, full=full)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == found


def test_the_share_that_is_enough_is_a_setting() -> None:
    half = deny(NotAction=SPARED)
    assert judged(half).status == Status.PARTIAL
    assert judged(half, SCP_SERVICES_PASS_PCT=40).status == Status.PASS


def test_without_approved_services_it_is_not_configured() -> None:
    verdict = judge(guarded(ALLOW_LIST))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_CONFIGURED)


def test_it_names_an_approved_service_that_is_blocked() -> None:
    assert "ec2" in problem(judged(deny("ec2:*")), "approved_service_blocked").detail


def test_a_guardrail_for_regions_does_not_answer_for_one_for_services() -> None:
    condition = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    elsewhere = deny("*", condition=condition)
    assert judged(elsewhere, APPROVED_REGIONS=["us-east-1"]).status == Status.FAIL
    nowhere = deny("*", condition={"StringNotEquals": {"aws:RequestedRegion": "sa-east-1"}})
    assert judged(nowhere, APPROVED_REGIONS=["sa-east-1"]).status == Status.FAIL
