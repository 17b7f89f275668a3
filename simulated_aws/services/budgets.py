"""AWS Budgets: subscribers and actions, which moto keeps to itself or lacks; budgets are moto's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from moto.budgets.models import Budget, budgets_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, error="InvalidParameterException")
HEALTHY: Final = {"Status": "HEALTHY"}
# Account -> budget actions, as DescribeBudgetActionsForAccount describes them.
ACTIONS: Final[dict[str, list[dict[str, Any]]]] = {}


def budgets_of(call: Call) -> dict[str, Budget]:
    if call.parameters["AccountId"] != call.account:
        raise AwsError(
            "AccessDeniedException", "The account id must be the caller's own account.", 400
        )
    return budgets_backends[call.account]["aws"].budgets[call.account]


@answers("budgets", "DescribeBudgets")
def describe_budgets(call: Call) -> Result:
    """A FilterExpression is left out unless ShowFilterExpression asks for it."""
    listed = []
    for budget in budgets_of(call).values():
        described = {"HealthStatus": HEALTHY, **budget.to_dict()}
        for date in ("LastUpdatedTime", "Start", "End"):
            _as_date(described, date)
            _as_date(described.get("TimePeriod", {}), date)
        if not call.parameters.get("ShowFilterExpression"):
            described.pop("FilterExpression", None)
        listed.append(described)
    return PAGES.page(call, "Budgets", listed)


def _as_date(values: dict[str, Any], key: str) -> None:
    if isinstance(values.get(key), int | float):
        values[key] = datetime.fromtimestamp(values[key], UTC)


@answers("budgets", "DescribeBudgetNotificationsForAccount")
def describe_budget_notifications_for_account(call: Call) -> Result:
    listed = [
        {"BudgetName": name, "Notifications": list(budget.get_notifications())}
        for name, budget in budgets_of(call).items()
        if budget.notifications
    ]
    return PAGES.page(call, "BudgetNotificationsForAccount", listed)


@answers("budgets", "DescribeSubscribersForNotification")
def describe_subscribers_for_notification(call: Call) -> Result:
    name = str(call.parameters["BudgetName"])
    budget = budgets_of(call).get(name)
    if budget is None:
        raise AwsError("NotFoundException", f"There is no budget {name}.", 400)
    asked = call.parameters["Notification"]
    same = ("NotificationType", "ComparisonOperator", "Threshold")
    for notification in budget.notifications:
        if all(notification.details[key] == asked[key] for key in same):
            return PAGES.page(call, "Subscribers", list(notification.subscribers))
    raise AwsError("NotFoundException", "There is no such notification.", 400)


@answers("budgets", "DescribeBudgetActionsForAccount")
def describe_budget_actions_for_account(call: Call) -> Result:
    budgets_of(call)
    return PAGES.page(call, "Actions", ACTIONS.get(call.account, []))
