"""What EventBridge's patterns match, by the operators its user guide lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws
from simulated_aws.event_patterns import InvalidPattern, matches, parse

EVENT = {
    "id": "1",
    "source": "aws.guardduty",
    "account": "111122223333",
    "time": "2026-11-24T09:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1"],
    "detail-type": "GuardDuty Finding",
    "detail": {
        "severity": 8,
        "type": "Backdoor:EC2/C&CActivity.B",
        "archived": False,
        "ip": "203.0.113.7",
        "note": None,
        "empty": "",
        "path": "a*b/c",
        "tags": ["blue", "green"],
        "findings": [
            {"Label": "LOW", "Status": "NEW"},
            {"Label": "HIGH", "Status": "RESOLVED"},
        ],
    },
}


def detail(**wanted: Any) -> dict[str, Any]:
    return {"detail": wanted}


CASES = {
    "a value": ({"source": ["aws.guardduty"]}, True),
    "another value": ({"source": ["aws.ec2"]}, False),
    "any of several": ({"source": ["aws.ec2", "aws.guardduty"]}, True),
    "all fields": ({"source": ["aws.guardduty"], "region": ["eu-west-1"]}, False),
    "a field that is not there": (detail(colour=["red"]), False),
    "a field of no object": ({"source": {"deeper": ["x"]}}, False),
    "an object where a value is wanted": ({"detail": ["x"]}, False),
    "an element of a list": (detail(tags=["green"]), True),
    "no element of a list": (detail(tags=["red"]), False),
    "an object in a list": (detail(findings={"Label": ["HIGH"]}), True),
    "one object as a whole": (detail(findings={"Label": ["HIGH"], "Status": ["NEW"]}), False),
    "a number": (detail(severity=[8.0]), True),
    "a number is no text": (detail(severity=["8"]), False),
    "false": (detail(archived=[False]), True),
    "false is not zero": (detail(archived=[0]), False),
    "null": (detail(note=[None]), True),
    "the empty text": (detail(empty=[""]), True),
    "prefix": (detail(type=[{"prefix": "Backdoor:"}]), True),
    "another prefix": (detail(type=[{"prefix": "backdoor:"}]), False),
    "prefix in any case": (detail(type=[{"prefix": {"equals-ignore-case": "backdoor:"}}]), True),
    "suffix": (detail(type=[{"suffix": ".B"}]), True),
    "another suffix": (detail(type=[{"suffix": ".C"}]), False),
    "suffix in any case": (detail(type=[{"suffix": {"equals-ignore-case": ".b"}}]), True),
    "ignoring case": ({"source": [{"equals-ignore-case": "AWS.GuardDuty"}]}, True),
    "wildcard": (detail(type=[{"wildcard": "Backdoor:*/*.B"}]), True),
    "another wildcard": (detail(type=[{"wildcard": "Backdoor:*/*.C"}]), False),
    "a literal star": (detail(path=[{"wildcard": "a\\*b/*"}]), True),
    "a literal star elsewhere": (detail(type=[{"wildcard": "\\*"}]), False),
    "numeric": (detail(severity=[{"numeric": [">=", 7]}]), True),
    "a numeric range": (detail(severity=[{"numeric": [">", 8, "<", 9]}]), False),
    "numeric of a text": (detail(type=[{"numeric": [">", 0]}]), False),
    "cidr": (detail(ip=[{"cidr": "203.0.113.0/24"}]), True),
    "another cidr": (detail(ip=[{"cidr": "10.0.0.0/8"}]), False),
    "cidr of a text": (detail(type=[{"cidr": "10.0.0.0/8"}]), False),
    "exists": (detail(severity=[{"exists": True}]), True),
    "exists, and is not there": (detail(colour=[{"exists": True}]), False),
    "does not exist": (detail(colour=[{"exists": False}]), True),
    "does not exist, and is there": (detail(severity=[{"exists": False}]), False),
    "an object is no value that exists": ({"detail": [{"exists": True}]}, False),
    "anything but": (detail(severity=[{"anything-but": 5}]), True),
    "anything but this": (detail(severity=[{"anything-but": [8, 9]}]), False),
    "anything but, of nothing": (detail(colour=[{"anything-but": "red"}]), False),
    "anything but a prefix": (detail(type=[{"anything-but": {"prefix": "Backdoor"}}]), False),
    "anything but a suffix": (detail(type=[{"anything-but": {"suffix": [".C", ".D"]}}]), True),
    "anything but in any case": (
        {"source": [{"anything-but": {"equals-ignore-case": ["AWS.GUARDDUTY"]}}]},
        False,
    ),
    "anything but a wildcard": (detail(type=[{"anything-but": {"wildcard": "*EC2*"}}]), False),
    "or": ({"$or": [{"source": ["aws.ec2"]}, {"region": ["us-east-1"]}]}, True),
    "neither": ({"$or": [{"source": ["aws.ec2"]}, {"region": ["eu-west-1"]}]}, False),
    "or beside a field": (
        {"source": ["aws.ec2"], "$or": [{"region": ["us-east-1"]}, {"region": ["x"]}]},
        False,
    ),
    "or within": (
        detail(**{"$or": [{"severity": [{"numeric": [">", 8]}]}, {"archived": [False]}]}),
        True,
    ),
}


@pytest.mark.parametrize(("pattern", "is_match"), CASES.values(), ids=CASES)
def test_operators_match_as_the_user_guide_says(pattern: Any, is_match: bool) -> None:
    assert matches(parse(json.dumps(pattern)), EVENT) is is_match


INVALID = {
    "no JSON": "{",
    "no object": "[]",
    "an empty pattern": "{}",
    "a bare value": '{"source": "aws.ec2"}',
    "an empty list": '{"source": []}',
    "an empty object": '{"detail": {}}',
    "a list in a list": '{"source": [["aws.ec2"]]}',
    "an unknown operator": '{"source": [{"contains": "ec2"}]}',
    "two operators": '{"source": [{"prefix": "a", "suffix": "b"}]}',
    "or with one": '{"$or": [{"source": ["a"]}]}',
    "a prefix of no text": '{"source": [{"prefix": 1}]}',
    "numeric without a number": '{"x": [{"numeric": [">", "1"]}]}',
    "numeric without a pair": '{"x": [{"numeric": [">"]}]}',
    "exists maybe": '{"x": [{"exists": "maybe"}]}',
    "a malformed cidr": '{"x": [{"cidr": "everywhere"}]}',
    "anything but a number range": '{"x": [{"anything-but": {"numeric": [">", 1]}}]}',
    "anything but nothing": '{"x": [{"anything-but": []}]}',
}


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern):
        parse(text)


def test_it_is_answered_over_http(demo: SimulatedAws) -> None:
    events = demo.client("events")
    event = json.dumps(EVENT)
    for region, is_match in (("us-east-1", True), ("eu-west-1", False)):
        pattern = json.dumps({"region": [region]})
        assert events.test_event_pattern(EventPattern=pattern, Event=event)["Result"] is is_match
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        events.test_event_pattern(EventPattern="{}", Event=event)
    with pytest.raises(ClientError, match="ValidationException"):
        events.test_event_pattern(EventPattern='{"source": ["a"]}', Event='{"source": "a"}')
