"""AWS CloudFormation: the stack sets that carry the account baseline, and where they arrived; and
an account's own stacks with the core resources they made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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

LIST_STACKS = Operation(
    "cloudformation", "list_stacks", "cloudformation:ListStacks", "StackSummaries"
)
LIST_STACK_RESOURCES = Operation(
    "cloudformation",
    "list_stack_resources",
    "cloudformation:ListStackResources",
    "StackResourceSummaries",
)

SELF = "SELF"
DELEGATED_ADMIN = "DELEGATED_ADMIN"
GONE = "StackSetNotFoundException"
# How CloudFormation answers an account that administers no stack sets of an organization.
NOT_DELEGATED = "ValidationError"
# How CloudFormation answers for a stack that was deleted meanwhile.
STACK_GONE = ("ValidationError",)
# Stacks that hold resources; deleted ones are listed for ninety days more.
LIVE = (
    "CREATE_IN_PROGRESS", "CREATE_FAILED", "CREATE_COMPLETE", "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED", "IMPORT_ROLLBACK_COMPLETE",
)  # fmt: skip
# CloudFormation's types of core resources, as the tagging API's ARNs name them.
CORE_TYPES = {
    "AWS::EC2::VPC": "ec2:vpc",
    "AWS::EC2::Subnet": "ec2:subnet",
    "AWS::EC2::RouteTable": "ec2:route-table",
    "AWS::EC2::SecurityGroup": "ec2:security-group",
    "AWS::IAM::Role": "iam:role",
    "AWS::IAM::ManagedPolicy": "iam:policy",
    "AWS::Lambda::Function": "lambda:function",
    "AWS::RDS::DBInstance": "rds:db",
    "AWS::S3::Bucket": "s3:bucket",
}
DRIFTED = "DRIFTED"


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


@dataclass(frozen=True)
class Stacks:
    """A Region's live stacks. ``managed`` are the physical ids of core resources in them by type,
    such as ``ec2:vpc``: ids, of roles, functions, databases and buckets names, of policies ARNs.
    ``drifted`` are ARNs of stacks found to differ from their template when last looked at."""

    stacks: int = 0
    drifted: tuple[str, ...] = ()
    managed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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


def fetch_stacks(aws: Aws) -> list[Answer]:
    listed = aws.pages(LIST_STACKS, StackStatusFilter=list(LIVE)) or []
    return [
        {"stack": stack, "resources": _fetch_resources(aws, stack["StackId"])}
        for stack in listed
        if stack.get("StackId")
    ]


def _fetch_resources(aws: Aws, stack_id: str) -> list[Answer]:
    return aws.pages(LIST_STACK_RESOURCES, absent=STACK_GONE, StackName=stack_id) or []


def transform_stacks(answer: Iterable[Answer]) -> Stacks:
    managed: dict[str, set[str]] = {}
    drifted = set()
    count = 0
    for found in answer:
        count += 1
        drift = found["stack"].get("DriftInformation") or {}
        if drift.get("StackDriftStatus") == DRIFTED:
            drifted.add(found["stack"]["StackId"])
        for resource in found["resources"]:
            kind = CORE_TYPES.get(resource.get("ResourceType") or "")
            is_there = resource.get("ResourceStatus") != "DELETE_COMPLETE"
            if kind and is_there and resource.get("PhysicalResourceId"):
                managed.setdefault(kind, set()).add(resource["PhysicalResourceId"])
    return Stacks(
        stacks=count,
        drifted=tuple(sorted(drifted)),
        managed={kind: tuple(sorted(ids)) for kind, ids in sorted(managed.items())},
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

stacks = Collector(
    "cloudformation.stacks",
    Stacks,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_STACKS, LIST_STACK_RESOURCES),
    fetch_stacks,
    transform_stacks,
)
