"""Data events of objects and functions are recorded, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.data_events import FUNCTIONS, S3_OBJECTS, DataEvents
from collectors.outcomes import Outcome
from collectors.services import cloudtrail, securitylake
from collectors.services.cloudtrail import Trail
from roadmap.items.detection.log_data_events import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.detection.logs import HOME, OTHER, lake, seen
from tests.roadmap.items.subjects import ACCOUNT, LOGS, attested, codes
from tests.roadmap.items.visibility.central import everywhere

OBJECTS = DataEvents(S3_OBJECTS, reads=True, writes=True)
CALLS = DataEvents(FUNCTIONS, reads=True, writes=True)
TRAIL = Trail(
    "arn:trail",
    "company",
    HOME,
    is_multi_region=True,
    is_logging=True,
    data_events=(OBJECTS, CALLS),
)


def recording(*events: DataEvents, **changes: Any) -> tuple[Trail, ...]:
    return (replace(TRAIL, data_events=events, **changes),)


def subject(trails: Any, more: dict[tuple[Any, ...], Any] | None = None, **rest: Any) -> Subject:
    return seen(everywhere(ACCOUNT, cloudtrail.trails, trails), more or {}, **rest)


CASES: dict[str, tuple[Any, Any, Status, str]] = {
    "both by a trail": ((TRAIL,), {}, Status.PASS, "trail records both"),
    "both by two trails": (
        (*recording(OBJECTS), *recording(CALLS)),
        {},
        Status.PASS,
        "trail records both",
    ),
    "reads and writes by two selectors": (
        recording(replace(OBJECTS, reads=False), replace(OBJECTS, writes=False), CALLS),
        {},
        Status.PASS,
        "trail records both",
    ),
    "both by security lake": (
        (),
        lake(securitylake.S3_OBJECTS, securitylake.FUNCTIONS),
        Status.PASS,
        "security lake collects both",
    ),
    "one by each": (
        recording(OBJECTS),
        lake(securitylake.FUNCTIONS),
        Status.PASS,
        "trail and security lake together",
    ),
    "objects alone": (recording(OBJECTS), {}, Status.PARTIAL, "one type only"),
    "functions alone": (recording(CALLS), {}, Status.PARTIAL, "one type only"),
    "objects alone, by security lake": (
        (),
        lake(securitylake.S3_OBJECTS),
        Status.PARTIAL,
        "one type only",
    ),
    "listed buckets": (
        recording(replace(OBJECTS, resources=("arn:aws:s3:::orders/",)), CALLS),
        {},
        Status.PARTIAL,
        "listed resources only",
    ),
    "narrowed": (
        recording(replace(OBJECTS, is_narrowed=True), CALLS),
        {},
        Status.PARTIAL,
        "listed resources only",
    ),
    "writes only": (
        recording(replace(OBJECTS, reads=False), CALLS),
        {},
        Status.PARTIAL,
        "reads or writes only",
    ),
    "reads only, of one kind alone": (
        recording(replace(CALLS, writes=False)),
        {},
        Status.PARTIAL,
        "reads or writes only",
    ),
    "neither reads nor writes": (
        recording(
            replace(OBJECTS, reads=False, writes=False), replace(CALLS, reads=False, writes=False)
        ),
        {},
        Status.FAIL,
        "no data events",
    ),
    "a kind nobody asks for": (
        recording(replace(OBJECTS, kind="AWS::DynamoDB::Table")),
        {},
        Status.FAIL,
        "no data events",
    ),
    "management events only": (recording(), {}, Status.FAIL, "no data events"),
    "no trail": ((), {}, Status.FAIL, "no data events"),
    "a stopped trail": (
        recording(OBJECTS, CALLS, is_logging=False),
        {},
        Status.FAIL,
        "no data events",
    ),
    "a trail that cannot deliver": (
        recording(OBJECTS, CALLS, latest_delivery_error="AccessDenied"),
        {},
        Status.FAIL,
        "no data events",
    ),
}


@pytest.mark.parametrize(("trails", "more", "status", "rule"), CASES.values(), ids=CASES)
def test_what_is_recorded_decides(trails: Any, more: Any, status: Status, rule: str) -> None:
    found = judge(subject(trails, more))

    assert found.status == status
    assert {part.rule for part in found.regions.values()} == {rule}
    assert codes(found) == (set() if status == Status.PASS else {"data_events_off"})


def test_the_sentence_says_how_much_of_each_kind_is_recorded() -> None:
    found = judge(subject(recording(replace(CALLS, writes=False))))
    assert found.sentence == (
        "Data events are recorded in part: S3 objects none, Lambda functions only reads or only "
        "writes in all 2 Regions."
    )


def test_what_security_lake_has_needs_no_trail() -> None:
    denied = everywhere(ACCOUNT, cloudtrail.trails, Outcome.ACCESS_DENIED)
    both = lake(securitylake.S3_OBJECTS, securitylake.FUNCTIONS)
    found = judge(subject((), {**denied, **both}))
    assert (found.status, found.problems) == (Status.PASS, [])
    one = lake(securitylake.S3_OBJECTS)
    assert judge(subject((), {**denied, **one})).reason == Reason.ACCESS_DENIED


def test_it_is_one_finding_of_the_account() -> None:
    (problem,) = judge(subject(())).problems

    assert (problem.resource, problem.region) == ("", "global")
    assert problem.detail == "No data event is recorded in all 2 Regions."


def test_a_trail_of_one_region_serves_that_region() -> None:
    found = judge(subject(recording(OBJECTS, CALLS, is_multi_region=False)))

    assert found.status == Status.PARTIAL
    assert found.regions[HOME].status == Status.PASS
    assert found.regions[OTHER].status == Status.FAIL


def test_a_region_that_was_not_seen_leaves_a_pass_open() -> None:
    denied = {(ACCOUNT, cloudtrail.trails, OTHER): Outcome.ACCESS_DENIED}
    found = judge(subject((TRAIL,), denied))

    assert (found.status, found.problems) == (Status.UNKNOWN, [])


def test_a_lake_that_could_not_be_seen_leaves_a_gap_open() -> None:
    unseen = everywhere(LOGS, securitylake.data_lake, Outcome.ACCESS_DENIED)

    assert judge(subject(recording(OBJECTS), unseen)).status == Status.UNKNOWN
    assert judge(subject((TRAIL,), unseen)).status == Status.PASS


def test_a_decision_to_do_without_stands_for_the_log() -> None:
    answer = attested(item.key, "declined", "organization")
    assert judge(subject((), attestations=[answer])).reason == Reason.DECLINED
