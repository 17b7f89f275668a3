"""Amazon Data Lifecycle Manager: the policies that take snapshots and where they copy them.

Their work shows in the volumes' snapshots; the policies say where it comes from.
https://docs.aws.amazon.com/dlm/latest/APIReference/API_GetLifecyclePolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_LIFECYCLE_POLICIES = Operation(
    "dlm", "get_lifecycle_policies", "dlm:GetLifecyclePolicies", "Policies"
)
GET_LIFECYCLE_POLICY = Operation("dlm", "get_lifecycle_policy", "dlm:GetLifecyclePolicy")

GONE = "ResourceNotFoundException"
ENABLED = "ENABLED"


@dataclass(frozen=True)
class Policy:
    """``copies_to`` are Regions and Outposts that it copies snapshots to, ``shares_with`` accounts;
    neither is asked for where the policy is off."""

    policy_id: str
    description: str = ""
    state: str = ""
    type: str = ""
    copies_to: tuple[str, ...] = ()
    shares_with: tuple[str, ...] = ()


def fetch_policies(aws: Aws) -> list[Answer]:
    return [
        {"summary": policy, "details": _fetch_details(aws, policy)}
        for policy in aws.pages(GET_LIFECYCLE_POLICIES) or ()
    ]


def _fetch_details(aws: Aws, policy: Answer) -> Answer | None:
    if policy.get("State") != ENABLED or not policy.get("PolicyId"):
        return None
    return aws.call(GET_LIFECYCLE_POLICY, absent=(GONE,), PolicyId=policy["PolicyId"])


def transform_policies(answer: Iterable[Answer]) -> tuple[Policy, ...]:
    return tuple(
        _policy(parts["summary"], parts.get("details") or {})
        for parts in answer
        if (parts.get("summary") or {}).get("PolicyId")
    )


def _policy(summary: Answer, answer: Answer) -> Policy:
    details = (answer.get("Policy") or {}).get("PolicyDetails") or {}
    schedules = details.get("Schedules") or ()
    copies = [rule for one in schedules for rule in one.get("CrossRegionCopyRules") or ()]
    regions = [rule.get("Target") or rule.get("TargetRegion") for rule in copies]
    # Default policies have no schedules and name the Regions themselves.
    regions += [one.get("TargetRegion") for one in details.get("CrossRegionCopyTargets") or ()]
    shares = [rule for one in schedules for rule in one.get("ShareRules") or ()]
    return Policy(
        policy_id=summary["PolicyId"],
        description=summary.get("Description") or "",
        state=summary.get("State") or "",
        type=summary.get("PolicyType") or "",
        copies_to=tuple(sorted({region for region in regions if region})),
        shares_with=tuple(
            sorted({account for rule in shares for account in rule.get("TargetAccounts") or ()})
        ),
    )


policies = Collector(
    "dlm.policies",
    tuple[Policy, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_LIFECYCLE_POLICIES, GET_LIFECYCLE_POLICY),
    fetch_policies,
    transform_policies,
)
