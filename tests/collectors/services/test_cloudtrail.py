"""Trails as an account sees them, and the organization's event data stores."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.cloudtrail import (
    Coverage,
    EventDataStore,
    Trail,
    coverage_of,
    event_data_stores,
    organization_trails,
    trails,
)
from tests.collectors.services.canned import NOW, Refusal, collect, thinned

ARN = "arn:aws:cloudtrail:us-east-1:111111111111:trail/company"
TRAIL = {
    "Name": "company",
    "TrailARN": ARN,
    "HomeRegion": "us-east-1",
    "S3BucketName": "logs",
    "IsOrganizationTrail": True,
    "IsMultiRegionTrail": True,
    "IncludeGlobalServiceEvents": True,
    "LogFileValidationEnabled": True,
    "KmsKeyId": "arn:aws:kms:us-east-1:333333333333:key/1",
}
STATUS = {"IsLogging": True, "LatestDeliveryTime": NOW}
BASIC = {"ReadWriteType": "All", "IncludeManagementEvents": True}
ANSWERS = {
    "describe_trails": {"trailList": [TRAIL]},
    "get_trail_status": STATUS,
    "get_event_selectors": {"TrailARN": ARN, "EventSelectors": [BASIC]},
}


@pytest.mark.parametrize("collector", [trails, organization_trails], ids=str)
def test_it_reads_trails_with_status_and_selectors(collector: Any) -> None:
    (trail,) = collect(collector, ANSWERS)

    assert trail == Trail(
        arn=ARN,
        name="company",
        home_region="us-east-1",
        bucket="logs",
        is_organization_trail=True,
        is_multi_region=True,
        has_global_service_events=True,
        has_log_file_validation=True,
        kms_key_id="arn:aws:kms:us-east-1:333333333333:key/1",
        management_events=Coverage.ALL,
        is_logging=True,
        latest_delivery_at=NOW,
    )
    assert trail.owner == "111111111111"


def test_shadow_trails_are_included_and_asked_by_their_arn() -> None:
    asked: list[Any] = []
    collect(trails, ANSWERS, asked=asked)

    assert asked == [
        ("describe_trails", {"includeShadowTrails": True}),
        ("get_trail_status", {"Name": ARN}),
        ("get_event_selectors", {"TrailName": ARN}),
    ]


@pytest.mark.parametrize("operation", ["get_trail_status", "get_event_selectors"])
def test_a_trail_that_vanished_is_dropped(operation: str) -> None:
    gone = Refusal("TrailNotFoundException", Outcome.API_ERROR)
    assert collect(trails, {**ANSWERS, operation: gone}) == ()


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_absent(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        collect(trails, {**ANSWERS, operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


SELECTORS = {
    "all": ({"EventSelectors": [BASIC]}, Coverage.ALL),
    "one of two": (
        {"EventSelectors": [{"IncludeManagementEvents": False}, BASIC]}, Coverage.ALL,
    ),
    "writes only": ({"EventSelectors": [{**BASIC, "ReadWriteType": "WriteOnly"}]}, Coverage.PART),
    "without KMS": (
        {"EventSelectors": [{**BASIC, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
        Coverage.PART,
    ),
    "data events only": (
        {"EventSelectors": [{**BASIC, "IncludeManagementEvents": False}]}, Coverage.NONE,
    ),
    "none": ({}, Coverage.NONE),
}  # fmt: skip


@pytest.mark.parametrize(("selectors", "coverage"), SELECTORS.values(), ids=SELECTORS)
def test_event_selectors_say_how_much_is_recorded(selectors: Any, coverage: Coverage) -> None:
    (trail,) = collect(trails, {**ANSWERS, "get_event_selectors": selectors})
    assert trail.management_events == coverage


def field(name: str, **tests: Any) -> dict[str, Any]:
    return {"Field": name, **tests}


MANAGEMENT_EVENTS = field("eventCategory", Equals=["Management"])
ADVANCED = {
    "all": ([[MANAGEMENT_EVENTS]], Coverage.ALL),
    "and data events": (
        [[field("eventCategory", Equals=["Data"])], [MANAGEMENT_EVENTS]],
        Coverage.ALL,
    ),
    "reads only": ([[MANAGEMENT_EVENTS, field("readOnly", Equals=["true"])]], Coverage.PART),
    "without a source": (
        [[MANAGEMENT_EVENTS, field("eventSource", NotEquals=["kms.amazonaws.com"])]],
        Coverage.PART,
    ),
    "a field nobody knows": (
        [[MANAGEMENT_EVENTS, field("moonPhase", Equals=["full"])]],
        Coverage.PART,
    ),
    "data events": ([[field("eventCategory", Equals=["Data"])]], Coverage.NONE),
    "no category": ([[field("readOnly", Equals=["false"])]], Coverage.NONE),
    "nothing": ([[]], Coverage.NONE),
}


@pytest.mark.parametrize(("selectors", "coverage"), ADVANCED.values(), ids=ADVANCED)
def test_any_field_besides_the_category_narrows(selectors: Any, coverage: Coverage) -> None:
    assert coverage_of([{"FieldSelectors": fields} for fields in selectors]) == coverage


@given(thinned(ANSWERS))
def test_what_is_not_said_of_a_trail_is_not_taken_for_granted(answers: Any) -> None:
    for trail in collect(trails, answers, is_checked=False):
        assert trail.is_logging == answers["get_trail_status"].get("IsLogging", False)
        (selector,) = answers["get_event_selectors"]["EventSelectors"]
        assert (trail.management_events == Coverage.ALL) == (selector == BASIC)
        described = answers["describe_trails"]["trailList"][0]
        assert trail.is_multi_region == described.get("IsMultiRegionTrail", False)
        assert trail.has_global_service_events == described.get("IncludeGlobalServiceEvents", False)


def test_a_trail_of_one_region_covers_that_region_only() -> None:
    # As in the demo data of duo-labs/cloudmapper.
    described = {
        "HasCustomEventSelectors": True,
        "HomeRegion": "us-east-1",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "IsOrganizationTrail": True,
        "LogFileValidationEnabled": True,
        "Name": "cloudtrail",
        "S3BucketName": "demo-logs",
        "TrailARN": "arn:aws:cloudtrail:us-east-1:123456789012:trail/cloudtrail",
    }
    (trail,) = collect(trails, {**ANSWERS, "describe_trails": {"trailList": [described]}})

    assert (trail.name, trail.owner, trail.bucket) == ("cloudtrail", "123456789012", "demo-logs")
    assert trail.covers("us-east-1")
    assert not trail.covers("eu-west-1")


STORE = {
    "EventDataStoreArn": "arn:aws:cloudtrail:us-east-1:111111111111:eventdatastore/1",
    "Name": "lake",
    "Status": "ENABLED",
    "MultiRegionEnabled": True,
    "OrganizationEnabled": True,
    "AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT_EVENTS]}],
    "RetentionPeriod": 400,
}
STORES = {
    "list_event_data_stores": [
        {"EventDataStores": [], "NextToken": "more"},
        {"EventDataStores": [{"EventDataStoreArn": STORE["EventDataStoreArn"]}]},
    ],
    "get_event_data_store": STORE,
}


def test_it_reads_the_event_data_stores_of_all_pages() -> None:
    assert collect(event_data_stores, STORES) == (
        EventDataStore(
            arn=str(STORE["EventDataStoreArn"]),
            name="lake",
            status="ENABLED",
            is_multi_region=True,
            is_organization_store=True,
            management_events=Coverage.ALL,
            retention_days=400,
        ),
    )


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("list_event_data_stores", "UnsupportedOperationException"),
        ("get_event_data_store", "EventDataStoreNotFoundException"),
    ],
)
def test_no_event_data_store_is_a_fact(operation: str, code: str) -> None:
    refusal = Refusal(code, Outcome.API_ERROR)
    assert collect(event_data_stores, {**STORES, operation: refusal}) == ()


@given(thinned(STORES))
def test_a_store_serves_only_if_everything_is_said(answers: Any) -> None:
    stored = answers["get_event_data_store"]
    for store in collect(event_data_stores, answers, is_checked=False):
        assert store.serves_organization <= (
            stored.get("Status") == "ENABLED"
            and stored.get("MultiRegionEnabled") is True
            and stored.get("OrganizationEnabled") is True
        )


def test_times_are_aware() -> None:
    (trail,) = collect(trails, ANSWERS)
    assert trail.latest_delivery_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
