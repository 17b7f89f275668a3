"""Requests to every bucket are logged, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.data_events import FUNCTIONS, S3_OBJECTS, DataEvents
from collectors.outcomes import Missing, Outcome
from collectors.services import cloudtrail, s3, securitylake
from collectors.services.cloudtrail import Trail
from collectors.services.s3 import BucketLog
from roadmap.items.detection.log_s3_access import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.detection.logs import HOME, OTHER, lake, seen
from tests.roadmap.items.subjects import ACCOUNT, attested, codes
from tests.roadmap.items.visibility.central import everywhere

LOGGED = BucketLog("orders", HOME, "logs")
BARE = BucketLog("scratch", OTHER)
TARGET = BucketLog("logs", HOME)
OBJECTS = DataEvents(S3_OBJECTS, reads=True, writes=True)
TRAIL = Trail("arn:trail", "company", HOME, "trail-logs", is_multi_region=True, is_logging=True)


def recording(*events: DataEvents, **changes: Any) -> dict[tuple[Any, ...], Any]:
    return everywhere(ACCOUNT, cloudtrail.trails, (replace(TRAIL, data_events=events, **changes),))


def subject(buckets: Any, more: dict[tuple[Any, ...], Any] | None = None, **rest: Any) -> Subject:
    return seen({(ACCOUNT, s3.bucket_logs): buckets}, recording(), more or {}, item=item, **rest)


CASES: dict[str, tuple[Any, Any, Status, set[str]]] = {
    "logged": ((LOGGED,), {}, Status.PASS, set()),
    "one of two": ((LOGGED, BARE), {}, Status.PARTIAL, {"no_bucket_log"}),
    "not logged": ((BARE,), {}, Status.FAIL, {"no_bucket_log"}),
    "no bucket": ((), {}, Status.NOT_APPLICABLE, set()),
    "the bucket the logs go to": ((LOGGED, TARGET), {}, Status.PASS, set()),
    "the bucket a trail writes to": (
        (BucketLog("trail-logs", HOME),),
        {},
        Status.NOT_APPLICABLE,
        set(),
    ),
    "data events of all objects": ((BARE,), recording(OBJECTS), Status.PASS, set()),
    "data events of the bucket": (
        (BARE,),
        recording(replace(OBJECTS, resources=("arn:aws:s3:::scratch/",))),
        Status.PASS,
        set(),
    ),
    "data events of another bucket": (
        (BARE,),
        recording(replace(OBJECTS, resources=("arn:aws:s3:::scratch-2/",))),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "data events of a part of the bucket": (
        (BARE,),
        recording(replace(OBJECTS, resources=("arn:aws:s3:::scratch/in/",))),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "data events of writes": (
        (BARE,),
        recording(replace(OBJECTS, reads=False)),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "data events of functions": (
        (BARE,),
        recording(replace(OBJECTS, kind=FUNCTIONS)),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "data events of a stopped trail": (
        (BARE,),
        recording(OBJECTS, is_logging=False),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "data events of another Region": (
        (BARE,),
        recording(OBJECTS, is_multi_region=False),
        Status.FAIL,
        {"no_bucket_log"},
    ),
    "security lake": ((BARE,), lake(securitylake.S3_OBJECTS), Status.PASS, set()),
}


@pytest.mark.parametrize(("buckets", "more", "status", "expected"), CASES.values(), ids=CASES)
def test_where_each_bucket_is_logged_decides(
    buckets: Any, more: Any, status: Status, expected: set[str]
) -> None:
    found = judge(subject(buckets, more))

    assert (found.status, codes(found)) == (status, expected)


def test_the_bucket_is_named() -> None:
    found = judge(subject((LOGGED, BARE)))

    (problem,) = found.problems
    assert (problem.resource, problem.region) == ("arn:aws:s3:::scratch", OTHER)
    assert found.sentence == "1 of 2 buckets logged; not scratch."


def test_a_bucket_that_could_not_be_read_leaves_a_pass_open() -> None:
    denied = BucketLog("vault", HOME, outcome=Outcome.ACCESS_DENIED, message="Denied.")
    found = judge(subject((LOGGED, denied)))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert "Could not be told: vault (access denied)." in found.sentence


def test_nor_does_a_blocked_region_hide_its_buckets() -> None:
    blocked = BucketLog("vault", OTHER, outcome=Outcome.REGION_BLOCKED, message="Blocked.")
    found = judge(subject((LOGGED, blocked)))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_trails_that_were_not_seen_leave_a_gap_open_and_a_log_alone() -> None:
    denied = everywhere(ACCOUNT, cloudtrail.trails, Outcome.ACCESS_DENIED)

    assert judge(subject((BARE,), denied)).reason == Reason.ACCESS_DENIED
    assert judge(subject((LOGGED,), denied)).status == Status.PASS


def test_what_security_lake_has_needs_no_trail() -> None:
    denied = everywhere(ACCOUNT, cloudtrail.trails, Outcome.ACCESS_DENIED)
    found = judge(subject((BARE,), {**denied, **lake(securitylake.S3_OBJECTS)}))
    assert found.status == Status.PASS


def test_buckets_that_were_not_listed_are_missing() -> None:
    with pytest.raises(Missing):
        judge(subject(Outcome.ACCESS_DENIED))


def test_an_excepted_bucket_leaves_the_count() -> None:
    found = judge(subject((LOGGED, BARE), excepted="arn:aws:s3:::scratch"))
    assert (found.status, found.problems) == (Status.PASS, [])


def test_a_decision_to_do_without_stands_for_the_log() -> None:
    answer = attested(item.key, "declined")
    assert judge(subject((BARE,), attestations=[answer])).reason == Reason.DECLINED
