"""Resource Groups Tagging API: which resources of a Region carry a tag that Cairn looks for.

It lists every resource that has a tag, or once had one, and never any other.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

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
ENVIRONMENTS_KEPT = 20  # the most frequent

# What counts for infrastructure as code, as type_of names it.
CORE_TYPES = frozenset(
    {
        "ec2:vpc", "ec2:subnet", "ec2:route-table", "ec2:security-group", "iam:role",
        "iam:policy", "lambda:function", "rds:db", "s3:bucket",
    }
)  # fmt: skip


@dataclass(frozen=True)
class TagSet:
    """Resources of one type whose required tags are the same. ``tags`` are those of the required
    keys; ``arns`` the first of them. Not ``is_tagged``: all their tags were taken off again."""

    resource_type: str
    tags: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    arns: tuple[str, ...] = ()
    is_tagged: bool = True


@dataclass(frozen=True)
class Tagged:
    """What carries tags. ``required`` and ``types`` are the keys and resource types of the settings
    at the time, ``code_keys`` those of IAC_TAG_KEYS and ``ignored_keys`` of IAC_IGNORE_TAGS; of
    core resources that carry such a key the ARNs are in ``from_code`` and ``ignored``.
    ``environments`` counts the resources of any type by their value of ENVIRONMENT_TAG_KEY."""

    required: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    sets: tuple[TagSet, ...] = ()
    code_keys: tuple[str, ...] = ()
    ignored_keys: tuple[str, ...] = ()
    from_code: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    environments: Mapping[str, int] = field(default_factory=dict)


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


def fetch_tagged(aws: Aws) -> Mapping[str, Any]:
    return {
        "required": list(aws.settings["REQUIRED_TAGS"]),
        "types": list(aws.settings["TAG_RESOURCE_TYPES"]),
        "code_keys": list(aws.settings["IAC_TAG_KEYS"]),
        "ignored_keys": list(aws.settings["IAC_IGNORE_TAGS"]),
        "environment_key": aws.settings["ENVIRONMENT_TAG_KEY"],
        "resources": aws.pages(GET_RESOURCES, ResourcesPerPage=A_PAGE) or [],
    }


def transform_tagged(answer: Mapping[str, Any]) -> Tagged:
    required, types = set(answer["required"]), set(answer["types"])
    alike: dict[tuple[str, frozenset[tuple[str, str]], bool], list[str]] = {}
    from_code, ignored = [], []
    environments: Counter[str] = Counter()
    for resource in answer["resources"]:
        arn = resource.get("ResourceARN") or ""
        tags = {t["Key"]: t.get("Value") or "" for t in resource.get("Tags") or () if t.get("Key")}
        kind = type_of(arn)
        if environment := tags.get(answer["environment_key"], "").strip().lower():
            environments[environment] += 1
        if kind in CORE_TYPES and _has_key(tags, answer["code_keys"]):
            from_code.append(arn)
        if kind in CORE_TYPES and _has_key(tags, answer["ignored_keys"]):
            ignored.append(arn)
        if kind in types:
            kept = frozenset((key, value) for key, value in tags.items() if key in required)
            alike.setdefault((kind, kept, bool(tags)), []).append(arn)
    return Tagged(
        required=tuple(sorted(required)),
        types=tuple(sorted(types)),
        sets=tuple(_tag_set(*key, arns) for key, arns in sorted(alike.items(), key=_order)),
        code_keys=tuple(sorted(answer["code_keys"])),
        ignored_keys=tuple(sorted(answer["ignored_keys"])),
        from_code=tuple(sorted(from_code)),
        ignored=tuple(sorted(ignored)),
        environments=dict(sorted(environments.most_common(ENVIRONMENTS_KEPT))),
    )


def _has_key(tags: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns for key in tags)


def _order(entry: Any) -> Any:
    (kind, kept, is_tagged), _ = entry
    return kind, sorted(kept), is_tagged


def _tag_set(
    kind: str, kept: frozenset[tuple[str, str]], is_tagged: bool, arns: list[str]
) -> TagSet:
    return TagSet(kind, dict(sorted(kept)), len(arns), tuple(sorted(arns)[:ARNS_KEPT]), is_tagged)


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


def fetch_backup_exempt(aws: Aws) -> list[Mapping[str, Any]]:
    """Resources with BACKUP_EXEMPT_TAG (``key=value``, or ``key`` alone for any value)."""
    key, _, value = aws.settings["BACKUP_EXEMPT_TAG"].partition("=")
    if not key:
        return []
    tag = {"Key": key, "Values": [value]} if value else {"Key": key}
    return aws.pages(GET_RESOURCES, TagFilters=[tag]) or []


def transform_arns(answer: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted(found["ResourceARN"] for found in answer if found.get("ResourceARN")))


backup_exempt = Collector(
    "resourcegroupstaggingapi.backup_exempt",
    tuple[str, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_RESOURCES,),
    fetch_backup_exempt,
    transform_arns,
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
