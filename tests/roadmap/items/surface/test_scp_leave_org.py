"""The account cannot leave the organization on its own."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.items.surface.scp_leave_org import judge
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import codes
from tests.roadmap.items.surface.guardrails import deny, guarded, only

LEAVE, ACCEPT, CLOSE = (
    "organizations:LeaveOrganization",
    "organizations:AcceptHandshake",
    "account:CloseAccount",
)
BOTH = {"direct_transfer_possible", "close_account_possible"}
CASES: dict[str, tuple[list[Any], bool, Status, str, set[str]]] = {
    "leaving": ([deny(LEAVE)], False, Status.PASS, "leaving denied", BOTH),
    "every way": ([deny(LEAVE, ACCEPT, CLOSE)], True, Status.PASS, "leaving denied", set()),
    "leaving, where moving counts": (
        [deny(LEAVE)],
        True,
        Status.PARTIAL,
        "denied in part",
        {"guardrail_gap"} | BOTH,
    ),
    "not for the root user": (
        [deny(LEAVE, condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})],
        False,
        Status.PARTIAL,
        "denied in part",
        {"guardrail_gap", "undeclared_exemption"} | BOTH,
    ),
    "for the root user alone": (
        [deny(LEAVE, condition=only("arn:aws:iam::*:root"))],
        False,
        Status.PARTIAL,
        "denied in part",
        {"guardrail_gap"} | BOTH,
    ),
    "nothing": ([], False, Status.FAIL, "nothing denied", {"guardrail_missing"} | BOTH),
}


@pytest.mark.parametrize(
    ("statements", "moving", "status", "rule", "found"), CASES.values(), ids=CASES
)
def test_who_can_leave_decides(
    statements: list[Any], moving: bool, status: Status, rule: str, found: set[str]
) -> None:
    verdict = judge(guarded(*statements, settings={"SCP_REQUIRE_ACCEPT_HANDSHAKE_DENY": moving}))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert codes(verdict) == found
