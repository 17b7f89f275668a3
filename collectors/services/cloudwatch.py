"""Amazon CloudWatch: alarms on the estimated charges of an account.

Billing metrics exist in the partition's main Region only. Alarms match dimensions exactly, so the
management account is asked once for each account it may watch.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

DESCRIBE_ALARMS_FOR_METRIC = Operation(
    "cloudwatch", "describe_alarms_for_metric", "cloudwatch:DescribeAlarmsForMetric"
)


@dataclass(frozen=True)
class Alarm:
    """``action_count`` are its actions for the state ALARM."""

    alarm_name: str
    alarm_arn: str = ""
    threshold: float | None = None
    actions_enabled: bool = False
    action_count: int = 0


def _charges(aws: Aws, **dimensions: str) -> Any:
    named = {"Currency": "USD", **dimensions}
    return aws.call(
        DESCRIBE_ALARMS_FOR_METRIC,
        Namespace="AWS/Billing",
        MetricName="EstimatedCharges",
        Dimensions=[{"Name": name, "Value": value} for name, value in named.items()],
    )


def described_alarms(answer: Any) -> tuple[Alarm, ...]:
    return tuple(
        Alarm(
            alarm_name=alarm["AlarmName"],
            alarm_arn=alarm.get("AlarmArn") or "",
            threshold=alarm.get("Threshold"),
            actions_enabled=alarm.get("ActionsEnabled") is True,
            action_count=len(alarm.get("AlarmActions") or ()),
        )
        for alarm in (answer or {}).get("MetricAlarms") or ()
        if alarm.get("AlarmName")
    )


billing_alarms: Collector[tuple[Alarm, ...]] = Collector(
    "cloudwatch.billing_alarms",
    tuple[Alarm, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (DESCRIBE_ALARMS_FOR_METRIC,),
    _charges,
    described_alarms,
)

# The management account's alarms on the charges of one account.
linked_account_alarms: Collector[tuple[Alarm, ...]] = Collector(
    "cloudwatch.linked_account_alarms",
    tuple[Alarm, ...],
    Scope.TARGET,
    Reach.GLOBAL,
    (DESCRIBE_ALARMS_FOR_METRIC,),
    lambda aws: _charges(aws, LinkedAccount=aws.target),
    described_alarms,
)
