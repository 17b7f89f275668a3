"""Cost Explorer: anomaly detection, and which accounts are billed.

AWS bills each request, so these are asked once per organization and at most every
COST_REFRESH_HOURS. Of subscribers only the kind and the number are kept, no address.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Cost_Explorer_Service.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.cost_filters import linked_accounts
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

GET_ANOMALY_MONITORS = Operation(
    "ce", "get_anomaly_monitors", "ce:GetAnomalyMonitors", "AnomalyMonitors"
)
GET_ANOMALY_SUBSCRIPTIONS = Operation(
    "ce", "get_anomaly_subscriptions", "ce:GetAnomalySubscriptions", "AnomalySubscriptions"
)
GET_DIMENSION_VALUES = Operation(
    "ce", "get_dimension_values", "ce:GetDimensionValues", "DimensionValues"
)

BILLED_DAYS = 30
EVERY_ACCOUNT = frozenset({"LINKED_ACCOUNT", "SERVICE"})


@dataclass(frozen=True)
class Monitor:
    """``linked_accounts`` are the accounts a custom monitor names; None when it names none."""

    monitor_arn: str
    monitor_name: str = ""
    monitor_type: str = ""
    monitor_dimension: str = ""
    linked_accounts: Sequence[str] | None = None

    def watches(self, account_id: str) -> bool:
        if self.monitor_type == "DIMENSIONAL":
            return self.monitor_dimension in EVERY_ACCOUNT
        return self.monitor_type == "CUSTOM" and account_id in (self.linked_accounts or ())


@dataclass(frozen=True)
class Subscription:
    """``subscribers`` are kind (EMAIL, SNS) → number, those who declined left out. ``threshold`` is
    from which impact of an anomaly they hear, such as ``100 USD or 40 %``."""

    subscription_arn: str
    subscription_name: str = ""
    frequency: str = ""
    threshold: str = ""
    monitor_arns: Sequence[str] = ()
    subscribers: Mapping[str, int] = field(default_factory=dict)

    @property
    def subscriber_count(self) -> int:
        return sum(self.subscribers.values())


@dataclass(frozen=True)
class Anomalies:
    monitors: Sequence[Monitor] = ()
    subscriptions: Sequence[Subscription] = ()

    def subscriptions_of(self, monitor: Monitor) -> list[Subscription]:
        return [s for s in self.subscriptions if monitor.monitor_arn in s.monitor_arns]


def _fetch_anomalies(aws: Aws) -> Any:
    monitors = aws.pages(GET_ANOMALY_MONITORS) or []
    return {
        "Monitors": monitors,
        "Subscriptions": aws.pages(GET_ANOMALY_SUBSCRIPTIONS) or [] if monitors else [],
    }


def _anomalies(answer: Any) -> Anomalies:
    return Anomalies(
        [_monitor(m) for m in answer["Monitors"] if m.get("MonitorArn")],
        [_subscription(s) for s in answer["Subscriptions"] if s.get("SubscriptionArn")],
    )


def _monitor(answer: Mapping[str, Any]) -> Monitor:
    named = linked_accounts(answer.get("MonitorSpecification"))
    return Monitor(
        monitor_arn=answer["MonitorArn"],
        monitor_name=answer.get("MonitorName") or "",
        monitor_type=answer.get("MonitorType") or "",
        monitor_dimension=answer.get("MonitorDimension") or "",
        linked_accounts=None if named is None else sorted(named),
    )


def _subscription(answer: Mapping[str, Any]) -> Subscription:
    subscribers = [s for s in answer.get("Subscribers") or () if s.get("Status") != "DECLINED"]
    return Subscription(
        subscription_arn=answer["SubscriptionArn"],
        subscription_name=answer.get("SubscriptionName") or "",
        frequency=answer.get("Frequency") or "",
        threshold=_threshold(answer),
        monitor_arns=answer.get("MonitorArnList") or (),
        subscribers=dict(Counter(s.get("Type") or "" for s in subscribers)),
    )


UNITS = {"ANOMALY_TOTAL_IMPACT_ABSOLUTE": "USD", "ANOMALY_TOTAL_IMPACT_PERCENTAGE": "%"}


def _threshold(answer: Mapping[str, Any]) -> str:
    """Subscriptions from before AWS had expressions carry a number of USD."""
    told = _impact(answer.get("ThresholdExpression") or {})
    plain = answer.get("Threshold")
    return told or ("" if plain is None else f"{plain:g} USD")


def _impact(expression: Mapping[str, Any]) -> str:
    for word in ("And", "Or"):
        parts = [_impact(part) for part in expression.get(word) or ()]
        if any(parts):
            return f" {word.lower()} ".join(part for part in parts if part)
    dimension = expression.get("Dimensions") or {}
    unit = UNITS.get(dimension.get("Key") or "")
    return " or ".join(f"{value} {unit}" for value in dimension.get("Values") or () if unit)


def _fetch_billed_accounts(aws: Aws) -> Any:
    """Accounts with cost in the last 30 days. ``End`` is the first day that does not count."""
    today = aws.now.date()
    period = {"Start": str(today - timedelta(days=BILLED_DAYS)), "End": str(today)}
    return aws.pages(GET_DIMENSION_VALUES, TimePeriod=period, Dimension="LINKED_ACCOUNT")


anomalies = Collector(
    "ce.anomalies",
    Anomalies,
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (GET_ANOMALY_MONITORS, GET_ANOMALY_SUBSCRIPTIONS),
    _fetch_anomalies,
    _anomalies,
    refresh_hours_setting="COST_REFRESH_HOURS",
)

# Ids of the accounts billed in the last 30 days.
billed_accounts: Collector[tuple[str, ...]] = Collector(
    "ce.billed_accounts",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (GET_DIMENSION_VALUES,),
    _fetch_billed_accounts,
    lambda answers: tuple(sorted({a["Value"] for a in answers or () if a.get("Value")})),
    refresh_hours_setting="COST_REFRESH_HOURS",
)
