"""Nothing can be started in a Region that the company does not use."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.items.surface.scp_regions import judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import codes
from tests.roadmap.items.surface.guardrails import deny, except_for, guarded, only, problem

ENABLED = ("ap-south-1", "eu-west-1", "us-east-1")
GLOBAL = ["iam:*", "organizations:*", "sts:*", "kms:*", "support:*"]


def outside(*regions: str, **more: Any) -> Any:
    condition = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}, **more}
    return deny(NotAction=GLOBAL, condition=condition)


def judged(*statements: Any, approved: tuple[str, ...] = ("eu-west-1",), **more: Any) -> Any:
    more.setdefault("enabled", ENABLED)
    return judge(guarded(*statements, settings={"APPROVED_REGIONS": list(approved)}, **more))


ENABLING = deny("account:EnableRegion")
CASES: dict[str, tuple[list[Any], dict[str, Any], Status, str, set[str]]] = {
    "every other": (
        [outside("eu-west-1")],
        {},
        Status.PASS,
        "every other Region blocked",
        set(),
    ),
    "one of two": (
        [outside("eu-west-1", "us-east-1")],
        {},
        Status.PARTIAL,
        "some Regions blocked",
        {"guardrail_gap"},
    ),
    "one service": (
        [deny("ec2:*", condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})],
        {},
        Status.PARTIAL,
        "some requests denied, no Region blocked",
        {"guardrail_gap"},
    ),
    "nothing": ([], {}, Status.FAIL, "no Region blocked", {"guardrail_missing"}),
    "an approved one as well": (
        [outside("us-east-1")],
        {},
        Status.PARTIAL,
        "some Regions blocked",
        {"guardrail_gap", "region_guard_too_wide"},
    ),
    "no other, none to be enabled": (
        [ENABLING],
        {"enabled": ("eu-west-1",), "disabled": ("ap-east-1",)},
        Status.PASS,
        "no other Region enabled, nor can be",
        set(),
    ),
    "no other, but soon": (
        [],
        {"enabled": ("eu-west-1",)},
        Status.PARTIAL,
        "no other Region enabled, but can be",
        {"guardrail_gap"},
    ),
}


@pytest.mark.parametrize(
    ("statements", "more", "status", "rule", "found"), CASES.values(), ids=CASES
)
def test_blocked_regions_decide(
    statements: list[Any], more: dict[str, Any], status: Status, rule: str, found: set[str]
) -> None:
    verdict = judged(*statements, **more)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == found


def test_without_approved_regions_it_is_not_configured() -> None:
    verdict = judge(guarded(outside("eu-west-1")))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_CONFIGURED)


def test_it_names_the_regions_that_are_open() -> None:
    verdict = judged(outside("eu-west-1", "us-east-1"))
    assert "us-east-1" in verdict.sentence
    assert verdict.facts["blocked"] == ["ap-south-1"]


def test_it_names_only_those_who_can_enable_another_region() -> None:
    for_users = deny("account:EnableRegion", condition=only("arn:aws:iam::*:user/*"))
    verdict = judged(for_users, enabled=("eu-west-1",))
    assert "an ordinary role" in verdict.sentence
    assert "an IAM user" not in verdict.sentence


def test_an_exemption_that_nobody_declared_is_reported() -> None:
    let_off = except_for("arn:aws:iam::*:role/pipeline")
    verdict = judged(outside("eu-west-1", **let_off))
    assert verdict.status == Status.PASS
    assert codes(verdict) == {"undeclared_exemption", "exempt_role_creatable"}
    assert problem(verdict, "exempt_role_creatable").name == "pipeline"
