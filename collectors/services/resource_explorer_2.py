"""AWS Resource Explorer: resources that never had a tag, which no other API lists.

An aggregator index knows every Region that has an index; without one, each index is asked about
its own Region. A search shows at most 1,000 resources, so each type is searched for by itself.
https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_Search.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_INDEXES = Operation(
    "resource-explorer-2", "list_indexes", "resource-explorer-2:ListIndexes", "Indexes"
)
SEARCH = Operation("resource-explorer-2", "search", "resource-explorer-2:Search", "Resources")

AGGREGATOR = "AGGREGATOR"
AT_MOST = 1000  # resources that a search shows
ARNS_KEPT = 50


@dataclass(frozen=True)
class Untagged:
    """Resources of one type in one Region that have no tag; ``arns`` are the first of them."""

    resource_type: str
    region: str
    count: int = 0
    arns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explorer:
    """``indexed`` are the Regions it knows, ``types`` those it was asked about, ``truncated``
    those of them that have more untagged resources than it shows."""

    indexed: tuple[str, ...] = ()
    aggregator: str = ""
    types: tuple[str, ...] = ()
    untagged: tuple[Untagged, ...] = ()
    truncated: tuple[str, ...] = ()


def fetch_untagged(aws: Aws) -> Mapping[str, Any]:
    indexes = aws.pages(LIST_INDEXES) or []
    types = list(aws.settings["TAG_RESOURCE_TYPES"])
    aggregators = [i["Region"] for i in indexes if i.get("Type") == AGGREGATOR and i.get("Region")]
    regions = aggregators or [i["Region"] for i in indexes if i.get("Region")]
    found = [(kind, _search(aws, kind, region)) for kind in types for region in regions]
    return {"indexes": indexes, "types": types, "found": found}


def _search(aws: Aws, kind: str, region: str) -> list[Any]:
    # The types of load balancers end in their kind, such as loadbalancer/app.
    ending = "*" if kind.startswith("elasticloadbalancing:") else ""
    query = f"resourcetype:{kind}{ending} tag:none"
    return aws.pages(SEARCH, region=region, QueryString=query, MaxResults=AT_MOST) or []


def transform_untagged(answer: Mapping[str, Any]) -> Explorer:
    indexes = answer["indexes"]
    alike: dict[tuple[str, str], set[str]] = {}
    truncated = set()
    for kind, resources in answer["found"]:
        if len(resources) >= AT_MOST:
            truncated.add(kind)
        for resource in resources:
            is_meant = (resource.get("ResourceType") or "").partition("/")[0] == kind
            if resource.get("Arn") and is_meant:
                place = (kind, resource.get("Region") or "")
                alike.setdefault(place, set()).add(resource["Arn"])
    return Explorer(
        indexed=tuple(sorted({i["Region"] for i in indexes if i.get("Region")})),
        aggregator=next((i["Region"] for i in indexes if _is_aggregator(i)), ""),
        types=tuple(sorted(answer["types"])),
        untagged=tuple(
            Untagged(kind, region, len(arns), tuple(sorted(arns)[:ARNS_KEPT]))
            for (kind, region), arns in sorted(alike.items())
        ),
        truncated=tuple(sorted(truncated)),
    )


def _is_aggregator(index: Mapping[str, Any]) -> bool:
    return index.get("Type") == AGGREGATOR and bool(index.get("Region"))


untagged = Collector(
    "resource_explorer_2.untagged",
    Explorer,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (LIST_INDEXES, SEARCH),
    fetch_untagged,
    transform_untagged,
)
