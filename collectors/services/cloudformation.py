"""AWS CloudFormation: the stack sets that carry the account baseline, and where they arrived.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_STACK_SETS = Operation(
    "cloudformation", "list_stack_sets", "cloudformation:ListStackSets", "Summaries"
)
DESCRIBE_STACK_SET = Operation(
    "cloudformation", "describe_stack_set", "cloudformation:DescribeStackSet"
)
LIST_STACK_INSTANCES = Operation(
    "cloudformation", "list_stack_instances", "cloudformation:ListStackInstances", "Summaries"
)

SELF = "SELF"
DELEGATED_ADMIN = "DELEGATED_ADMIN"
GONE = "StackSetNotFoundException"
# How CloudFormation answers an account that administers no stack sets of an organization.
NOT_DELEGATED = "ValidationError"


@dataclass(frozen=True)
class StackInstance:
    """``detailed_status`` says how the last operation ended, such as SUCCEEDED or
    SKIPPED_SUSPENDED_ACCOUNT."""

    account_id: str
    region: str = ""
    status: str = ""
    detailed_status: str = ""
    status_reason: str = ""
    drift_status: str = ""
    organizational_unit_id: str = ""

    @property
    def is_current(self) -> bool:
        return self.status == "CURRENT" and self.detailed_status == "SUCCEEDED"

    @property
    def was_skipped(self) -> bool:
        return self.detailed_status == "SKIPPED_SUSPENDED_ACCOUNT"


@dataclass(frozen=True)
class StackSet:
    name: str
    id: str = ""
    arn: str = ""
    status: str = ""
    permission_model: str = ""
    has_auto_deployment: bool = False
    drift_status: str = ""
    organizational_unit_ids: tuple[str, ...] = ()
    instances: tuple[StackInstance, ...] = ()

    @property
    def reaches_new_accounts(self) -> bool:
        return self.permission_model == "SERVICE_MANAGED" and self.has_auto_deployment


@dataclass(frozen=True)
class StackSets:
    """``names`` are all stack sets there are; ``baseline`` those of setting BASELINE_STACKSETS,
    whose names at the time are ``asked``."""

    asked: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    baseline: tuple[StackSet, ...] = ()


def fetch_stack_sets(aws: Aws, call_as: str = SELF) -> Answer:
    asked = list(aws.settings["BASELINE_STACKSETS"])
    absent = (NOT_DELEGATED,) if call_as == DELEGATED_ADMIN else ()
    listed = aws.pages(LIST_STACK_SETS, absent=absent, Status="ACTIVE", CallAs=call_as) or []
    names = [summary["StackSetName"] for summary in listed if summary.get("StackSetName")]
    found = [_fetch_stack_set(aws, name, call_as) for name in asked if name in names]
    return {"asked": asked, "names": names, "baseline": [s for s in found if s is not None]}


def _fetch_stack_set(aws: Aws, name: str, call_as: str) -> Answer | None:
    """None for a stack set that was deleted meanwhile."""
    described = aws.call(DESCRIBE_STACK_SET, absent=(GONE,), StackSetName=name, CallAs=call_as)
    instances = aws.pages(LIST_STACK_INSTANCES, absent=(GONE,), StackSetName=name, CallAs=call_as)
    if described is None or instances is None:
        return None
    return {"set": described.get("StackSet") or {}, "instances": instances}


def fetch_delegated_stack_sets(aws: Aws) -> Answer:
    return fetch_stack_sets(aws, DELEGATED_ADMIN)


def transform_stack_sets(answer: Answer) -> StackSets:
    return StackSets(
        asked=tuple(answer.get("asked") or ()),
        names=tuple(sorted(answer.get("names") or ())),
        baseline=tuple(
            _stack_set(found["set"], found.get("instances") or ())
            for found in answer.get("baseline") or ()
            if (found.get("set") or {}).get("StackSetName")
        ),
    )


def _stack_set(answer: Answer, instances: Any) -> StackSet:
    drift = answer.get("StackSetDriftDetectionDetails") or {}
    return StackSet(
        name=answer["StackSetName"],
        id=answer.get("StackSetId") or "",
        arn=answer.get("StackSetARN") or "",
        status=answer.get("Status") or "",
        permission_model=answer.get("PermissionModel") or "",
        has_auto_deployment=(answer.get("AutoDeployment") or {}).get("Enabled") is True,
        drift_status=drift.get("DriftStatus") or "",
        organizational_unit_ids=tuple(answer.get("OrganizationalUnitIds") or ()),
        instances=tuple(_instance(i) for i in instances if i.get("Account")),
    )


def _instance(answer: Answer) -> StackInstance:
    return StackInstance(
        account_id=answer["Account"],
        region=answer.get("Region") or "",
        status=answer.get("Status") or "",
        detailed_status=(answer.get("StackInstanceStatus") or {}).get("DetailedStatus") or "",
        status_reason=(answer.get("StatusReason") or "")[:500],
        drift_status=answer.get("DriftStatus") or "",
        organizational_unit_id=answer.get("OrganizationalUnitId") or "",
    )


stack_sets = Collector(
    "cloudformation.stack_sets",
    StackSets,
    Scope.ORGANIZATION,
    Reach.HOME,
    (LIST_STACK_SETS, DESCRIBE_STACK_SET, LIST_STACK_INSTANCES),
    fetch_stack_sets,
    transform_stack_sets,
    home_setting="BASELINE_REGIONS",
)

delegated_stack_sets = Collector(
    "cloudformation.delegated_stack_sets",
    StackSets,
    Scope.SECURITY,
    Reach.HOME,
    (LIST_STACK_SETS, DESCRIBE_STACK_SET, LIST_STACK_INSTANCES),
    fetch_delegated_stack_sets,
    transform_stack_sets,
    home_setting="BASELINE_REGIONS",
)
