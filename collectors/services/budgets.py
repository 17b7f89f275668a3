"""AWS Budgets: the budgets of an account, and how many hear of them.

Of subscribers only the kind and the number are kept, no address.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.cost_filters import linked_accounts
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_BUDGETS = Operation("budgets", "describe_budgets", "budgets:ViewBudget", "Budgets")
DESCRIBE_NOTIFICATIONS = Operation(
    "budgets",
    "describe_budget_notifications_for_account",
    "budgets:ViewBudget",
    "BudgetNotificationsForAccount",
)
DESCRIBE_SUBSCRIBERS = Operation(
    "budgets", "describe_subscribers_for_notification", "budgets:ViewBudget", "Subscribers"
)
DESCRIBE_ACTIONS = Operation(
    "budgets",
    "describe_budget_actions_for_account",
    "budgets:DescribeBudgetActionsForAccount",
    "Actions",
)

# What identifies a notification in a request for its subscribers.
IDENTITY = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")


@dataclass(frozen=True)
class Notification:
    """``subscribers`` are kind (EMAIL, SNS) → number; ``threshold_type`` is PERCENTAGE or
    ABSOLUTE_VALUE."""

    notification_type: str = ""
    threshold: float | None = None
    threshold_type: str = ""
    subscribers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """Something AWS does when a budget is exceeded."""

    action_type: str = ""
    approval_model: str = ""


@dataclass(frozen=True)
class Budget:
    """``linked_accounts`` are the accounts its filter names; None when it names none.
    ``is_filtered`` tells a budget of everything from one of, say, a service."""

    budget_name: str
    budget_type: str = ""
    limit_amount: str = ""
    limit_unit: str = ""
    linked_accounts: Sequence[str] | None = None
    is_filtered: bool = False
    is_healthy: bool = True
    notifications: Sequence[Notification] = ()
    actions: Sequence[Action] = ()

    @property
    def subscriber_count(self) -> int:
        return sum(sum(n.subscribers.values()) for n in self.notifications)


def _fetch(aws: Aws) -> dict[str, Any]:
    account_id = aws.account_id
    budgets = aws.pages(DESCRIBE_BUDGETS, AccountId=account_id, ShowFilterExpression=True) or []
    notifications = aws.pages(DESCRIBE_NOTIFICATIONS, AccountId=account_id) if budgets else []
    return {
        "Budgets": budgets,
        "Notifications": [
            {
                **notification,
                "BudgetName": budget["BudgetName"],
                "Subscribers": _subscribers(aws, budget["BudgetName"], notification),
            }
            for budget in notifications or ()
            for notification in budget.get("Notifications") or ()
            if budget.get("BudgetName")
        ],
        "Actions": [],
    }


def _subscribers(aws: Aws, budget_name: str, notification: Answer) -> list[Any]:
    """Empty for one that was deleted meanwhile."""
    found = aws.pages(
        DESCRIBE_SUBSCRIBERS,
        absent=("NotFoundException",),
        AccountId=aws.account_id,
        BudgetName=budget_name,
        Notification={key: notification[key] for key in IDENTITY if key in notification},
    )
    return found or []


def _fetch_with_actions(aws: Aws) -> dict[str, Any]:
    found = _fetch(aws)
    if found["Budgets"]:
        found["Actions"] = aws.pages(DESCRIBE_ACTIONS, AccountId=aws.account_id) or []
    return found


def _budgets(answer: Any) -> tuple[Budget, ...]:
    return tuple(
        _budget(
            budget,
            _of(budget, answer["Notifications"]),
            _of(budget, answer["Actions"]),
        )
        for budget in answer["Budgets"]
        if budget.get("BudgetName")
    )


def _of(budget: Answer, answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.get("BudgetName") == budget["BudgetName"]]


def _budget(answer: Answer, notifications: list[Answer], actions: list[Answer]) -> Budget:
    limit = answer.get("BudgetLimit") or {}
    filters = {key: values for key, values in (answer.get("CostFilters") or {}).items() if values}
    expression = answer.get("FilterExpression") or {}
    named = (
        frozenset(filters["LinkedAccount"])
        if "LinkedAccount" in filters
        else linked_accounts(expression)
    )
    health = answer.get("HealthStatus")
    return Budget(
        budget_name=answer["BudgetName"],
        budget_type=answer.get("BudgetType") or "",
        limit_amount=limit.get("Amount") or "",
        limit_unit=limit.get("Unit") or "",
        linked_accounts=None if named is None else sorted(named),
        is_filtered=bool(filters or expression),
        # Budgets from before AWS reported health come without it.
        is_healthy=not health or health.get("Status") == "HEALTHY",
        notifications=[_notification(notification) for notification in notifications],
        actions=[
            Action(action.get("ActionType") or "", action.get("ApprovalModel") or "")
            for action in actions
        ],
    )


def _notification(answer: Answer) -> Notification:
    kinds = Counter(
        subscriber.get("SubscriptionType") or "" for subscriber in answer["Subscribers"]
    )
    return Notification(
        notification_type=answer.get("NotificationType") or "",
        threshold=answer.get("Threshold"),
        threshold_type=answer.get("ThresholdType") or "",
        subscribers=dict(kinds),
    )


VIEW = (DESCRIBE_BUDGETS, DESCRIBE_NOTIFICATIONS, DESCRIBE_SUBSCRIBERS)

budgets: Collector[tuple[Budget, ...]] = Collector(
    "budgets.budgets",
    tuple[Budget, ...],
    Scope.ACCOUNT,
    Reach.GLOBAL,
    VIEW,
    _fetch,
    _budgets,
)

# The management account's, which may be about any account of the organization.
organization_budgets: Collector[tuple[Budget, ...]] = Collector(
    "budgets.organization_budgets",
    tuple[Budget, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (*VIEW, DESCRIBE_ACTIONS),
    _fetch_with_actions,
    _budgets,
)
