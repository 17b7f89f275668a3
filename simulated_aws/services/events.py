"""EventBridge: whether a pattern matches an event; buses, rules and targets are moto's."""

from __future__ import annotations

import json
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.event_patterns import InvalidPattern, matches, parse
from simulated_aws.wire import Call

LONGEST_PATTERN: Final = 4096
MANDATORY: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


@answers("events", "TestEventPattern")
def test_event_pattern(call: Call) -> Result:
    text = str(call.parameters["EventPattern"])
    if len(text) > LONGEST_PATTERN:
        raise AwsError("ValidationException", "EventPattern has more than 4096 characters.", 400)
    try:
        pattern = parse(text)
    except InvalidPattern as invalid:
        raise AwsError("InvalidEventPatternException", str(invalid), 400) from invalid
    return {"Result": matches(pattern, _event(str(call.parameters["Event"])))}


def _event(text: str) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except json.JSONDecodeError as error:
        raise AwsError("ValidationException", "Parameter Event is not valid.", 400) from error
    missing = [name for name in MANDATORY if not isinstance(event, dict) or name not in event]
    if missing:
        reason = f"Event must contain {', '.join(missing)}."
        raise AwsError(
            "ValidationException", f"Parameter Event is not valid. Reason: {reason}", 400
        )
    return dict(event)
