"""Changes that people made in the console."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given

from collectors.console_writes import KEPT_AT_MOST, ConsoleWrite, ConsoleWrites
from collectors.outcomes import Missing, Outcome
from collectors.services.cloudtrail import console_writes
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, collect, thinned

SETTINGS = {"IAC_SAMPLE_DAYS": 7, "LOOKUP_MAX_PAGES": 3}
DAY = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
MARA = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/mara"


def record(**more: Any) -> dict[str, Any]:
    return {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "AuthorizeSecurityGroupIngress",
        "eventTime": "2026-11-20T23:30:00Z",
        "readOnly": False,
        "sessionCredentialFromConsole": "true",
        "userIdentity": {"type": "AssumedRole", "arn": MARA},
        "requestParameters": {"groupId": "sg-1"},
        **more,
    }


def event(at: datetime = DAY, **more: Any) -> dict[str, Any]:
    return {"EventId": "1", "EventTime": at, "CloudTrailEvent": json.dumps(record(**more))}


def seen(*pages: Any) -> ConsoleWrites:
    answers = iter(pages)
    found = collect(console_writes, {"lookup_events": lambda _: next(answers)}, settings=SETTINGS)
    assert isinstance(found, ConsoleWrites)
    return found


def test_changes_are_counted_by_principal_and_day() -> None:
    found = seen(
        {
            "Events": [event(), event(), event(userIdentity={"arn": "arn:tomas"})],
            "NextToken": "more",
        },
        {"Events": [event(datetime(2026, 11, 21, 1, tzinfo=UTC))]},
    )
    assert found == ConsoleWrites(
        days=7,
        events=4,
        is_cut=False,
        count=4,
        writes=(
            ConsoleWrite(MARA, date(2026, 11, 20), 2),
            ConsoleWrite(MARA, date(2026, 11, 21), 1),
            ConsoleWrite("arn:tomas", date(2026, 11, 20), 1),
        ),
    )
    assert "sg-1" not in repr(found)


OTHERS = {
    "not from the console": {"sessionCredentialFromConsole": "false"},
    "without the word": {"sessionCredentialFromConsole": None},
    "a read": {"readOnly": True},
    "of no core service": {"eventSource": "cloudwatch.amazonaws.com"},
    "refused": {"errorCode": "Client.UnauthorizedOperation"},
}


@pytest.mark.parametrize("more", OTHERS.values(), ids=OTHERS)
def test_other_events_do_not_count(more: dict[str, Any]) -> None:
    found = seen({"Events": [event(**more)]})
    assert (found.events, found.count) == (1, 0)


def test_a_principal_without_an_arn_counts_too() -> None:
    (write,) = seen({"Events": [event(userIdentity={"type": "Unknown"})]}).writes
    assert write.principal == "unknown"


@pytest.mark.parametrize("text", ["", "not json", "[]"])
def test_a_record_that_cannot_be_read_does_not_count(text: str) -> None:
    found = seen({"Events": [{"EventTime": DAY, "CloudTrailEvent": text}]})
    assert (found.events, found.count) == (1, 0)


def test_it_asks_for_writes_of_the_last_days_page_by_page_and_stops() -> None:
    asked: list[Any] = []
    endless = {"lookup_events": {"Events": [event()], "NextToken": "more"}}
    found = collect(console_writes, endless, settings=SETTINGS, asked=asked)

    assert (found.is_cut, found.events, len(asked)) == (True, 3, 3)
    _, params = asked[0]
    assert (NOW - params["StartTime"]).days == 7
    assert params["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    assert params["MaxResults"] == 50


def test_of_many_principals_the_busiest_are_named_and_all_counted() -> None:
    people = [event(userIdentity={"arn": f"arn:{n}"}) for n in range(KEPT_AT_MOST + 10)]
    found = seen({"Events": people})
    assert (found.count, len(found.writes)) == (KEPT_AT_MOST + 10, KEPT_AT_MOST)


def test_being_denied_is_not_having_changed_nothing() -> None:
    with pytest.raises(Missing) as missing:
        collect(console_writes, {"lookup_events": Refusal()}, settings=SETTINGS)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"event": event(), "record": record()}))
def test_a_change_counts_only_if_it_says_that_it_came_from_the_console(told: Any) -> None:
    thin = told.get("record", {})
    one = {**told.get("event", {}), "CloudTrailEvent": json.dumps(thin)}
    answers = {"lookup_events": {"Events": [one]}}
    found = collect(console_writes, answers, settings=SETTINGS, is_checked=False)
    if found.count:
        assert thin["sessionCredentialFromConsole"] == "true"
