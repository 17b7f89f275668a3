"""Launches need IMDSv2, and nobody can loosen that later."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services.ec2 import MetadataDefaults, metadata_defaults
from roadmap.items.surface.scp_imdsv2 import judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, codes
from tests.roadmap.items.surface.guardrails import deny, guarded, in_regions, only

LAUNCH = deny(
    "ec2:RunInstances",
    condition={"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}},
    Resource="arn:aws:ec2:*:*:instance/*",
)
MODIFY = deny("ec2:ModifyInstanceMetadataOptions")
DEFAULTS = deny("ec2:ModifyInstanceMetadataDefaults")
USE = deny("*", condition={"NumericLessThan": {"ec2:RoleDelivery": "2.0"}})

UNSET = in_regions(metadata_defaults, MetadataDefaults())
DECLARED = in_regions(
    metadata_defaults, MetadataDefaults("required", "enabled", managed_by="declarative-policy")
)
OWN = in_regions(metadata_defaults, MetadataDefaults("required", "enabled", managed_by="account"))
NOT_ENFORCED = in_regions(
    metadata_defaults, MetadataDefaults("required", managed_by="declarative-policy")
)
TOMORROW = in_regions(
    metadata_defaults, MetadataDefaults("required", "enabled", managed_by="tomorrow")
)
ONE = {
    **UNSET,
    (ACCOUNT, metadata_defaults, "eu-west-1"): MetadataDefaults(
        "required", "enabled", managed_by="declarative-policy"
    ),
}

CASES: dict[str, tuple[list[Any], Any, Status, str]] = {
    "launch and modification": (
        [LAUNCH, MODIFY],
        UNSET,
        Status.PASS,
        "launch and modification denied",
    ),
    "use": ([USE], UNSET, Status.PASS, "use denied"),
    "only launch": ([LAUNCH], UNSET, Status.PARTIAL, "only launch denied"),
    "only modification": ([MODIFY], UNSET, Status.PARTIAL, "only modification denied"),
    "declared, modification": ([MODIFY], DECLARED, Status.PASS, "launch and modification denied"),
    "declared alone": ([], DECLARED, Status.PARTIAL, "only launch denied"),
    "own defaults that can be changed": ([MODIFY], OWN, Status.PARTIAL, "only modification denied"),
    "own defaults that cannot": (
        [MODIFY, DEFAULTS],
        OWN,
        Status.PASS,
        "launch and modification denied",
    ),
    "defaults that do not enforce": (
        [MODIFY],
        NOT_ENFORCED,
        Status.PARTIAL,
        "only modification denied",
    ),
    "managed by somebody unknown": (
        [MODIFY, DEFAULTS],
        TOMORROW,
        Status.PARTIAL,
        "only modification denied",
    ),
    "declared in one Region": ([], ONE, Status.PARTIAL, "denied in part"),
    "for some": (
        [deny("ec2:RunInstances", condition=only("arn:aws:iam::*:role/cairn-*"))],
        UNSET,
        Status.PARTIAL,
        "denied in part",
    ),
    "nothing": ([], UNSET, Status.FAIL, "nothing denied"),
}


@pytest.mark.parametrize(("statements", "facts", "status", "rule"), CASES.values(), ids=CASES)
def test_launch_modification_and_use_decide(
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


def test_unseen_defaults_matter_only_where_they_could_decide() -> None:
    unseen = in_regions(metadata_defaults, Outcome.ACCESS_DENIED)
    assert judge(guarded(MODIFY, facts=unseen)).status == Status.UNKNOWN
    assert judge(guarded(LAUNCH, MODIFY, facts=unseen)).status == Status.PASS
    nobody = deny("ec2:ModifyInstanceMetadataDefaults", condition={"Bool": {"aws:Moon": "true"}})
    assert judge(guarded(MODIFY, nobody, facts=OWN)).reason == Reason.UNDETERMINED
    not_offered = in_regions(metadata_defaults, Outcome.SERVICE_UNAVAILABLE)
    assert judge(guarded(MODIFY, facts=not_offered)).status == Status.PARTIAL
    nothing = judge(guarded(facts=unseen))
    assert (nothing.status, nothing.incomplete) == (Status.FAIL, True)
