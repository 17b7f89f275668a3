"""The beginning of a file, by which its format is recognised."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

HEAD_BYTES = 1024 * 1024
DELIMITERS = ";,"
# An object whose first list holds objects: {"Findings": [{, {"detail": {"findings": [{.
_NESTED = re.compile(r'"(\w+)"\s*:\s*\[\s*(?=\{)')
_DECODER = json.JSONDecoder()


class Head:
    """``data`` are the first bytes, all of a small file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def text(self) -> str:
        return self.data.decode("utf-8-sig", errors="replace").lstrip()

    @cached_property
    def line(self) -> str:
        return re.split(r"[\r\n]", self.text, maxsplit=1)[0]

    @cached_property
    def delimiter(self) -> str:
        return max(DELIMITERS, key=self.line.count)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The header of a CSV file; of any other file, whatever its first line holds."""
        if not self.line.strip() or self.line[0] in "[{<":
            return ()
        try:
            names = next(csv.reader([self.line], delimiter=self.delimiter))
        except csv.Error:
            return ()
        return tuple(name.strip() for name in names)

    @property
    def is_list(self) -> bool:
        return self.text.startswith("[")

    @property
    def prefix(self) -> str:
        """Where ijson finds the records: in a list, or one after the other."""
        return "item" if self.is_list else ""

    @cached_property
    def first(self) -> Mapping[str, Any]:
        """The first JSON object: the file's own, or that of its list. Empty where there is none,
        or where it is longer than the beginning."""
        return self._object_at(0) or self._object_at(self.text.find("{") if self.is_list else -1)

    @cached_property
    def nested(self) -> tuple[str, Mapping[str, Any]]:
        """(key, first object) of the first list of objects below the first object."""
        found = _NESTED.search(self.text) if self.text.startswith("{") else None
        return (found.group(1), self._object_at(found.end())) if found else ("", {})

    def _object_at(self, place: int) -> Mapping[str, Any]:
        if place < 0 or self.text[place : place + 1] != "{":
            return {}
        try:
            found, _ = _DECODER.raw_decode(self.text, place)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, Mapping) else {}
