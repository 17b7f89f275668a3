"""CloudTrail's event history, which moto lacks: what the world says happened."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=50, error="InvalidMaxResultsException")


@dataclass(frozen=True)
class Event:
    """``source`` is such as ec2.amazonaws.com, ``principal`` an ARN."""

    at: datetime
    source: str
    name: str
    principal: str
    is_from_console: bool = False
    is_read_only: bool = False


# (account, region) -> events, in any order.
EVENTS: Final[dict[tuple[str, str], list[Event]]] = {}


@answers("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> Result:
    """The newest first; of attributes only ReadOnly is known."""
    wanted = {a["AttributeKey"]: a["AttributeValue"] for a in _attributes(call)}
    if wanted.keys() - {"ReadOnly"}:
        raise AwsError("InvalidLookupAttributesException", "The simulation knows ReadOnly.", 400)
    start, end = _time(call, "StartTime"), _time(call, "EndTime")
    found = [
        event
        for event in EVENTS.get((call.account, call.region), [])
        if wanted.get("ReadOnly") in (None, str(event.is_read_only).lower())
        and (start is None or event.at.timestamp() >= start)
        and (end is None or event.at.timestamp() <= end)
    ]
    newest = sorted(found, key=lambda event: event.at, reverse=True)
    return PAGES.page(call, "Events", [_described(call, event) for event in newest])


def _attributes(call: Call) -> list[dict[str, str]]:
    return list(call.parameters.get("LookupAttributes") or ())


def _time(call: Call, name: str) -> float | None:
    at = call.parameters.get(name)
    if isinstance(at, datetime):
        return at.timestamp()
    return None if at is None else float(at)


def _described(call: Call, event: Event) -> dict[str, Any]:
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}{event.at}{event.name}")
    record = {
        "eventVersion": "1.11",
        "eventID": str(number),
        "eventTime": f"{event.at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": call.region,
        "readOnly": event.is_read_only,
        "recipientAccountId": call.account,
        "userIdentity": {"type": "AssumedRole", "arn": event.principal},
    }
    if event.is_from_console:
        record["sessionCredentialFromConsole"] = "true"
    return {
        "EventId": str(number),
        "EventName": event.name,
        "EventTime": event.at,
        "EventSource": event.source,
        "ReadOnly": str(event.is_read_only).lower(),
        "Username": event.principal.rpartition("/")[2],
        "CloudTrailEvent": json.dumps(record),
    }
