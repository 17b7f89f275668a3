"""Resource Explorer, which moto lacks: where it has indexes, and resources by type and tag.

A query may hold `resourcetype:` with * at its end, `region:` and `tag:none`; all have to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from simulated_aws import regions
from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.services.resourcegroupstaggingapi import taggable
from simulated_aws.wire import Call

INDEX_PAGES: Final = Paging(limit=100)
SEARCH_PAGES: Final = Paging(limit=1000)
AT_MOST: Final = 1000
# Account -> the regions it has an index in, each with the index's type.
INDEXES: Final[dict[str, dict[str, str]]] = {}
FILTER: Final = re.compile(r"(resourcetype|region|tag):(\S+)")


@answers("resource-explorer-2", "ListIndexes")
def list_indexes(call: Call) -> Result:
    """Those of all regions, whichever is asked."""
    wanted = call.parameters.get("Type")
    indexes = [
        {
            "Region": region,
            "Type": kind,
            "Arn": f"arn:aws:resource-explorer-2:{region}:{call.account}:index/{call.account}",
        }
        for region, kind in INDEXES.get(call.account, {}).items()
        if wanted in (None, kind)
    ]
    return INDEX_PAGES.page(call, "Indexes", indexes)


@answers("resource-explorer-2", "CreateIndex")
def create_index(call: Call) -> Result:
    INDEXES.setdefault(call.account, {})[call.region] = "LOCAL"
    return {"State": "ACTIVE"}


@answers("resource-explorer-2", "Search")
def search(call: Call) -> Result:
    indexed = INDEXES.get(call.account, {})
    if call.region not in indexed:
        raise AwsError("UnauthorizedException", "There is no default view in this region.", 401)
    in_view = indexed if indexed[call.region] == "AGGREGATOR" else [call.region]
    found = list(_found(call.account, [r for r in regions.ALL if r in in_view], _filters(call)))
    answer = SEARCH_PAGES.page(call, "Resources", found[:AT_MOST])
    return {
        **answer,
        "Count": {
            "TotalResources": min(len(found), AT_MOST),
            "Complete": len(found) <= AT_MOST,
        },
    }


def _filters(call: Call) -> dict[str, str]:
    query = str(call.parameters["QueryString"])
    filters = dict(FILTER.findall(query))
    if FILTER.sub("", query).strip() or filters.get("tag", "none") != "none":
        raise AwsError("ValidationException", f"The simulation cannot search for {query}.", 400)
    return filters


def _found(account: str, among: list[str], filters: dict[str, str]) -> Iterator[dict[str, Any]]:
    for region in among:
        for resource in taggable(account, region):
            is_asked = (
                _is_like(resource.resource_type, filters.get("resourcetype", "*"))
                and _is_like(region, filters.get("region", "*"))
                and ("tag" not in filters or not resource.tags)
            )
            if is_asked:
                yield {
                    "Arn": resource.arn,
                    "OwningAccountId": account,
                    "Region": region,
                    "ResourceType": resource.resource_type,
                    "Service": resource.resource_type.partition(":")[0],
                }


def _is_like(value: str, wanted: str) -> bool:
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted
