"""Cost alarms: budgets, anomaly monitors and billing alarms, with and without a reader."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.services import budgets, ce
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import MANAGEMENT, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

READER: Final = [{"SubscriptionType": "EMAIL", "Address": f"finance@{company.DOMAIN}"}]
PAYMENTS: Final = ("payments-prod", "ledger-prod", "fraud-prod")
LOGISTICS: Final = ("warehouse-prod", "tracking-prod", "logistics-dev")
DATA: Final = ("data-lake-prod", "analytics-prod", "ml-prod", "data-dev")
ACQUIRED: Final = ("fernhill-shop", "fernhill-legacy")


def _ids(names: tuple[str, ...]) -> list[str]:
    return [account_id(name) for name in names]


def _budget(name: str, amount: int, kind: str = "COST", **details: Any) -> dict[str, Any]:
    unit = "USD" if kind == "COST" else "GB" if kind == "USAGE" else "PERCENTAGE"
    return {
        "BudgetName": name,
        "BudgetType": kind,
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": str(amount), "Unit": unit},
        **details,
    }


# (account, budget, thresholds in per cent of the limit, or none: nobody is told)
BUDGETS: Final = (
    (
        MANAGEMENT.name,
        _budget("payments", 90000, CostFilters={"LinkedAccount": _ids(PAYMENTS)}),
        (80, 100),
    ),
    (
        MANAGEMENT.name,
        _budget(
            "logistics",
            60000,
            FilterExpression={"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": _ids(LOGISTICS)}},
            Metrics=["UnblendedCost"],
        ),
        (100,),
    ),
    (
        MANAGEMENT.name,
        _budget(
            "corporate-it",
            4000,
            CostFilters={"LinkedAccount": _ids(("corporate-it",))},
            HealthStatus={"Status": "UNHEALTHY", "StatusReason": "FILTER_INVALID"},
        ),
        (100,),
    ),
    ("storefront-prod", _budget("storefront", 120000), (90,)),
    ("storefront-staging", _budget("staging", 5000), ()),
    ("security-tooling", _budget("log-volume", 5000, "USAGE"), (100,)),
    ("sandbox-platform", _budget("reservations", 80, "RI_UTILIZATION"), (100,)),
)

# (name, what it watches, accounts, status of its subscriber)
MONITORS: Final = (
    ("data-anomalies", DATA, "CONFIRMED"),
    ("fernhill-anomalies", ACQUIRED, "DECLINED"),
)
# (account whose alarm it is, name, linked account or none, does it act?)
ALARMS: Final = (
    ("network-hub", "monthly-charges", None, True),
    ("shared-services", "monthly-charges", None, False),
    (MANAGEMENT.name, "backup-vault-charges", "backup-vault", True),
)
CLOSED_BILLING: Final = "payments-dev"

_NONE: Final = Claim("fail", "nobody hears of its costs")
THEMES: Final = (
    Theme(
        "inventory.cost_alarms",
        _NONE,
        {
            **dict.fromkeys(PAYMENTS, Claim("pass", "a budget of the management account names it")),
            **dict.fromkeys(LOGISTICS, Claim("pass", "a budget's filter expression names it")),
            **dict.fromkeys(DATA, Claim("pass", "an anomaly monitor with a subscriber names it")),
            **dict.fromkeys(ACQUIRED, Claim(None, "an anomaly monitor whose subscriber declined")),
            "management": Claim("pass", "budgets of its own"),
            "storefront-prod": Claim("pass", "a budget of its own, with an action"),
            "security-tooling": Claim("pass", "a usage budget of its own"),
            "storefront-staging": Claim("partial", "a budget that tells nobody"),
            "network-hub": Claim("pass", "a billing alarm of its own"),
            "shared-services": Claim(None, "a billing alarm whose actions are disabled"),
            "backup-vault": Claim("pass", "a billing alarm of the management account"),
            "sandbox-platform": Claim("fail", "only a budget of reservation use"),
            "corporate-it": Claim("fail", "only an unhealthy budget"),
            CLOSED_BILLING: Claim("unknown", "billing is closed to IAM"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name, budget, thresholds in BUDGETS:
        _create_budget(builder, account_id(name), budget, thresholds)
    budgets.ACTIONS[account_id("storefront-prod")] = [_action("storefront")]
    _create_monitors(builder)
    for name, alarm, linked, acts in ALARMS:
        _create_alarm(builder, account_id(name), alarm, linked, acts)
    ce.ALSO_BILLED[MANAGEMENT.id] = {company.BILLED_STRANGER[1]: company.BILLED_STRANGER[0]}


def _create_budget(
    builder: Builder, account: str, budget: dict[str, Any], thresholds: tuple[int, ...]
) -> None:
    builder.client("budgets", account).create_budget(
        AccountId=account,
        Budget=budget,
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": "ACTUAL",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": threshold,
                    "ThresholdType": "PERCENTAGE",
                },
                "Subscribers": READER,
            }
            for threshold in thresholds
        ],
    )


def _action(budget: str) -> dict[str, Any]:
    account = account_id("storefront-prod")
    return {
        "ActionId": "0f7c5b1e-0000-4000-8000-000000000001",
        "BudgetName": budget,
        "NotificationType": "ACTUAL",
        "ActionType": "APPLY_IAM_POLICY",
        "ActionThreshold": {"ActionThresholdValue": 110, "ActionThresholdType": "PERCENTAGE"},
        "Definition": {
            "IamActionDefinition": {
                "PolicyArn": f"arn:aws:iam::{account}:policy/DenySpending",
                "Roles": ["Deploy"],
            }
        },
        "ExecutionRoleArn": f"arn:aws:iam::{account}:role/BudgetActions",
        "ApprovalModel": "MANUAL",
        "Status": "STANDBY",
        "Subscribers": READER,
    }


def _create_monitors(builder: Builder) -> None:
    client = builder.client("ce", MANAGEMENT.id)
    for name, accounts, status in MONITORS:
        created = client.create_anomaly_monitor(
            AnomalyMonitor={
                "MonitorName": name,
                "MonitorType": "CUSTOM",
                "MonitorSpecification": {
                    "Dimensions": {"Key": "LINKED_ACCOUNT", "Values": _ids(accounts)}
                },
            }
        )
        client.create_anomaly_subscription(
            AnomalySubscription={
                "SubscriptionName": name,
                "MonitorArnList": [created["MonitorArn"]],
                "Subscribers": [
                    {"Type": "EMAIL", "Address": READER[0]["Address"], "Status": status}
                ],
                "Frequency": "DAILY",
            }
        )


def _create_alarm(
    builder: Builder, account: str, name: str, linked: str | None, acts: bool
) -> None:
    dimensions = [{"Name": "Currency", "Value": "USD"}]
    if linked:
        dimensions.append({"Name": "LinkedAccount", "Value": account_id(linked)})
    builder.client("cloudwatch", account).put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Billing",
        MetricName="EstimatedCharges",
        Dimensions=dimensions,
        Statistic="Maximum",
        Period=21600,
        EvaluationPeriods=1,
        Threshold=2500,
        ComparisonOperator="GreaterThanThreshold",
        ActionsEnabled=acts,
        AlarmActions=[f"arn:aws:sns:us-east-1:{account}:billing"],
    )
