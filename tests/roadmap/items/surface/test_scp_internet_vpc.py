"""Workload accounts cannot open a way to the internet by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services.ec2 import VpcBlock, vpc_block
from roadmap.items.surface.scp_internet_vpc import PROBES, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, codes, row
from tests.roadmap.items.surface.guardrails import deny, guarded, in_regions

EVERY_WAY = deny(*(one.action for one in PROBES))
OFF = in_regions(vpc_block, VpcBlock("off"))
DECLARED = VpcBlock(
    "block-ingress", managed_by="declarative-policy", exclusions_allowed="not-allowed"
)
EXCLUDABLE = VpcBlock(
    "block-bidirectional", managed_by="declarative-policy", exclusions_allowed="allowed"
)
OWN = VpcBlock("block-ingress", managed_by="account", exclusions_allowed="allowed")
EXCLUDE = "ec2:CreateVpcBlockPublicAccessExclusion"
MODIFY = "ec2:ModifyVpcBlockPublicAccessOptions"
EVERYWHERE = "public access blocked in every Region"

CASES: dict[str, tuple[list[Any], Any, Status, str]] = {
    "every way": ([EVERY_WAY], OFF, Status.PASS, "every way denied"),
    "gateways only": ([deny("ec2:AttachInternetGateway")], OFF, Status.PARTIAL, "gateways denied"),
    "peerings only": ([deny("ec2:*VpcPeering*")], OFF, Status.FAIL, "gateways not denied"),
    "nothing": ([], OFF, Status.FAIL, "gateways not denied"),
    "by the VPC of an attachment": (
        [deny("ec2:AttachInternetGateway", Resource="arn:aws:ec2:*:*:vpc/*")],
        OFF,
        Status.PARTIAL,
        "gateways denied",
    ),
    "blocked by declaration": ([], in_regions(vpc_block, DECLARED), Status.PASS, EVERYWHERE),
    "blocked, with exclusions": (
        [],
        in_regions(vpc_block, EXCLUDABLE),
        Status.FAIL,
        "gateways not denied",
    ),
    "blocked, exclusions denied": (
        [deny(EXCLUDE)],
        in_regions(vpc_block, EXCLUDABLE),
        Status.PASS,
        EVERYWHERE,
    ),
    "blocked by the account itself": (
        [deny(EXCLUDE)],
        in_regions(vpc_block, OWN),
        Status.FAIL,
        "gateways not denied",
    ),
    "blocked by the account for good": (
        [deny(EXCLUDE, MODIFY)],
        in_regions(vpc_block, OWN),
        Status.PASS,
        EVERYWHERE,
    ),
    "blocked in one Region": (
        [],
        {**OFF, (ACCOUNT, vpc_block, "eu-west-1"): DECLARED},
        Status.PARTIAL,
        "gateways denied",
    ),
    "a mode of tomorrow": (
        [],
        in_regions(vpc_block, VpcBlock("block-all", managed_by="declarative-policy")),
        Status.FAIL,
        "gateways not denied",
    ),
}


@pytest.mark.parametrize(("statements", "facts", "status", "rule"), CASES.values(), ids=CASES)
def test_ways_to_the_internet_decide(
    statements: list[Any], facts: Any, status: Status, rule: str
) -> None:
    verdict = judge(guarded(*statements, facts=facts))
    assert (verdict.status, verdict.rule) == (status, rule)
    gap = {
        Status.PASS: set(),
        Status.PARTIAL: {"guardrail_gap"},
        Status.FAIL: {"guardrail_missing"},
    }
    assert codes(verdict) == gap[status]


@pytest.mark.parametrize(
    ("about", "settings", "rule"),
    [
        (row(classes=["production", "edge"]), {}, "edge account"),
        (row(), {"INTERNET_VPC_ALLOWED_ACCOUNTS": [ACCOUNT]}, "allowed account"),
    ],
    ids=["edge", "named"],
)
def test_accounts_that_may_face_the_internet_are_left_out(
    about: Any, settings: Any, rule: str
) -> None:
    verdict = judge(guarded(about=about, settings=settings))
    assert (verdict.reason, verdict.rule) == (Reason.CLASS_EXCLUDED, rule)


def test_a_block_that_may_be_undone_is_undetermined() -> None:
    perhaps = deny(EXCLUDE, MODIFY, condition={"Bool": {"aws:Moon": "true"}})
    verdict = judge(guarded(perhaps, facts=in_regions(vpc_block, OWN)))
    assert verdict.reason == Reason.UNDETERMINED


def test_an_unseen_block_may_be_one() -> None:
    unseen = in_regions(vpc_block, Outcome.ACCESS_DENIED)
    assert judge(guarded(facts=unseen)).reason == Reason.ACCESS_DENIED
    assert judge(guarded(EVERY_WAY, facts=unseen)).status == Status.PASS
