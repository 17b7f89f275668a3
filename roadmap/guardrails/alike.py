"""Which accounts policies cannot tell apart: one evaluation holds for all of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roadmap.guardrails.conditions import operator
from roadmap.guardrails.documents import Statement

ANY_ACCOUNT = "000000000000"
# Keys in whose values an account id occurs.
ID_KEYS = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:resourceaccount", "aws:userid"}
)

_IDS = re.compile(r"(?=(\d{12}))")  # in longer rows of digits, all that there may be
_DIGITS = re.compile(r"\d+")
# What stands beside digits that need not be all of an id: wildcards, and the edges of variables.
_BEFORE, _AFTER = frozenset("*?}'"), frozenset("*?$'")


@dataclass(frozen=True)
class Part:
    """Digits that a pattern has beside something that may match the rest of an id."""

    digits: str
    is_open_before: bool
    is_open_after: bool

    def may_be_of(self, account_id: str) -> bool:
        if self.is_open_before and self.is_open_after:
            return self.digits in account_id
        if self.is_open_after:
            return account_id.startswith(self.digits)
        return account_id.endswith(self.digits)


ANY_PART = Part("", is_open_before=True, is_open_after=True)


@dataclass(frozen=True)
class Named:
    """The account ids that policies name, and the parts of ids that their patterns may match."""

    ids: frozenset[str]
    parts: frozenset[Part]

    def stand_in(self, account_id: str) -> str:
        """An account whose answers hold for this one too."""
        is_told_apart = self._tells(account_id) or self._tells(ANY_ACCOUNT)
        return account_id if is_told_apart else ANY_ACCOUNT

    def _tells(self, account_id: str) -> bool:
        return account_id in self.ids or any(part.may_be_of(account_id) for part in self.parts)


def named_in(statements: Iterable[Statement]) -> Named:
    ids: set[str] = set()
    parts: set[Part] = set()
    for statement in statements:
        for text in statement.resources:
            ids.update(_IDS.findall(text))
            parts.update(_parts(text))
        for condition in statement.conditions:
            for value in condition.values:
                ids.update(_IDS.findall(value))
                if condition.key in ID_KEYS:
                    parts.update(_parts(value))
            if condition.key in ID_KEYS and operator(condition.operator).compares_size:
                parts.add(ANY_PART)
    return Named(frozenset(ids), frozenset(parts))


def _parts(text: str) -> Iterator[Part]:
    for found in _DIGITS.finditer(text):
        is_open_before = text[: found.start()][-1:] in _BEFORE
        is_open_after = text[found.end() :][:1] in _AFTER
        if is_open_before or is_open_after:
            yield Part(found.group(), is_open_before, is_open_after)
