"""CloudWatch Logs' filter patterns: whether one selects a record of CloudTrail. Pure.

Patterns on JSON and those of plain terms are read; those of space-delimited fields are not, since
CloudTrail writes JSON.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Test = Callable[[Record], bool]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.[\w@:-]+|\[[^\]]*\])+)
      | (?P<text>"(?:\\.|[^"\\])*")
      | (?P<regex>%[^%]*%)
      | (?P<sign>&&|\|\||!=|<=|>=|=|<|>|\(|\))
      | (?P<word>[^\s()=!<>&|"]+)
    )""",
    re.VERBOSE,
)
TERM = re.compile(
    r'(?P<sign>[?-]?)(?:"(?P<text>(?:\\.|[^"\\])*)"|%(?P<regex>[^%]*)%|(?P<word>\S+))'
)
STEP = re.compile(r"\.([\w@:-]+)|\[\s*(?:\"([^\"]*)\"|'([^']*)'|(\d+)|(\*))\s*\]")
NUMERIC: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}


class NotUnderstood(ValueError):
    """The pattern is of a kind that is not read here, or none at all."""


def selects(pattern: str, record: Record) -> bool | None:
    """Whether the pattern selects the record; None for one that is not understood."""
    try:
        return _test(pattern.strip())(record)
    except (NotUnderstood, re.error):
        return None


def _test(pattern: str) -> Test:
    if pattern.startswith("[") and pattern.endswith("]"):
        raise NotUnderstood(pattern)
    if pattern.startswith("{") and pattern.endswith("}"):
        return _Expression(_tokens(pattern[1:-1])).whole()
    return _terms(pattern)


def _terms(pattern: str) -> Test:
    """All plain terms, none with a minus, and one of those with a question mark."""
    asked: dict[str, list[Test]] = {"": [], "-": [], "?": []}
    for found in TERM.finditer(pattern):
        asked[found["sign"]].append(_contains(found))

    def test(record: Record) -> bool:
        return (
            all(one(record) for one in asked[""])
            and not any(one(record) for one in asked["-"])
            and (not asked["?"] or any(one(record) for one in asked["?"]))
        )

    return test


def _contains(found: re.Match[str]) -> Test:
    if found["regex"] is not None:
        expression = re.compile(found["regex"])
        return lambda record: bool(expression.search(_line(record)))
    wanted = found["word"] or found["text"]
    return lambda record: wanted in _line(record)


def _line(record: Record) -> str:
    return json.dumps(record, separators=(",", ":"))


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token. Raises NotUnderstood."""
    found = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            raise NotUnderstood(text)
        kind = str(token.lastgroup)
        found.append((kind, token[kind]))
        at = token.end()
    return found


class _Expression:
    """Reads a JSON pattern's tokens from the left; ``and`` binds more than ``or``."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Test:
        test = self._any()
        if self._at != len(self._tokens):
            raise NotUnderstood("something follows the expression")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("||"):
            tests.append(self._all())
        return lambda record: any(test(record) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._takes("&&"):
            tests.append(self._one())
        return lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self._takes("("):
            test = self._any()
            if not self._takes(")"):
                raise NotUnderstood("a bracket is not closed")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        path = _path(self._next("selector"))
        kind, sign = self._peek()
        if kind == "word":
            return self._by_words(path)
        self._next("sign")
        kind, wanted = self._peek()
        self._at += 1
        return _compared(path, sign, kind, wanted)

    def _by_words(self, path: Sequence[str]) -> Test:
        words = [self._next("word").upper(), self._next("word").upper()]
        if words == ["NOT", "EXISTS"]:
            return lambda record: not _values(record, path)
        if words[0] == "IS" and words[1] in CONSTANTS:
            wanted = CONSTANTS[words[1]]
            return lambda record: any(value is wanted for value in _values(record, path))
        raise NotUnderstood(" ".join(words))

    def _peek(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise NotUnderstood("the pattern ends too early")
        return self._tokens[self._at]

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise NotUnderstood(f"{text} where a {kind} is wanted")
        self._at += 1
        return text

    def _takes(self, sign: str) -> bool:
        is_next = self._tokens[self._at : self._at + 1] == [("sign", sign)]
        self._at += is_next
        return is_next


def _path(selector: str) -> list[str]:
    steps = STEP.findall(selector)
    if "".join(match[0] for match in STEP.finditer(selector)) != selector[1:]:
        raise NotUnderstood(selector)
    return [next(part for part in step if part) for step in steps]


def _values(record: Any, path: Sequence[str]) -> list[Any]:
    """What the path leads to: nothing, one value, or several by way of a list."""
    if not path:
        return [record]
    step, rest = path[0], path[1:]
    if isinstance(record, list):
        chosen = record if step == "*" else record[int(step) :][:1] if step.isdigit() else []
        return [value for one in chosen for value in _values(one, rest)]
    if isinstance(record, Mapping) and step in record:
        return _values(record[step], rest)
    return []


def _compared(path: Sequence[str], sign: str, kind: str, wanted: str) -> Test:
    """A field that is not there compares with nothing."""
    if sign in NUMERIC:
        limit = _number(wanted)
        return lambda record: any(
            isinstance(value, int | float) and NUMERIC[sign](value, limit)
            for value in _values(record, path)
        )
    if sign not in ("=", "!="):
        raise NotUnderstood(sign)
    equals = _equals(kind, wanted)
    is_wanted = sign == "="
    return lambda record: any(equals(value) is is_wanted for value in _values(record, path))


def _equals(kind: str, wanted: str) -> Callable[[Any], bool]:
    if kind == "regex":
        expression = re.compile(wanted[1:-1])
        return lambda value: isinstance(value, str) and bool(expression.search(value))
    if kind not in ("text", "word"):
        raise NotUnderstood(wanted)
    text = re.sub(r"\\(.)", r"\1", wanted[1:-1]) if kind == "text" else wanted
    glob = re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)

    def test(value: Any) -> bool:
        if isinstance(value, bool):
            return text.lower() == str(value).lower()
        if isinstance(value, int | float):
            return text == f"{value:g}"
        return isinstance(value, str) and bool(glob.fullmatch(value))

    return test


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise NotUnderstood(text) from error
