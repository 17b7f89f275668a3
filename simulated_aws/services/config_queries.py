"""AWS Config's queries over an aggregator: counts of resources by account and type."""

from __future__ import annotations

import json
import re
from typing import Final

from moto.config.models import config_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=500, size="Limit", error="InvalidLimitException")
QUERY: Final = re.compile(
    r"SELECT accountId, resourceType, COUNT\(\*\) WHERE resourceType IN \((.*)\) "
    r"GROUP BY accountId, resourceType"
)
# Account -> AWS Config's name of a type -> how many of its resources the aggregators know.
COUNTS: Final[dict[str, dict[str, int]]] = {}


@answers("config", "SelectAggregateResourceConfig")
def select_aggregate_resource_config(call: Call) -> Result:
    name = str(call.parameters["ConfigurationAggregatorName"])
    if name not in config_backends[call.account][call.region].config_aggregators:
        raise AwsError(
            "NoSuchConfigurationAggregatorException",
            "The configuration aggregator does not exist.",
            400,
        )
    query = QUERY.fullmatch(str(call.parameters["Expression"]))
    if query is None:
        raise AwsError("InvalidExpressionException", "The simulation knows one query.", 400)
    kinds = re.findall(r"'([^']+)'", query[1])
    results = [
        json.dumps({"accountId": account, "resourceType": kind, "COUNT(*)": count})
        for account, counts in COUNTS.items()
        for kind, count in counts.items()
        if kind in kinds
    ]
    fields = [{"Name": field} for field in ("accountId", "resourceType", "COUNT(*)")]
    return {**PAGES.page(call, "Results", results), "QueryInfo": {"SelectFields": fields}}
