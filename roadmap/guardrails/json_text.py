"""JSON with the line that each value stands on, so that a refusal can say where. Pure.

Stricter than ``json``: a key that occurs twice in an object is refused, as are NaN and Infinity,
because IAM refuses them and a silent choice between two values would be a wrong answer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import Any

DEEPEST = 32  # A policy nests six levels; more is no policy, and recursion has an end.

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
# Half of a pair of surrogates is no character, and terminals obey control characters.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# How json's messages about strings begin, and what is said instead.
_ABOUT_STRINGS = {
    "Unterminated": "A text has no closing double quote.",
    "Invalid control": "A text has a line break or tab in it: write \\n or \\t.",
}

Path = tuple[str | int, ...]


class NotJson(Exception):
    """``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass
class Reading:
    """``lines`` are path → line, for every key and every value in a list."""

    text: str
    lines: dict[Path, int] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)

    def line_at(self, position: int) -> int:
        if not self._starts:
            self._starts = [0, *(m.end() for m in re.finditer("\n", self.text))]
        return bisect_right(self._starts, position)

    def refuse(self, message: str, position: int) -> NotJson:
        return NotJson(message, self.line_at(position))


def read_json(text: str) -> tuple[Any, dict[Path, int]]:
    """The value and the line of every part of it. Raises NotJson."""
    reading = Reading(text, {(): 1})
    position = _skip(text, 0)
    if position == len(text):
        raise reading.refuse("The text is empty.", 0)
    value, position = _value(reading, position, ())
    position = _skip(text, position)
    if position != len(text):
        raise _unexpected(reading, position, "There is more after the end of the document")
    return value, reading.lines


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _value(reading: Reading, position: int, path: Path) -> tuple[Any, int]:
    text = reading.text
    if len(path) > DEEPEST:
        raise reading.refuse("It is nested too deeply for a policy.", position)
    first = text[position : position + 1]
    if first == "{":
        return _object(reading, position + 1, path)
    if first == "[":
        return _array(reading, position + 1, path)
    if first == '"':
        return _string(reading, position)
    for word, value in _WORDS.items():
        if text.startswith(word, position):
            return value, position + len(word)
    number = _NUMBER.match(text, position)
    if number:
        return _as_number(reading, number.group(), position), number.end()
    raise _unexpected(reading, position, "A value is missing")


def _as_number(reading: Reading, digits: str, position: int) -> int | float:
    if len(digits) > 40:
        raise reading.refuse("A number has too many digits.", position)
    return int(digits) if digits.lstrip("-").isdigit() else float(digits)


def _string(reading: Reading, position: int) -> tuple[str, int]:
    try:
        value, end = scanstring(reading.text, position + 1, True)
    except JSONDecodeError as error:
        said = (told for begin, told in _ABOUT_STRINGS.items() if error.msg.startswith(begin))
        raise reading.refuse(next(said, f"{error.msg}."), error.pos) from None
    if found := _NO_TEXT.search(value):
        message = f"A text holds the character U+{ord(found.group()):04X}, which no policy may."
        raise reading.refuse(message, position)
    return value, end


def _object(reading: Reading, position: int, path: Path) -> tuple[dict[str, Any], int]:
    text = reading.text
    found: dict[str, Any] = {}
    position = _skip(text, position)
    if text[position : position + 1] == "}":
        return found, position + 1
    while True:
        if text[position : position + 1] != '"':
            raise _unexpected(reading, position, "A key in double quotes is missing")
        start = position
        key, position = _string(reading, position)
        if key in found:
            raise reading.refuse(f"The key {key[:60]} occurs twice.", start)
        reading.lines[*path, key] = reading.line_at(start)
        position = _skip(text, position)
        if text[position : position + 1] != ":":
            raise _unexpected(reading, position, "A colon is missing")
        found[key], position = _value(reading, _skip(text, position + 1), (*path, key))
        position = _skip(text, position)
        if text[position : position + 1] == "}":
            return found, position + 1
        if text[position : position + 1] != ",":
            raise _unexpected(reading, position, "A comma or closing brace is missing")
        position = _after_comma(reading, position, "}")


def _array(reading: Reading, position: int, path: Path) -> tuple[list[Any], int]:
    text = reading.text
    found: list[Any] = []
    position = _skip(text, position)
    if text[position : position + 1] == "]":
        return found, position + 1
    while True:
        here = (*path, len(found))
        reading.lines[here] = reading.line_at(position)
        value, position = _value(reading, position, here)
        found.append(value)
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return found, position + 1
        if text[position : position + 1] != ",":
            raise _unexpected(reading, position, "A comma or closing bracket is missing")
        position = _after_comma(reading, position, "]")


def _after_comma(reading: Reading, comma: int, closing: str) -> int:
    position = _skip(reading.text, comma + 1)
    if reading.text.startswith(closing, position):
        raise reading.refuse(f"There is a comma too many before {closing}.", comma)
    return position


def _unexpected(reading: Reading, position: int, message: str) -> NotJson:
    found = reading.text[position : position + 2]
    if found in ("//", "/*") or found.startswith("#"):
        return reading.refuse(
            "There is a comment, which JSON does not allow: take it out.", position
        )
    return reading.refuse(f"{message}.", position)
