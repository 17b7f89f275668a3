"""The budgets of an account, and how many hear of them."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing
from collectors.services.budgets import Action, budgets, organization_budgets
from tests.collectors.services.canned import ACCOUNT, MANAGEMENT, Refusal, collect, thinned

NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
    "NotificationState": "OK",
}
BUDGET = {
    "BudgetName": "monthly",
    "BudgetLimit": {"Amount": "500", "Unit": "USD"},
    "TimeUnit": "MONTHLY",
    "BudgetType": "COST",
}
SUBSCRIBERS = [
    {"SubscriptionType": "EMAIL", "Address": "finance@example.com"},
    {"SubscriptionType": "EMAIL", "Address": "owner@example.com"},
    {"SubscriptionType": "SNS", "Address": "arn:aws:sns:us-east-1:222222222222:cost"},
]
ACTION = {
    "ActionId": "a" * 36,
    "BudgetName": "monthly",
    "NotificationType": "ACTUAL",
    "ActionType": "APPLY_SCP_POLICY",
    "ActionThreshold": {"ActionThresholdValue": 100.0, "ActionThresholdType": "PERCENTAGE"},
    "Definition": {},
    "ExecutionRoleArn": "arn:aws:iam::111111111111:role/Budgets-Act",
    "ApprovalModel": "AUTOMATIC",
    "Status": "STANDBY",
    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "owner@example.com"}],
}


def world(*found: Any, **more: Any) -> dict[str, Any]:
    return {
        "describe_budgets": {"Budgets": list(found)},
        "describe_budget_notifications_for_account": {
            "BudgetNotificationsForAccount": [
                {"BudgetName": "monthly", "Notifications": [NOTIFICATION]}
            ]
        },
        "describe_subscribers_for_notification": {"Subscribers": SUBSCRIBERS},
        "describe_budget_actions_for_account": {"Actions": [ACTION]},
        **more,
    }


def test_it_counts_the_subscribers_of_a_budget_and_keeps_no_address() -> None:
    (found,) = collect(budgets, world(BUDGET), account_id=ACCOUNT)

    assert (found.budget_name, found.limit_amount, found.limit_unit) == ("monthly", "500", "USD")
    assert found.notifications[0].subscribers == {"EMAIL": 2, "SNS": 1}
    assert found.subscriber_count == 3
    assert "@" not in repr(found)


def test_it_asks_for_filters_and_for_each_notification_by_what_identifies_it() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    collect(budgets, world(BUDGET), account_id=ACCOUNT, asked=asked)

    requests = dict(asked)
    assert requests["describe_budgets"] == {"AccountId": ACCOUNT, "ShowFilterExpression": True}
    wanted = requests["describe_subscribers_for_notification"]["Notification"]
    assert set(wanted) == {"NotificationType", "ComparisonOperator", "Threshold", "ThresholdType"}


def test_the_management_accounts_have_their_actions() -> None:
    (found,) = collect(organization_budgets, world(BUDGET), account_id=MANAGEMENT)

    assert found.actions == [Action("APPLY_SCP_POLICY", "AUTOMATIC")]


def test_without_budgets_nothing_else_is_asked() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    assert collect(organization_budgets, world(), asked=asked) == ()
    assert [name for name, _ in asked] == ["describe_budgets"]


def test_a_budget_deleted_meanwhile_has_no_subscribers() -> None:
    gone = {"describe_subscribers_for_notification": Refusal("NotFoundException")}

    (found,) = collect(budgets, world(BUDGET, **gone))

    assert found.subscriber_count == 0


def test_closed_billing_data_is_missing() -> None:
    with pytest.raises(Missing):
        collect(budgets, world(describe_budgets=Refusal()))


@pytest.mark.parametrize(
    ("more", "accounts", "is_filtered"),
    [
        pytest.param({}, None, False, id="no filter"),
        pytest.param(
            {"CostFilters": {"LinkedAccount": ["2", "1"]}}, ["1", "2"], True, id="accounts"
        ),
        pytest.param({"CostFilters": {"Service": ["Amazon EC2"]}}, None, True, id="service"),
        pytest.param(
            {"FilterExpression": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["1"]}}},
            ["1"],
            True,
            id="expression of accounts",
        ),
        pytest.param(
            {"FilterExpression": {"Tags": {"Key": "team", "Values": ["a"]}}},
            None,
            True,
            id="expression of tags",
        ),
    ],
)
def test_it_says_which_accounts_a_budget_names(
    more: dict[str, Any], accounts: Any, is_filtered: bool
) -> None:
    (found,) = collect(budgets, world(BUDGET | more))

    assert (found.linked_accounts, found.is_filtered) == (accounts, is_filtered)


@pytest.mark.parametrize(
    ("health", "is_healthy"),
    [
        pytest.param({}, True, id="health not reported"),
        pytest.param({"HealthStatus": {"Status": "HEALTHY"}}, True, id="healthy"),
        pytest.param({"HealthStatus": {"Status": "UNHEALTHY"}}, False, id="unhealthy"),
        pytest.param({"HealthStatus": {"StatusReason": "FILTER_INVALID"}}, False, id="no status"),
    ],
)
def test_a_budget_is_healthy_unless_aws_says_otherwise(health: Any, is_healthy: bool) -> None:
    (found,) = collect(budgets, world(BUDGET | health))

    assert found.is_healthy is is_healthy


@given(
    thinned(
        {name: answer for name, answer in world(BUDGET).items() if name != "describe_budgets"}
        | {"describe_budgets": {"Budgets": [BUDGET | {"CostFilters": {"LinkedAccount": ["9"]}}]}}
    )
)
def test_a_budget_with_fields_missing_names_no_other_account(answers: Any) -> None:
    found = collect(organization_budgets, answers, is_checked=False)

    for budget in found:
        assert set(budget.linked_accounts or ()) <= {"9", "TOMORROW"}
        assert budget.subscriber_count <= 3
