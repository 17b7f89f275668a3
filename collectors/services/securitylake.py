"""Amazon Security Lake: which accounts' logs it collects in a Region.

https://docs.aws.amazon.com/security-lake/latest/APIReference/API_ListLogSources.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_DATA_LAKES = Operation("securitylake", "list_data_lakes", "securitylake:ListDataLakes")
LIST_LOG_SOURCES = Operation(
    "securitylake", "list_log_sources", "securitylake:ListLogSources", "sources"
)

NOT_SET_UP = ("ResourceNotFoundException",)
MANAGEMENT_EVENTS = "CLOUD_TRAIL_MGMT"
S3_OBJECTS = "S3_DATA"
FUNCTIONS = "LAMBDA_EXECUTION"
FLOW_LOGS = "VPC_FLOW"
QUERY_LOGS = "ROUTE53"


@dataclass(frozen=True)
class DataLake:
    """The data lake of one Region. ``status`` is empty where there is none; ``sources`` are the
    names of AWS log sources by the id of the account they come from. ``retention_days`` is None
    where logs are kept for ever."""

    status: str = ""
    arn: str = ""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retention_days: int | None = None

    def collects(self, source: str, account_id: str) -> bool:
        return self.status == "COMPLETED" and source in self.sources.get(account_id, ())


def fetch_data_lake(aws: Aws) -> Answer:
    answer = aws.call(LIST_DATA_LAKES, absent=NOT_SET_UP, regions=[aws.region]) or {}
    lakes = [lake for lake in answer.get("dataLakes") or () if lake.get("region") == aws.region]
    if not lakes:
        return {}
    sources = aws.pages(LIST_LOG_SOURCES, absent=NOT_SET_UP, regions=[aws.region]) or []
    return {"lake": lakes[0], "sources": sources, "region": aws.region}


def transform_data_lake(answer: Answer) -> DataLake:
    lake = answer.get("lake") or {}
    found: dict[str, set[str]] = {}
    for entry in answer.get("sources") or ():
        if entry.get("region") != answer.get("region") or not entry.get("account"):
            continue
        for source in entry.get("sources") or ():
            name = (source.get("awsLogSource") or {}).get("sourceName")
            if name:
                found.setdefault(entry["account"], set()).add(name)
    return DataLake(
        status=lake.get("createStatus") or "",
        arn=lake.get("dataLakeArn") or "",
        sources={account: tuple(sorted(names)) for account, names in sorted(found.items())},
        retention_days=_retention(lake.get("lifecycleConfiguration") or {}),
    )


def _retention(lifecycle: Answer) -> int | None:
    days: int | None = (lifecycle.get("expiration") or {}).get("days")
    return days


data_lake = Collector(
    "securitylake.data_lake",
    DataLake,
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_DATA_LAKES, LIST_LOG_SOURCES),
    fetch_data_lake,
    transform_data_lake,
)
