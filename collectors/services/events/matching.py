"""Which patterns match an event, told by EventBridge itself and in few calls.

EventBridge tests one pattern a call. Several joined by ``$or`` are one pattern too, so all of an
account's patterns are tested together, and apart only where one of them matches.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from collectors.registry import Operation

if TYPE_CHECKING:
    from collectors.aws import Aws

TEST_EVENT_PATTERN = Operation("events", "test_event_pattern", "events:TestEventPattern")

LONGEST_PATTERN = 4096  # characters
# How EventBridge refuses a pattern; one joined of many may be too complex for it.
REFUSED = ("InvalidEventPatternException", "ValidationException")


def matching(aws: Aws, patterns: Sequence[str], event: Mapping[str, Any]) -> set[str]:
    """Those of the patterns, each there once, that match the event. Raises Missing."""
    return set(_matching(aws, list(patterns), json.dumps(event)))


def _matching(aws: Aws, patterns: Sequence[str], event: str) -> Sequence[str]:
    if not patterns:
        return ()
    if len(patterns) == 1:
        told = aws.call(TEST_EVENT_PATTERN, EventPattern=patterns[0], Event=event)
        return patterns if (told or {}).get("Result") is True else ()
    joined = f'{{"$or":[{",".join(patterns)}]}}'
    if len(joined) <= LONGEST_PATTERN:
        told = aws.call(TEST_EVENT_PATTERN, absent=REFUSED, EventPattern=joined, Event=event)
        if told is not None and told.get("Result") is not True:
            return ()
    half = len(patterns) // 2
    return [
        *_matching(aws, patterns[:half], event),
        *_matching(aws, patterns[half:], event),
    ]
