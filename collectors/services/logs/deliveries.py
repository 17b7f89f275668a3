"""Amazon CloudWatch Logs: log deliveries, by which other services write their logs.

A source says whose logs of which type, a delivery where they go; a source alone delivers nothing.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDeliverySources.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

DESCRIBE_DELIVERY_SOURCES = Operation(
    "logs", "describe_delivery_sources", "logs:DescribeDeliverySources", "deliverySources"
)
DESCRIBE_DELIVERIES = Operation(
    "logs", "describe_deliveries", "logs:DescribeDeliveries", "deliveries"
)

# As AWS puts it once what the logs are of has been deleted.
INACTIVE = "INACTIVE"


@dataclass(frozen=True)
class Delivery:
    """``resource_arn`` is whose logs are delivered, ``log_type`` AWS's word such as ACCESS_LOGS or
    NLB_ACCESS_LOGS, ``destination`` the ARN of the delivery's destination."""

    resource_arn: str
    log_type: str = ""
    destination: str = ""

    @property
    def has_access_log(self) -> bool:
        return self.log_type.endswith("ACCESS_LOGS")


def _fetch(aws: Aws) -> Mapping[str, Any]:
    sources = aws.pages(DESCRIBE_DELIVERY_SOURCES) or []
    if not sources:
        return {}
    return {"sources": sources, "deliveries": aws.pages(DESCRIBE_DELIVERIES) or []}


def _deliveries(answer: Mapping[str, Any]) -> tuple[Delivery, ...]:
    return tuple(_joined(answer))


def _joined(answer: Mapping[str, Any]) -> Iterator[Delivery]:
    sources = {source.get("name"): source for source in answer.get("sources") or ()}
    for delivery in answer.get("deliveries") or ():
        source = sources.get(delivery.get("deliverySourceName") or "")
        if source is None or source.get("status") == INACTIVE:
            continue
        for arn in source.get("resourceArns") or ():
            yield Delivery(
                arn, source.get("logType") or "", delivery.get("deliveryDestinationArn") or ""
            )


deliveries: Collector[tuple[Delivery, ...]] = Collector(
    "logs.deliveries",
    tuple[Delivery, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_DELIVERY_SOURCES, DESCRIBE_DELIVERIES),
    _fetch,
    _deliveries,
)
