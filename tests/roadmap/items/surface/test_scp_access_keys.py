"""Nobody can make an access key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roadmap.items.surface.scp_access_keys import judge
from roadmap.verdicts import Status, passed
from tests.roadmap.items.subjects import codes
from tests.roadmap.items.surface.guardrails import deny, except_for, guarded, only

KEYS = ("iam:CreateAccessKey", "iam:CreateServiceSpecificCredential")
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
LOOSE = {"service_credential_possible"}
CASES: dict[str, tuple[list[Any], Status, str, set[str]]] = {
    "denied": ([deny(*KEYS)], Status.PASS, "access keys denied", set()),
    "denied, other keys possible": ([deny(KEYS[0])], Status.PASS, "access keys denied", LOOSE),
    "users denied": (
        [deny(*KEYS, condition=only("arn:aws:iam::*:user/*"))],
        Status.PARTIAL,
        "denied for some",
        {"guardrail_gap", "root_key_possible"} | LOOSE,
    ),
    "denied without MFA": (
        [deny(*KEYS, condition=WITHOUT_MFA)],
        Status.PARTIAL,
        "MFA opens the way",
        {"guardrail_gap", "root_key_possible"} | LOOSE,
    ),
    "nothing": (
        [],
        Status.FAIL,
        "nothing denied",
        {"guardrail_missing", "root_key_possible"} | LOOSE,
    ),
    "administrators of Identity Center let off": (
        [deny(*KEYS, condition=except_for("arn:aws:iam::*:role/aws-reserved/*"))],
        Status.PARTIAL,
        "denied for some",
        {"guardrail_gap", "undeclared_exemption"} | LOOSE,
    ),
    "every role let off": (
        [deny(*KEYS, condition=except_for("arn:aws:iam::*:role/*"))],
        Status.PARTIAL,
        "denied for some",
        {"guardrail_gap", "undeclared_exemption", "exempt_role_creatable"} | LOOSE,
    ),
}


@pytest.mark.parametrize(("statements", "status", "rule", "found"), CASES.values(), ids=CASES)
def test_who_may_make_keys_decides(
    statements: list[Any], status: Status, rule: str, found: set[str]
) -> None:
    verdict = judge(guarded(*statements))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == found


def test_a_way_around_by_mfa_is_noted() -> None:
    verdict = judge(guarded(deny(*KEYS, condition=WITHOUT_MFA)))
    assert {decision["note"] for decision in verdict.facts["decisions"]} == {"mfa_bypass"}


def test_keys_of_a_root_user_who_is_stopped_otherwise_are_no_finding() -> None:
    about = replace(guarded(), verdicts={"surface.scp_root": passed("No credentials.")})
    assert "root_key_possible" not in codes(judge(about))
