"""Policies of an organization: their documents, and what they are attached to directly.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.organizations.tree import LIST_OUS, LIST_ROOTS, walk

if TYPE_CHECKING:
    from collectors.aws import Aws

SERVICE_CONTROL_POLICY = "SERVICE_CONTROL_POLICY"
RESOURCE_CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
AISERVICES_OPT_OUT_POLICY = "AISERVICES_OPT_OUT_POLICY"

DOCUMENTED = (SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, AISERVICES_OPT_OUT_POLICY)

# AWS's answers for a policy type that the partition or the organization does not have.
NO_SUCH_TYPE = ("InvalidInputException", "UnsupportedAPIEndpointException")

LIST_POLICIES = Operation(
    "organizations", "list_policies", "organizations:ListPolicies", "Policies"
)
DESCRIBE_POLICY = Operation("organizations", "describe_policy", "organizations:DescribePolicy")
LIST_POLICIES_FOR_TARGET = Operation(
    "organizations",
    "list_policies_for_target",
    "organizations:ListPoliciesForTarget",
    "Policies",
)


@dataclass(frozen=True)
class Policy:
    """``content`` is the document; None when AWS sent none that is JSON."""

    id: str
    type: str
    arn: str = ""
    name: str = ""
    is_aws_managed: bool = False
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Policies:
    """``attached`` are root or OU id → ids of the policies attached right there."""

    policies: Sequence[Policy] = ()
    attached: Mapping[str, Sequence[str]] = field(default_factory=dict)
    root_ids: Sequence[str] = ()

    def attached_to_roots(self, policy_type: str) -> list[Policy]:
        ids = {policy for root in self.root_ids for policy in self.attached.get(root, ())}
        return [p for p in self.policies if p.id in ids and p.type == policy_type]


def _fetch_policies(aws: Aws) -> Any:
    roots = aws.pages(LIST_ROOTS) or []
    enabled = {
        kind.get("Type")
        for root in roots
        for kind in root.get("PolicyTypes") or ()
        if kind.get("Status") == "ENABLED"
    }
    types = [kind for kind in DOCUMENTED if kind in enabled]
    summaries = [
        {**policy, "Type": kind}
        for kind in types
        for policy in aws.pages(LIST_POLICIES, absent=NO_SUCH_TYPE, Filter=kind) or []
        if policy.get("Id")
    ]
    places = [place["Id"] for place in (*roots, *walk(aws, roots)) if place.get("Id")]
    return {
        "Policies": [
            {"Summary": summary, **_described(aws, summary["Id"])} for summary in summaries
        ],
        "Attached": {
            place: [policy for kind in types for policy in _attached(aws, place, kind)]
            for place in places
        },
        "Roots": roots,
    }


def _described(aws: Aws, policy_id: str) -> Mapping[str, Any]:
    answer = aws.call(DESCRIBE_POLICY, absent=("PolicyNotFoundException",), PolicyId=policy_id)
    return (answer or {}).get("Policy") or {}


def _attached(aws: Aws, target: str, policy_type: str) -> list[Any]:
    absent = (*NO_SUCH_TYPE, "TargetNotFoundException")
    found = aws.pages(LIST_POLICIES_FOR_TARGET, absent=absent, TargetId=target, Filter=policy_type)
    return found or []


def _policies(answer: Any) -> Policies:
    return Policies(
        policies=[
            Policy(
                id=policy["Summary"]["Id"],
                type=policy["Summary"]["Type"],
                arn=policy["Summary"].get("Arn") or "",
                name=policy["Summary"].get("Name") or "",
                is_aws_managed=bool(policy["Summary"].get("AwsManaged")),
                content=document(policy.get("Content")),
            )
            for policy in answer["Policies"]
        ],
        attached={place: _ids(policies) for place, policies in answer["Attached"].items()},
        root_ids=_ids(answer["Roots"]),
    )


def _ids(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    return [answer["Id"] for answer in answers if answer.get("Id")]


def document(content: Any) -> Mapping[str, Any] | None:
    """A policy's JSON text as a mapping; None for anything else."""
    try:
        read = json.loads(content)
    except (TypeError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _fetch_attached(aws: Aws) -> Any:
    return _attached(aws, aws.target, SERVICE_CONTROL_POLICY)


def _fetch_attached_rcps(aws: Aws) -> Any:
    return _attached(aws, aws.target, RESOURCE_CONTROL_POLICY)


policies = Collector(
    "organizations.policies",
    Policies,
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (LIST_ROOTS, LIST_OUS, LIST_POLICIES, DESCRIBE_POLICY, LIST_POLICIES_FOR_TARGET),
    _fetch_policies,
    _policies,
    Phase.REGIONS,
)

# Ids of the service control policies attached to the account itself. Together with those of its
# OUs they are the account's chain.
attached_scps: Collector[tuple[str, ...]] = Collector(
    "organizations.attached_scps",
    tuple[str, ...],
    Scope.TARGET,
    Reach.GLOBAL,
    (LIST_POLICIES_FOR_TARGET,),
    _fetch_attached,
    lambda answer: tuple(_ids(answer)),
    Phase.REGIONS,
)

# The same of resource control policies: none where the organization does not use that type.
attached_rcps: Collector[tuple[str, ...]] = Collector(
    "organizations.attached_rcps",
    tuple[str, ...],
    Scope.TARGET,
    Reach.GLOBAL,
    (LIST_POLICIES_FOR_TARGET,),
    _fetch_attached_rcps,
    lambda answer: tuple(_ids(answer)),
)
