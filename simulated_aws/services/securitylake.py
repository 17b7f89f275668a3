"""Security Lake, which moto does not have: nothing in it unless a world puts it there."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=10, size="maxResults", cursor="nextToken")
# Account -> data lakes and log sources, as the API describes them.
DATA_LAKES: Final[dict[str, list[dict[str, Any]]]] = {}
LOG_SOURCES: Final[dict[str, list[dict[str, Any]]]] = {}


@answers("securitylake", "ListDataLakes")
def list_data_lakes(call: Call) -> Result:
    wanted = call.parameters.get("regions")
    lakes = DATA_LAKES.get(call.account, [])
    return {"dataLakes": [lake for lake in lakes if not wanted or lake["region"] in wanted]}


@answers("securitylake", "ListLogSources")
def list_log_sources(call: Call) -> Result:
    regions, accounts = call.parameters.get("regions"), call.parameters.get("accounts")
    sources = [
        source
        for source in LOG_SOURCES.get(call.account, [])
        if (not regions or source["region"] in regions)
        and (not accounts or source["account"] in accounts)
    ]
    return PAGES.page(call, "sources", sources)
