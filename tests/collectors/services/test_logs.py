"""Log groups of trails: metric filters, alarms on their metrics, and who reads along."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services.cloudwatch import Alarm
from collectors.services.logs import (
    MetricFilter,
    TrailLogs,
    organization_trail_logs,
    trail_logs,
)
from tests.collectors.services.canned import MANAGEMENT, Refusal, collect, thinned

TRAIL = f"arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/company"
GROUP = f"arn:aws:logs:eu-west-1:{MANAGEMENT}:log-group:trail/company:*"
TOPIC = f"arn:aws:sns:eu-west-1:{MANAGEMENT}:trail"
STREAM = f"arn:aws:kinesis:eu-west-1:{MANAGEMENT}:stream/siem"
DESCRIBED: dict[str, Any] = {
    "TrailARN": TRAIL,
    "IsOrganizationTrail": True,
    "SnsTopicARN": TOPIC,
    "CloudWatchLogsLogGroupArn": GROUP,
}
SHADOW = {"TrailARN": "arn:aws:cloudtrail:us-east-1:999999999999:trail/other"}
ANSWERS: dict[str, Any] = {
    "describe_trails": {"trailList": [DESCRIBED, SHADOW]},
    "describe_metric_filters": {
        "metricFilters": [
            {
                "filterName": "denied",
                "filterPattern": "{ $.errorCode = AccessDenied* }",
                "metricTransformations": [
                    {"metricName": "Denied", "metricNamespace": "Trail", "metricValue": "1"}
                ],
            }
        ]
    },
    "describe_alarms_for_metric": {
        "MetricAlarms": [
            {"AlarmName": "denied", "ActionsEnabled": True, "AlarmActions": [TOPIC]},
        ]
    },
    "describe_log_groups": {
        "logGroups": [
            {"logGroupName": "trail/company-2", "retentionInDays": 1},
            {"logGroupName": "trail/company", "retentionInDays": 90},
        ]
    },
    "describe_subscription_filters": {
        "subscriptionFilters": [{"filterName": "siem", "destinationArn": STREAM}]
    },
}
FILTER = MetricFilter(
    "denied",
    "{ $.errorCode = AccessDenied* }",
    "Trail Denied",
    (Alarm("denied", actions_enabled=True, action_count=1),),
)
WHOLE = TrailLogs(TRAIL, True, TOPIC, GROUP, True, 90, (FILTER,), (STREAM,))


def test_an_organizations_trail_is_read_whole() -> None:
    assert collect(organization_trail_logs, ANSWERS) == (WHOLE,)


def test_an_accounts_own_trail_is_read_without_subscriptions_and_retention() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    (found,) = collect(trail_logs, ANSWERS, asked=asked)
    assert found == TrailLogs(TRAIL, True, TOPIC, GROUP, True, None, (FILTER,), ())
    assert asked[0] == ("describe_trails", {"includeShadowTrails": False})


def test_filters_and_alarms_are_those_of_the_group_and_the_metric() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    collect(organization_trail_logs, ANSWERS, asked=asked)
    parameters = dict(asked)
    assert parameters["describe_metric_filters"] == {"logGroupName": "trail/company"}
    assert parameters["describe_alarms_for_metric"] == {
        "MetricName": "Denied",
        "Namespace": "Trail",
    }
    assert parameters["describe_log_groups"] == {"logGroupNamePrefix": "trail/company"}


def described(**changes: Any) -> dict[str, Any]:
    return {**ANSWERS, "describe_trails": {"trailList": [{**DESCRIBED, **changes}]}}


def test_a_trail_without_log_group_asks_nothing_more() -> None:
    trail = {"TrailARN": TRAIL}
    asked: list[tuple[str, dict[str, Any]]] = []
    answers = {**ANSWERS, "describe_trails": {"trailList": [trail]}}
    assert collect(organization_trail_logs, answers, asked=asked) == (TrailLogs(TRAIL),)
    assert len(asked) == 1


def test_a_log_group_of_another_account_is_not_read() -> None:
    group = GROUP.replace(MANAGEMENT, "999999999999")
    (found,) = collect(organization_trail_logs, described(CloudWatchLogsLogGroupArn=group))
    assert (found.log_group, found.is_read, found.filters) == (group, False, ())


def test_a_log_group_that_was_deleted_is_none() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    (found,) = collect(organization_trail_logs, {**ANSWERS, "describe_metric_filters": gone})
    assert (found.log_group, found.filters, found.subscriptions) == ("", (), ())


def test_without_retention_logs_are_kept_for_ever() -> None:
    groups = {"logGroups": [{"logGroupName": "trail/company"}]}
    (found,) = collect(organization_trail_logs, {**ANSWERS, "describe_log_groups": groups})
    assert found.retention_days is None


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_being_without(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(organization_trail_logs, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@pytest.mark.parametrize("collector", [trail_logs, organization_trail_logs], ids=str)
@given(answers=thinned(ANSWERS))
def test_alarms_act_only_if_the_answer_says_so(
    collector: Collector[tuple[TrailLogs, ...]], answers: Any
) -> None:
    found = collect(collector, answers, is_checked=False)
    heard = [
        alarm
        for one in found
        for each in one.filters
        for alarm in each.alarms
        if alarm.actions_enabled and alarm.action_count
    ]
    if heard:
        (told,) = answers["describe_alarms_for_metric"]["MetricAlarms"]
        assert told["ActionsEnabled"] is True
        assert told["AlarmName"]
