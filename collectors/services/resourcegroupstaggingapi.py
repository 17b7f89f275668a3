"""Resource Groups Tagging API: the resources of a Region by their tags.

It lists every resource that has a tag, or once had one, and never any other.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.tags import Tags, kept, parted

if TYPE_CHECKING:
    from collectors.aws import Aws

GET_RESOURCES = Operation(
    "resourcegroupstaggingapi", "get_resources", "tag:GetResources", "ResourceTagMappingList"
)
GET_COMPLIANCE_SUMMARY = Operation(
    "resourcegroupstaggingapi",
    "get_compliance_summary",
    "tag:GetComplianceSummary",
    "SummaryList",
)
LIST_REQUIRED_TAGS = Operation(
    "resourcegroupstaggingapi", "list_required_tags", "tag:ListRequiredTags", "RequiredTags"
)

# How AWS answers an organization without tag policies.
NO_TAG_POLICIES = ("ConstraintViolationException",)

A_PAGE = 100
ARNS_KEPT = 50  # of resources that are alike

# What counts for infrastructure as code, as type_of names it: all of it is named.
CORE_TYPES = frozenset(
    {
        "ec2:vpc", "ec2:subnet", "ec2:route-table", "ec2:security-group", "iam:role",
        "iam:policy", "lambda:function", "rds:db", "s3:bucket",
    }
)  # fmt: skip


@dataclass(frozen=True)
class TagSet:
    """Resources of one type with the same tags, as far as those are kept. ``arns`` are all of them
    if the type is core, the first of a type that is to be tagged, and none of another. Without any
    key, all their tags were taken off again."""

    resource_type: str
    tags: Tags
    count: int = 0
    arns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tagged:
    """What carries tags, of every type. The values of required tags and of the environment's are
    kept, by the settings of the time."""

    sets: tuple[TagSet, ...] = ()


@dataclass(frozen=True)
class NonCompliance:
    """How many resources of an account break its effective tag policy; ``last_updated`` as AWS
    writes it, up to two days ago."""

    resources: int = 0
    last_updated: str = ""


@dataclass(frozen=True)
class RequiredTag:
    """Keys that the account's tag policy reports as missing on a resource type."""

    resource_type: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exempt:
    """The resources with ``tag``, which is BACKUP_EXEMPT_TAG as it was then: ``key=value``, or
    ``key`` alone for any value. Without a tag there are none."""

    tag: str = ""
    arns: tuple[str, ...] = ()


def fetch_tagged(aws: Aws) -> Mapping[str, Any]:
    return {
        "asked": [*aws.settings["REQUIRED_TAGS"], aws.settings["ENVIRONMENT_TAG_KEY"]],
        "named": list(aws.settings["TAG_RESOURCE_TYPES"]),
        "resources": aws.pages(GET_RESOURCES, ResourcesPerPage=A_PAGE) or [],
    }


def transform_tagged(answer: Mapping[str, Any]) -> Tagged:
    alike: dict[tuple[str, Tags], list[str]] = {}
    for resource in answer["resources"]:
        arn = resource.get("ResourceARN") or ""
        if kind := type_of(arn):
            alike.setdefault((kind, kept(resource.get("Tags"), answer["asked"])), []).append(arn)
    named = set(answer["named"])
    return Tagged(tuple(_tag_set(*key, alike[key], named) for key in sorted(alike)))


def _tag_set(kind: str, tags: Tags, arns: list[str], named: Collection[str]) -> TagSet:
    at_most = len(arns) if kind in CORE_TYPES else ARNS_KEPT if kind in named else 0
    return TagSet(kind, tags, len(arns), tuple(sorted(arns)[:at_most]))


def type_of(arn: str) -> str:
    """``service:type`` of a resource as AWS Resource Explorer names it, such as ``ec2:instance``;
    empty for what is no ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    service, rest = parts[2], parts[5]
    if service == "s3":
        return "s3:bucket" if "/" not in rest and ":" not in rest else "s3:object"
    kind = rest.replace("/", ":").partition(":")[0]
    return f"{service}:{kind}"


def fetch_compliance(aws: Aws) -> list[Mapping[str, Any]]:
    answer = aws.pages(GET_COMPLIANCE_SUMMARY, absent=NO_TAG_POLICIES, GroupBy=["TARGET_ID"])
    return answer or []


def transform_compliance(answer: Iterable[Mapping[str, Any]]) -> dict[str, NonCompliance]:
    found: dict[str, NonCompliance] = {}
    for summary in answer:
        about = summary.get("TargetId")
        if about and summary.get("TargetIdType") == "ACCOUNT":
            before = found.get(about, NonCompliance())
            found[about] = NonCompliance(
                before.resources + (summary.get("NonCompliantResources") or 0),
                max(before.last_updated, summary.get("LastUpdated") or ""),
            )
    return found


def transform_required_tags(answer: Iterable[Mapping[str, Any]]) -> tuple[RequiredTag, ...]:
    return tuple(
        RequiredTag(required["ResourceType"], tuple(required.get("ReportingTagKeys") or ()))
        for required in answer
        if required.get("ResourceType")
    )


def fetch_backup_exempt(aws: Aws) -> Mapping[str, Any]:
    wanted = aws.settings["BACKUP_EXEMPT_TAG"]
    key, value = parted(wanted)
    tag = {"Key": key, "Values": [value]} if value else {"Key": key}
    return {
        "tag": wanted,
        "resources": aws.pages(GET_RESOURCES, TagFilters=[tag]) or [] if key else [],
    }


def transform_exempt(answer: Mapping[str, Any]) -> Exempt:
    arns = (found.get("ResourceARN") for found in answer["resources"])
    return Exempt(answer["tag"], tuple(sorted(arn for arn in arns if arn)))


backup_exempt = Collector(
    "resourcegroupstaggingapi.backup_exempt",
    Exempt,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_RESOURCES,),
    fetch_backup_exempt,
    transform_exempt,
)

tagged = Collector(
    "resourcegroupstaggingapi.tagged",
    Tagged,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_RESOURCES,),
    fetch_tagged,
    transform_tagged,
)

# AWS answers only in the main Region, and only the management account.
compliance = Collector(
    "resourcegroupstaggingapi.compliance",
    dict[str, NonCompliance],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (GET_COMPLIANCE_SUMMARY,),
    fetch_compliance,
    transform_compliance,
)

# A tag policy is the account's, whatever the Region.
required_tags: Collector[tuple[RequiredTag, ...]] = Collector(
    "resourcegroupstaggingapi.required_tags",
    tuple[RequiredTag, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_REQUIRED_TAGS,),
    lambda aws: aws.pages(LIST_REQUIRED_TAGS) or [],
    transform_required_tags,
)
