"""Which data events a trail records, by its event selectors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.data_events import FUNCTIONS, S3_OBJECTS, DataEvents, data_events
from collectors.services.cloudtrail import trails
from tests.collectors.services.canned import collect, thinned

DATA = {"Field": "eventCategory", "Equals": ["Data"]}
OBJECTS = {"Field": "resources.type", "Equals": [S3_OBJECTS]}
LOGS = "arn:aws:s3:::orders/"


def basic(kind: str, *values: str, read_write: str = "All") -> dict[str, Any]:
    resources = [{"Type": kind, "Values": list(values)}]
    return {"EventSelectors": [{"ReadWriteType": read_write, "DataResources": resources}]}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": list(fields)}]}


def objects(**more: Any) -> tuple[DataEvents, ...]:
    return (DataEvents(S3_OBJECTS, **({"reads": True, "writes": True} | more)),)


CASES: dict[str, tuple[dict[str, Any], tuple[DataEvents, ...]]] = {
    "management events only": (
        {"EventSelectors": [{"ReadWriteType": "All", "DataResources": []}]},
        (),
    ),
    "all objects": (basic(S3_OBJECTS, "arn:aws:s3"), objects()),
    "all objects, written longer": (basic(S3_OBJECTS, "arn:aws:s3:::"), objects()),
    "all objects of another partition": (basic(S3_OBJECTS, "arn:aws-us-gov:s3"), objects()),
    "all functions": (
        basic(FUNCTIONS, "arn:aws:lambda"),
        (DataEvents(FUNCTIONS, reads=True, writes=True),),
    ),
    "objects of one bucket": (basic(S3_OBJECTS, LOGS), objects(resources=(LOGS,))),
    "writes only": (basic(S3_OBJECTS, "arn:aws:s3", read_write="WriteOnly"), objects(reads=False)),
    "reads only": (basic(S3_OBJECTS, "arn:aws:s3", read_write="ReadOnly"), objects(writes=False)),
    "a word nobody knows yet": (
        basic(S3_OBJECTS, "arn:aws:s3", read_write="TOMORROW"),
        objects(reads=False, writes=False),
    ),
    "a kind without values": (basic(S3_OBJECTS), ()),
    "advanced, all objects": (advanced(DATA, OBJECTS), objects()),
    "advanced, several kinds": (
        advanced(DATA, {"Field": "resources.type", "Equals": [S3_OBJECTS, FUNCTIONS]}),
        (*objects(), DataEvents(FUNCTIONS, reads=True, writes=True)),
    ),
    "advanced, writes": (
        advanced(DATA, OBJECTS, {"Field": "readOnly", "Equals": ["false"]}),
        objects(reads=False),
    ),
    "advanced, reads and writes by name": (
        advanced(DATA, OBJECTS, {"Field": "readOnly", "Equals": ["false", "true"]}),
        objects(),
    ),
    "advanced, one bucket": (
        advanced(DATA, OBJECTS, {"Field": "resources.ARN", "StartsWith": [LOGS]}),
        objects(resources=(LOGS,)),
    ),
    "advanced, but for one bucket": (
        advanced(DATA, OBJECTS, {"Field": "resources.ARN", "NotStartsWith": [LOGS]}),
        objects(is_narrowed=True),
    ),
    "advanced, some of the calls": (
        advanced(DATA, OBJECTS, {"Field": "eventName", "Equals": ["GetObject"]}),
        objects(is_narrowed=True),
    ),
    "advanced, two tests of one field": (
        advanced(
            DATA, OBJECTS, {"Field": "resources.ARN", "StartsWith": [LOGS], "NotEquals": ["x"]}
        ),
        objects(is_narrowed=True),
    ),
    "advanced, management events": (
        advanced({"Field": "eventCategory", "Equals": ["Management"]}),
        (),
    ),
    "advanced, without a kind": (advanced(DATA), ()),
}


@pytest.mark.parametrize(("selectors", "expected"), CASES.values(), ids=CASES)
def test_selectors_say_what_is_recorded(
    selectors: dict[str, Any], expected: tuple[DataEvents, ...]
) -> None:
    assert data_events(selectors) == expected


@pytest.mark.parametrize(
    ("events", "is_covered"),
    [
        (DataEvents(S3_OBJECTS), True),
        (DataEvents(S3_OBJECTS, resources=(LOGS,)), True),
        (DataEvents(S3_OBJECTS, resources=("arn:aws:s3:::orders/2026",)), False),
        (DataEvents(S3_OBJECTS, resources=("arn:aws:s3:::other/",)), False),
        (DataEvents(S3_OBJECTS, is_narrowed=True), False),
    ],
    ids=["everything", "the bucket", "a part of it", "another bucket", "narrowed"],
)
def test_a_bucket_is_covered_where_all_its_objects_are(
    events: DataEvents, is_covered: bool
) -> None:
    assert events.covers(LOGS) is is_covered


@given(
    thinned(
        {"get_event_selectors": advanced(DATA, OBJECTS, {"Field": "readOnly", "Equals": ["false"]})}
    )
)
def test_what_a_selector_does_not_say_is_never_taken_for_everything(answers: Any) -> None:
    trail = {"trailList": [{"TrailARN": "arn:aws:cloudtrail:us-east-1:111111111111:trail/t"}]}
    known = {"describe_trails": trail, "get_trail_status": {}}
    (found,) = collect(trails, known | answers, is_checked=False)

    for events in found.data_events:
        assert events.is_narrowed or not events.reads
