"""Resource Groups Tagging API: which resources of a Region carry a tag that Cairn looks for.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

GET_RESOURCES = Operation(
    "resourcegroupstaggingapi", "get_resources", "tag:GetResources", "ResourceTagMappingList"
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
