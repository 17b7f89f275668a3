"""Changes that people made in the AWS console, from CloudTrail's event history. Pure.

A record says that its credentials came from the console; what was changed, and to what, is not
kept. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

# Of the resources that are looked for in code: networks, roles, functions, databases, buckets.
CORE_SOURCES = frozenset(
    f"{service}.amazonaws.com" for service in ("ec2", "iam", "lambda", "rds", "s3")
)
KEPT_AT_MOST = 200
NOBODY = "unknown"


@dataclass(frozen=True)
class ConsoleWrite:
    """What one principal (an ARN) changed on one day, in UTC."""

    principal: str
    day: date
    count: int = 0


@dataclass(frozen=True)
class ConsoleWrites:
    """A sample of the days before it was taken. ``count`` are all changes from the console in it,
    ``writes`` the most frequent; ``is_cut`` where there were more events than were read."""

    days: int = 0
    events: int = 0
    is_cut: bool = False
    count: int = 0
    writes: tuple[ConsoleWrite, ...] = ()


def transform_console_writes(answer: Mapping[str, Any]) -> ConsoleWrites:
    counts: dict[tuple[str, date], int] = {}
    for key in _console_writes(answer["events"]):
        counts[key] = counts.get(key, 0) + 1
    frequent = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ConsoleWrites(
        days=answer["days"],
        events=len(answer["events"]),
        is_cut=answer["is_cut"],
        count=sum(counts.values()),
        writes=tuple(ConsoleWrite(*key, count) for key, count in frequent[:KEPT_AT_MOST]),
    )


def _console_writes(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, date]]:
    """Principal and day of each change that succeeded."""
    for event in events:
        record = _record(event)
        is_write = (
            record.get("sessionCredentialFromConsole") in ("true", True)
            and record.get("eventSource") in CORE_SOURCES
            and record.get("readOnly") is not True
            and not record.get("errorCode")
        )
        day = _day(event, record)
        if is_write and day:
            yield (record.get("userIdentity") or {}).get("arn") or NOBODY, day


def _record(event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        record = json.loads(event.get("CloudTrailEvent") or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _day(event: Mapping[str, Any], record: Mapping[str, Any]) -> date | None:
    at = event.get("EventTime")
    if isinstance(at, datetime):
        return at.astimezone(UTC).date()
    try:
        return datetime.fromisoformat(record.get("eventTime") or "").date()
    except ValueError:
        return None
