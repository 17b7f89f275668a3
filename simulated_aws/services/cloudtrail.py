"""CloudTrail: organization trails as members see them, status by ARN and region, defaults.

A member, and any region but the home region, sees a trail only as a shadow: it is listed, but
its status and selectors are found by ARN, not by name (CloudTrail user guide, "Organization
trails"). Trails are moto's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.cloudtrail.models import Trail, cloudtrail_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=1000)
DEFAULT_SELECTOR: Final = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
# (trail ARN, account, region) -> fields of GetTrailStatus that differ there; None leaves one out.
STATUS_IN: Final[dict[tuple[str, str, str], dict[str, Any]]] = {}
# Account -> its event data stores, as ListEventDataStores describes them.
EVENT_DATA_STORES: Final[dict[str, list[dict[str, Any]]]] = {}


def visible_trails(call: Call) -> list[Trail]:
    """The account's own trails and its organization's, in the region or in all regions."""
    organization = organization_of(call.account)
    owners = {call.account: False}
    if organization and organization.account_id != call.account:
        owners[organization.account_id] = True
    return [
        trail
        for owner, only_organization_trails in owners.items()
        for backend in list(cloudtrail_backends[owner].values())
        for trail in backend.trails.values()
        if (trail.is_multi_region or trail.region_name == call.region)
        and (trail.is_org_trail or not only_organization_trails)
    ]


def _is_shadow(trail: Trail, call: Call) -> bool:
    return trail.region_name != call.region or trail.account_id != call.account


def _found(call: Call, name: str) -> Trail:
    for trail in visible_trails(call):
        if name == trail.arn or (name == trail.trail_name and not _is_shadow(trail, call)):
            return trail
    raise AwsError(
        "TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}", 400
    )


@answers("cloudtrail", "DescribeTrails")
def describe_trails(call: Call) -> Result:
    names = call.parameters.get("trailNameList")
    shadows = call.parameters.get("includeShadowTrails")
    trails = [
        trail
        for trail in visible_trails(call)
        if shadows is not False or not _is_shadow(trail, call)
    ]
    if names:
        trails = [t for t in trails if t.arn in names or t.trail_name in names]
    return {"trailList": [_described(trail) for trail in trails]}


def _described(trail: Trail) -> dict[str, Any]:
    return {
        **trail.description(include_region=True),
        "HasCustomEventSelectors": bool(trail.event_selectors or trail.advanced_event_selectors),
    }


@answers("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call) -> Result:
    trail = _found(call, str(call.parameters["Name"]))
    delivered = datetime.now(UTC) - timedelta(minutes=6)
    status: dict[str, Any] = {"IsLogging": trail.status.is_logging}
    if trail.status.started:
        status["StartLoggingTime"] = trail.status.started.replace(tzinfo=UTC)
    if trail.status.stopped:
        status["StopLoggingTime"] = trail.status.stopped.replace(tzinfo=UTC)
    if trail.status.is_logging:
        status |= {"LatestDeliveryTime": delivered, "LatestDigestDeliveryTime": delivered}
    return status | STATUS_IN.get((trail.arn, call.account, call.region), {})


@answers("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call) -> Result:
    trail = _found(call, str(call.parameters["TrailName"]))
    basic, advanced = trail.get_event_selectors()
    if advanced and not basic:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": advanced}
    return {"TrailARN": trail.arn, "EventSelectors": basic or [DEFAULT_SELECTOR]}


@answers("cloudtrail", "ListEventDataStores")
def list_event_data_stores(call: Call) -> Result:
    return PAGES.page(call, "EventDataStores", EVENT_DATA_STORES.get(call.account, []))


@answers("cloudtrail", "GetEventDataStore")
def get_event_data_store(call: Call) -> Result:
    asked = str(call.parameters["EventDataStore"])
    for store in EVENT_DATA_STORES.get(call.account, []):
        if str(store["EventDataStoreArn"]).endswith(asked):
            return store
    raise AwsError("EventDataStoreNotFoundException", "The event data store was not found.", 400)
