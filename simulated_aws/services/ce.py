"""Cost Explorer, of which moto has little: anomaly detection, and which accounts are billed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, cursor="NextPageToken", error="InvalidNextTokenException")
# Management account -> monitors and subscriptions, as the API describes them.
MONITORS: Final[dict[str, list[dict[str, Any]]]] = {}
SUBSCRIPTIONS: Final[dict[str, list[dict[str, Any]]]] = {}
# Management account -> accounts that are billed besides its members: id and name.
ALSO_BILLED: Final[dict[str, dict[str, str]]] = {}


@answers("ce", "GetAnomalyMonitors")
def get_anomaly_monitors(call: Call) -> Result:
    wanted = call.parameters.get("MonitorArnList")
    monitors = [
        m for m in MONITORS.get(call.account, []) if not wanted or m["MonitorArn"] in wanted
    ]
    return PAGES.page(call, "AnomalyMonitors", monitors)


@answers("ce", "GetAnomalySubscriptions")
def get_anomaly_subscriptions(call: Call) -> Result:
    wanted = call.parameters.get("SubscriptionArnList")
    monitor = call.parameters.get("MonitorArn")
    subscriptions = [
        s
        for s in SUBSCRIPTIONS.get(call.account, [])
        if (not wanted or s["SubscriptionArn"] in wanted)
        and (not monitor or monitor in s["MonitorArnList"])
    ]
    return PAGES.page(call, "AnomalySubscriptions", subscriptions)


@answers("ce", "CreateAnomalyMonitor")
def create_anomaly_monitor(call: Call) -> Result:
    arn = f"arn:aws:ce::{call.account}:anomalymonitor/{uuid.uuid4()}"
    today = datetime.now(UTC).date().isoformat()
    MONITORS.setdefault(call.account, []).append(
        {**call.parameters["AnomalyMonitor"], "MonitorArn": arn, "CreationDate": today}
    )
    return {"MonitorArn": arn}


@answers("ce", "CreateAnomalySubscription")
def create_anomaly_subscription(call: Call) -> Result:
    asked = call.parameters["AnomalySubscription"]
    known = {monitor["MonitorArn"] for monitor in MONITORS.get(call.account, [])}
    if unknown := set(asked["MonitorArnList"]) - known:
        raise AwsError("UnknownMonitorException", f"There is no monitor {min(unknown)}.", 400)
    arn = f"arn:aws:ce::{call.account}:anomalysubscription/{uuid.uuid4()}"
    subscribers = [{"Status": "CONFIRMED", **s} for s in asked["Subscribers"]]
    SUBSCRIPTIONS.setdefault(call.account, []).append(
        {
            **asked,
            "Subscribers": subscribers,
            "SubscriptionArn": arn,
            "AccountId": call.account,
        }
    )
    return {"SubscriptionArn": arn}


@answers("ce", "GetDimensionValues")
def get_dimension_values(call: Call) -> Result:
    """Of LINKED_ACCOUNT: every account billed to the caller; of any other dimension, nothing."""
    billed: dict[str, str] = {}
    if call.parameters["Dimension"] == "LINKED_ACCOUNT":
        billed = _billed_to(call.account)
    values = [
        {"Value": account, "Attributes": {"description": name}}
        for account, name in sorted(billed.items())
    ]
    page = PAGES.page(call, "DimensionValues", values)
    return {**page, "ReturnSize": len(page["DimensionValues"]), "TotalSize": len(values)}


def _billed_to(account: str) -> dict[str, str]:
    organization = organization_of(account)
    if organization is None or organization.account_id != account:
        return {account: account}
    members = {member.id: str(member.name) for member in organization.accounts}
    return members | ALSO_BILLED.get(account, {})
