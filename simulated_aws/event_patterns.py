"""EventBridge's event patterns: whether one matches an event. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Json = Any
Test = Callable[[Json], bool]

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
ABSENT: Final = object()


class InvalidPattern(ValueError):
    """The pattern is not one that EventBridge accepts."""


def parse(text: str) -> Mapping[str, Json]:
    """The pattern as an object. Raises InvalidPattern."""
    try:
        pattern = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidPattern(f"Event pattern is not valid. Reason: {error}") from error
    _check(pattern)
    return dict(pattern)


def _check(pattern: Json) -> None:
    if not isinstance(pattern, dict) or not pattern:
        raise InvalidPattern("Event pattern is not valid. Reason: Filter is not an object")
    for name, wanted in pattern.items():
        if name == "$or":
            if not isinstance(wanted, list) or len(wanted) < 2:
                raise InvalidPattern("Event pattern is not valid. Reason: $or wants two objects")
            for alternative in wanted:
                _check(alternative)
        elif isinstance(wanted, dict):
            _check(wanted)
        elif isinstance(wanted, list) and wanted:
            for one in wanted:
                _test_of(one)
        else:
            reason = f'"{name}" must be an object or an array'
            raise InvalidPattern(f"Event pattern is not valid. Reason: {reason}")


def matches(pattern: Mapping[str, Json], event: Json) -> bool:
    """Every field of the pattern must match. Of a list of objects one has to match as a whole."""
    if isinstance(event, list):
        return any(matches(pattern, one) for one in event)
    node = event if isinstance(event, dict) else {}
    return all(_matches_field(name, wanted, node) for name, wanted in pattern.items())


def _matches_field(name: str, wanted: Json, node: Mapping[str, Json]) -> bool:
    if name == "$or":
        return any(matches(alternative, node) for alternative in wanted)
    value = node.get(name, ABSENT)
    if isinstance(wanted, dict):
        return matches(wanted, value)
    return any(_matches_leaf(one, value) for one in wanted)


def _matches_leaf(wanted: Json, value: Json) -> bool:
    if isinstance(wanted, dict) and "exists" in wanted:
        is_there = value is not ABSENT and not isinstance(value, dict)
        return is_there is wanted["exists"]
    if value is ABSENT or isinstance(value, dict):
        return False
    test = _test_of(wanted)
    return any(test(one) for one in (value if isinstance(value, list) else [value]))


def _test_of(wanted: Json) -> Test:
    """What a value is tested for. Raises InvalidPattern for operators nobody knows."""
    if isinstance(wanted, list):
        raise InvalidPattern("Event pattern is not valid. Reason: an array in an array")
    if not isinstance(wanted, dict):
        return lambda value: _equal(value, wanted)
    if len(wanted) != 1:
        raise InvalidPattern("Event pattern is not valid. Reason: one operator only")
    ((name, operand),) = wanted.items()
    if name not in OPERATORS:
        raise InvalidPattern(f"Event pattern is not valid. Reason: Unrecognized match type {name}")
    return OPERATORS[name](operand)


def _equal(value: Json, wanted: Json) -> bool:
    """Numbers by value; and True is no 1."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)


def _exists(operand: Json) -> Test:
    if not isinstance(operand, bool):
        raise InvalidPattern("Event pattern is not valid. Reason: exists is true or false")
    return lambda value: operand


def _text(test: Callable[[str, str], bool]) -> Callable[[Json], Test]:
    """An operator on strings; its operand may ask to ignore case."""

    def of(operand: Json) -> Test:
        if isinstance(operand, dict) and operand.keys() == {"equals-ignore-case"}:
            asked = _string(operand["equals-ignore-case"]).lower()
            return lambda value: isinstance(value, str) and test(value.lower(), asked)
        asked = _string(operand)
        return lambda value: isinstance(value, str) and test(value, asked)

    return of


def _string(operand: Json) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern("Event pattern is not valid. Reason: the operator wants a string")
    return operand


def _ignoring_case(operand: Json) -> Test:
    asked = _string(operand).lower()
    return lambda value: isinstance(value, str) and value.lower() == asked


def _wildcard(operand: Json) -> Test:
    """``*`` is any number of characters; a backslash takes its meaning away."""
    parts = re.findall(r"\\.|[^\\]", _string(operand), re.DOTALL)
    regex = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    return lambda value: isinstance(value, str) and bool(re.fullmatch(regex, value, re.DOTALL))


def _numeric(operand: Json) -> Test:
    if not isinstance(operand, list) or not operand or len(operand) % 2:
        raise InvalidPattern("Event pattern is not valid. Reason: numeric wants pairs")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    if not all(sign in COMPARISONS and _is_number(limit) for sign, limit in pairs):
        raise InvalidPattern("Event pattern is not valid. Reason: Bad value in numeric match")
    return lambda value: (
        _is_number(value) and all(COMPARISONS[sign](value, limit) for sign, limit in pairs)
    )


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cidr(operand: Json) -> Test:
    try:
        network = ipaddress.ip_network(_string(operand), strict=False)
    except ValueError as error:
        raise InvalidPattern("Event pattern is not valid. Reason: Malformed CIDR") from error

    def test(value: Json) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except (ValueError, TypeError):
            return False

    return test


def _anything_but(operand: Json) -> Test:
    if isinstance(operand, dict):
        ((name, of_it),) = operand.items() if len(operand) == 1 else (("", None),)
        if name not in NEGATED:
            raise InvalidPattern("Event pattern is not valid. Reason: Unsupported anything-but")
        tests = [OPERATORS[name](one) for one in (of_it if isinstance(of_it, list) else [of_it])]
    else:
        wanted = operand if isinstance(operand, list) else [operand]
        if not wanted or any(isinstance(one, dict | list) for one in wanted):
            raise InvalidPattern("Event pattern is not valid. Reason: Unsupported anything-but")
        tests = [_test_of(one) for one in wanted]
    return lambda value: not any(test(value) for test in tests)


NEGATED: Final = ("prefix", "suffix", "equals-ignore-case", "wildcard")
OPERATORS: Final[Mapping[str, Callable[[Json], Test]]] = {
    "exists": _exists,
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
