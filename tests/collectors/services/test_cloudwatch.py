"""Alarms on the estimated charges of an account."""

from typing import Any

from hypothesis import given

from collectors.services.cloudwatch import Alarm, billing_alarms, linked_account_alarms
from tests.collectors.services.canned import ACCOUNT, collect, thinned

ARN = "arn:aws:cloudwatch:us-east-1:222222222222:alarm:charges"
ALARM = {
    "AlarmName": "charges",
    "AlarmArn": ARN,
    "Threshold": 500.0,
    "ActionsEnabled": True,
    "AlarmActions": ["arn:aws:sns:us-east-1:222222222222:cost"],
}
ANSWER = {"describe_alarms_for_metric": {"MetricAlarms": [ALARM]}}


def test_it_asks_for_alarms_on_the_accounts_own_charges() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    found = collect(billing_alarms, ANSWER, asked=asked)

    assert found == (Alarm("charges", ARN, 500.0, True, 1),)
    assert asked[0][1] == {
        "Namespace": "AWS/Billing",
        "MetricName": "EstimatedCharges",
        "Dimensions": [{"Name": "Currency", "Value": "USD"}],
    }


def test_the_management_account_is_asked_for_alarms_on_one_account() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    collect(linked_account_alarms, ANSWER, target=ACCOUNT, asked=asked)

    assert asked[0][1]["Dimensions"] == [
        {"Name": "Currency", "Value": "USD"},
        {"Name": "LinkedAccount", "Value": ACCOUNT},
    ]


@given(
    thinned({"describe_alarms_for_metric": {"MetricAlarms": [{**ALARM, "ActionsEnabled": False}]}})
)
def test_an_alarm_with_fields_missing_is_never_enabled(answers: Any) -> None:
    found = collect(billing_alarms, answers, is_checked=False)

    assert not any(alarm.actions_enabled for alarm in found)
