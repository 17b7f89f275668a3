"""AWS CloudTrail: trails with their status and selectors, and CloudTrail Lake's event data stores.

In a member account the organization's trail appears as a shadow trail, owned by the management
account, and answers only when asked by its ARN; so every trail is asked that way.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from collectors.console_writes import ConsoleWrites, transform_console_writes
from collectors.data_events import DataEvents, data_events
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_TRAILS = Operation("cloudtrail", "describe_trails", "cloudtrail:DescribeTrails")
GET_TRAIL_STATUS = Operation("cloudtrail", "get_trail_status", "cloudtrail:GetTrailStatus")
GET_EVENT_SELECTORS = Operation("cloudtrail", "get_event_selectors", "cloudtrail:GetEventSelectors")
LIST_EVENT_DATA_STORES = Operation(
    "cloudtrail", "list_event_data_stores", "cloudtrail:ListEventDataStores", "EventDataStores"
)
GET_EVENT_DATA_STORE = Operation(
    "cloudtrail", "get_event_data_store", "cloudtrail:GetEventDataStore"
)

LOOKUP_EVENTS = Operation("cloudtrail", "lookup_events", "cloudtrail:LookupEvents", "Events")

EVENTS_A_PAGE = 50
TRAIL_GONE = "TrailNotFoundException"
STORE_GONE = "EventDataStoreNotFoundException"
# How Regions without CloudTrail Lake answer.
NO_LAKE = ("UnsupportedOperationException",)


class Coverage(StrEnum):
    """How much of the management events is recorded."""

    ALL = "all"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True)
class Trail:
    """A trail as one Region shows it; ``is_logging`` and the deliveries are of that Region."""

    arn: str
    name: str = ""
    home_region: str = ""
    bucket: str = ""
    is_organization_trail: bool = False
    is_multi_region: bool = False
    has_global_service_events: bool = False
    has_log_file_validation: bool = False
    kms_key_id: str = ""
    management_events: Coverage = Coverage.NONE
    is_logging: bool = False
    latest_delivery_error: str = ""
    latest_delivery_at: datetime | None = None
    data_events: tuple[DataEvents, ...] = ()

    @property
    def owner(self) -> str:
        """The id of the account that owns the trail: of an organization's, the management one."""
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 4 else ""

    def covers(self, region: str) -> bool:
        return self.is_multi_region or (bool(region) and self.home_region == region)


@dataclass(frozen=True)
class EventDataStore:
    arn: str
    name: str = ""
    status: str = ""
    is_multi_region: bool = False
    is_organization_store: bool = False
    management_events: Coverage = Coverage.NONE
    retention_days: int = 0

    @property
    def serves_organization(self) -> bool:
        return (
            self.status == "ENABLED"
            and self.is_organization_store
            and self.is_multi_region
            and self.management_events == Coverage.ALL
        )


def fetch_trails(aws: Aws) -> list[Answer]:
    described = aws.call(DESCRIBE_TRAILS, includeShadowTrails=True) or {}
    found = [_fetch_trail(aws, trail) for trail in described.get("trailList") or ()]
    return [trail for trail in found if trail is not None]


def _fetch_trail(aws: Aws, trail: Answer) -> Answer | None:
    """None for a trail that was deleted meanwhile."""
    arn = trail.get("TrailARN")
    if not arn:
        return None
    status = aws.call(GET_TRAIL_STATUS, absent=(TRAIL_GONE,), Name=arn)
    selectors = aws.call(GET_EVENT_SELECTORS, absent=(TRAIL_GONE,), TrailName=arn)
    if status is None or selectors is None:
        return None
    return {"trail": trail, "status": status, "selectors": selectors}


def transform_trails(answer: Iterable[Answer]) -> tuple[Trail, ...]:
    return tuple(
        _trail(parts["trail"], parts.get("status") or {}, parts.get("selectors") or {})
        for parts in answer
        if (parts.get("trail") or {}).get("TrailARN")
    )


def _trail(trail: Answer, status: Answer, selectors: Answer) -> Trail:
    return Trail(
        arn=trail["TrailARN"],
        name=trail.get("Name") or "",
        home_region=trail.get("HomeRegion") or "",
        bucket=trail.get("S3BucketName") or "",
        is_organization_trail=trail.get("IsOrganizationTrail") is True,
        is_multi_region=trail.get("IsMultiRegionTrail") is True,
        has_global_service_events=trail.get("IncludeGlobalServiceEvents") is True,
        has_log_file_validation=trail.get("LogFileValidationEnabled") is True,
        kms_key_id=trail.get("KmsKeyId") or "",
        management_events=_coverage_of_trail(selectors),
        is_logging=status.get("IsLogging") is True,
        latest_delivery_error=status.get("LatestDeliveryError") or "",
        latest_delivery_at=status.get("LatestDeliveryTime"),
        data_events=data_events(selectors),
    )


def _coverage_of_trail(selectors: Answer) -> Coverage:
    advanced = selectors.get("AdvancedEventSelectors") or ()
    if advanced:
        return coverage_of(advanced)
    seen = [_coverage_of_basic(basic) for basic in selectors.get("EventSelectors") or ()]
    return _widest(seen)


def _coverage_of_basic(selector: Answer) -> Coverage:
    if selector.get("IncludeManagementEvents") is not True:
        return Coverage.NONE
    if selector.get("ReadWriteType") != "All" or selector.get("ExcludeManagementEventSources"):
        return Coverage.PART
    return Coverage.ALL


def coverage_of(advanced: Iterable[Answer]) -> Coverage:
    """Of advanced event selectors: any field besides the category narrows what is recorded."""
    seen = []
    for selector in advanced:
        fields = selector.get("FieldSelectors") or ()
        category = [f for f in fields if f.get("Field") == "eventCategory"]
        if not any("Management" in (f.get("Equals") or ()) for f in category):
            seen.append(Coverage.NONE)
        else:
            seen.append(Coverage.ALL if len(fields) == len(category) == 1 else Coverage.PART)
    return _widest(seen)


def _widest(seen: Sequence[Coverage]) -> Coverage:
    for coverage in (Coverage.ALL, Coverage.PART):
        if coverage in seen:
            return coverage
    return Coverage.NONE


def fetch_event_data_stores(aws: Aws) -> list[Answer]:
    listed = aws.pages(LIST_EVENT_DATA_STORES, absent=NO_LAKE) or []
    found = [
        aws.call(
            GET_EVENT_DATA_STORE, absent=(STORE_GONE,), EventDataStore=store["EventDataStoreArn"]
        )
        for store in listed
        if store.get("EventDataStoreArn")
    ]
    return [store for store in found if store is not None]


def transform_event_data_stores(answer: Iterable[Answer]) -> tuple[EventDataStore, ...]:
    return tuple(
        EventDataStore(
            arn=store["EventDataStoreArn"],
            name=store.get("Name") or "",
            status=store.get("Status") or "",
            is_multi_region=store.get("MultiRegionEnabled") is True,
            is_organization_store=store.get("OrganizationEnabled") is True,
            management_events=coverage_of(store.get("AdvancedEventSelectors") or ()),
            retention_days=store.get("RetentionPeriod") or 0,
        )
        for store in answer
        if store.get("EventDataStoreArn")
    )


def fetch_console_writes(aws: Aws) -> Mapping[str, Any]:
    """The newest changes of the last IAC_SAMPLE_DAYS: AWS answers two calls a second, so that a
    busy account is sampled and never replayed."""
    days = aws.settings["IAC_SAMPLE_DAYS"]
    asked: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
        "StartTime": aws.now - timedelta(days=days),
        "MaxResults": EVENTS_A_PAGE,
    }
    events: list[Any] = []
    token = ""
    for _ in range(aws.settings["LOOKUP_MAX_PAGES"]):
        page = aws.call(LOOKUP_EVENTS, **asked) or {}
        events += page.get("Events") or ()
        token = page.get("NextToken") or ""
        if not token:
            break
        asked["NextToken"] = token
    return {"days": days, "events": events, "is_cut": bool(token)}


trails = Collector(
    "cloudtrail.trails",
    tuple[Trail, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_TRAILS, GET_TRAIL_STATUS, GET_EVENT_SELECTORS),
    fetch_trails,
    transform_trails,
)

# The main Region shows every multi-Region trail, whatever its home Region is.
organization_trails = Collector(
    "cloudtrail.organization_trails",
    tuple[Trail, ...],
    Scope.ORGANIZATION,
    Reach.GLOBAL,
    (DESCRIBE_TRAILS, GET_TRAIL_STATUS, GET_EVENT_SELECTORS),
    fetch_trails,
    transform_trails,
)

# A store is listed only in the Region it was made in, so all of them are asked.
event_data_stores = Collector(
    "cloudtrail.event_data_stores",
    tuple[EventDataStore, ...],
    Scope.ORGANIZATION,
    Reach.REGIONAL,
    (LIST_EVENT_DATA_STORES, GET_EVENT_DATA_STORE),
    fetch_event_data_stores,
    transform_event_data_stores,
)

console_writes = Collector(
    "cloudtrail.console_writes",
    ConsoleWrites,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LOOKUP_EVENTS,),
    fetch_console_writes,
    transform_console_writes,
)
