"""CloudWatch: alarms on a metric with exactly the dimensions asked for; alarms are moto's."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends

from simulated_aws.answers import Result, answers
from simulated_aws.wire import Call


@answers("cloudwatch", "DescribeAlarmsForMetric")
def describe_alarms_for_metric(call: Call) -> Result:
    asked = call.parameters
    wanted = {d["Name"]: d["Value"] for d in asked.get("Dimensions", [])}
    return {
        "MetricAlarms": [
            _described(alarm)
            for alarm in cloudwatch_backends[call.account][call.region].describe_alarms()
            if alarm.namespace == asked["Namespace"]
            and alarm.metric_name == asked["MetricName"]
            and {d.name: d.value for d in alarm.dimensions} == wanted
        ]
    }


def _described(alarm: Alarm) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description,
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "Dimensions": [{"Name": d.name, "Value": d.value} for d in alarm.dimensions],
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison_operator,
    }
