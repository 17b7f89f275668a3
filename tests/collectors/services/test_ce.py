"""Cost Explorer: anomaly detection, and which accounts are billed."""

from typing import Any

import pytest
from hypothesis import given

from collectors.services.ce import Monitor, anomalies, billed_accounts
from tests.collectors.services.canned import ACCOUNT, MANAGEMENT, collect, thinned

MONITOR = {
    "MonitorArn": "arn:aws:ce::111111111111:anomalymonitor/m",
    "MonitorName": "Accounts",
    "MonitorType": "DIMENSIONAL",
    "MonitorDimension": "LINKED_ACCOUNT",
}
CUSTOM = {
    "MonitorArn": "arn:aws:ce::111111111111:anomalymonitor/c",
    "MonitorName": "Payments",
    "MonitorType": "CUSTOM",
    "MonitorSpecification": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [ACCOUNT]}},
}
SUBSCRIPTION = {
    "SubscriptionArn": "arn:aws:ce::111111111111:anomalysubscription/s",
    "SubscriptionName": "Daily",
    "Frequency": "DAILY",
    "MonitorArnList": [MONITOR["MonitorArn"]],
    "Subscribers": [
        {"Address": "finance@example.com", "Type": "EMAIL", "Status": "CONFIRMED"},
        {"Address": "gone@example.com", "Type": "EMAIL", "Status": "DECLINED"},
    ],
}


def answers(*subscriptions: Any) -> dict[str, Any]:
    return {
        "get_anomaly_monitors": [{"AnomalyMonitors": [MONITOR]}, {"AnomalyMonitors": [CUSTOM]}],
        "get_anomaly_subscriptions": {"AnomalySubscriptions": list(subscriptions)},
    }


def test_it_counts_who_has_not_declined_and_keeps_no_address() -> None:
    found = collect(anomalies, answers(SUBSCRIPTION))

    by_account, custom = found.monitors
    assert [s.subscriber_count for s in found.subscriptions_of(by_account)] == [1]
    assert found.subscriptions_of(custom) == []
    assert "@" not in repr(found)


def impact(kind: str, value: str) -> dict[str, Any]:
    dimension = {"Key": f"ANOMALY_TOTAL_IMPACT_{kind}", "Values": [value]}
    return {"Dimensions": {**dimension, "MatchOptions": ["GREATER_THAN_OR_EQUAL"]}}


@pytest.mark.parametrize(
    ("more", "threshold"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"Threshold": 100.0}, "100 USD", id="number"),
        pytest.param({"ThresholdExpression": impact("ABSOLUTE", "100")}, "100 USD", id="amount"),
        pytest.param(
            {
                "Threshold": 1.0,
                "ThresholdExpression": {
                    "Or": [impact("ABSOLUTE", "100"), impact("PERCENTAGE", "40")]
                },
            },
            "100 USD or 40 %",
            id="either",
        ),
        pytest.param(
            {"ThresholdExpression": {"Dimensions": {"Key": "REGION", "Values": ["x"]}}},
            "",
            id="something else",
        ),
    ],
)
def test_it_tells_from_which_impact_somebody_hears(more: dict[str, Any], threshold: str) -> None:
    (found,) = collect(anomalies, answers({**SUBSCRIPTION, **more})).subscriptions
    assert found.threshold == threshold


@pytest.mark.parametrize(
    ("monitor", "watches"),
    [
        pytest.param(Monitor("m", "", "DIMENSIONAL", "LINKED_ACCOUNT"), True, id="by account"),
        pytest.param(Monitor("m", "", "DIMENSIONAL", "SERVICE"), True, id="by service"),
        pytest.param(Monitor("m", "", "DIMENSIONAL", "TAG"), False, id="by tag"),
        pytest.param(Monitor("m", "", "DIMENSIONAL"), False, id="dimension missing"),
        pytest.param(Monitor("m", "", "CUSTOM", "", (ACCOUNT,)), True, id="lists it"),
        pytest.param(Monitor("m", "", "CUSTOM", "", ("9",)), False, id="lists another"),
        pytest.param(Monitor("m", "", "CUSTOM"), False, id="lists none"),
        pytest.param(Monitor("m", "", "", "SERVICE"), False, id="type missing"),
    ],
)
def test_a_monitor_watches_an_account(monitor: Monitor, watches: bool) -> None:
    assert monitor.watches(ACCOUNT) is watches


def test_without_monitors_subscriptions_are_not_paid_for() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    collect(anomalies, {"get_anomaly_monitors": {"AnomalyMonitors": []}}, asked=asked)

    assert len(asked) == 1


def test_it_asks_which_accounts_were_billed_in_the_last_30_days() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    pages = [
        {"DimensionValues": [{"Value": ACCOUNT}], "ReturnSize": 1, "TotalSize": 2},
        {"DimensionValues": [{"Value": MANAGEMENT}], "ReturnSize": 1, "TotalSize": 2},
    ]

    found = collect(billed_accounts, {"get_dimension_values": pages}, asked=asked)

    assert found == (MANAGEMENT, ACCOUNT)
    assert asked[0][1] == {
        "TimePeriod": {"Start": "2026-10-25", "End": "2026-11-24"},
        "Dimension": "LINKED_ACCOUNT",
    }


def test_cost_explorer_is_asked_rarely() -> None:
    for collector in (anomalies, billed_accounts):
        assert collector.refresh_hours_setting == "COST_REFRESH_HOURS"


@given(thinned(answers(SUBSCRIPTION), kept=frozenset({"Status"})))
def test_a_monitor_with_fields_missing_watches_no_other_account(found: Any) -> None:
    read = collect(anomalies, found, is_checked=False)

    for monitor in read.monitors:
        if monitor.monitor_type == "CUSTOM":
            assert not monitor.watches("999999999999")
        assert sum(s.subscriber_count for s in read.subscriptions_of(monitor)) <= 1
