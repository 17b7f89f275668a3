"""What only a company can say is read from the policy that is tried out."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.guardrails.documents import policy_of
from roadmap.management.commands.evaluate_scps import evaluated
from roadmap.verdicts import Status
from tests.roadmap.items.subjects import codes
from tests.roadmap.items.surface.guardrails import deny

REGIONS, SERVICES = "surface.scp_regions", "surface.scp_services"
REGION = "aws:RequestedRegion"
GLOBAL = ["iam:*", "sts:*", "organizations:*"]
CASES: dict[str, tuple[str, Any]] = {
    "a list of approved Regions": (
        REGIONS,
        deny(NotAction=GLOBAL, condition={"StringNotEquals": {REGION: ["eu-west-1"]}}),
    ),
    "approved Regions by pattern": (
        REGIONS,
        deny(NotAction=GLOBAL, condition={"StringNotLike": {REGION: "eu-*"}}),
    ),
    "a list of refused Regions": (
        REGIONS,
        deny("*", condition={"StringEquals": {REGION: ["ap-south-1", "sa-east-1"]}}),
    ),
    "refused Regions by pattern": (
        REGIONS,
        deny("*", condition={"StringLike": {REGION: ["ap-*", "us-*"]}}),
    ),
}


@pytest.mark.parametrize(("guardrail", "statement"), CASES.values(), ids=CASES)
def test_a_policy_enforces_the_list_it_has(guardrail: str, statement: Any) -> None:
    document = policy_of({"Version": "2012-10-17", "Statement": [statement]})
    assert evaluated(document)[guardrail].status == Status.PASS


def test_services_in_capitals_are_approved_ones() -> None:
    statement = deny(NotAction=["EC2:*", "GameLift:*"])
    verdict = evaluated(policy_of({"Version": "2012-10-17", "Statement": [statement]}))[SERVICES]
    assert verdict.status == Status.PASS
    assert "approved_service_blocked" not in codes(verdict)


def test_one_action_refused_in_a_region_refuses_no_region() -> None:
    """Beside a list of approved ones, that Region may well be one of them."""
    approved = deny(NotAction=GLOBAL, condition={"StringNotEquals": {REGION: "us-east-1"}})
    single = deny("s3:CreateBucket", condition={"StringEquals": {REGION: "us-east-1"}})
    document = policy_of({"Version": "2012-10-17", "Statement": [approved, single]})
    assert evaluated(document)[REGIONS].status == Status.PASS
    alone = policy_of({"Version": "2012-10-17", "Statement": [single]})
    assert evaluated(alone)[REGIONS].status == Status.FAIL
