"""What a setting is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inventory.models import PolicySetting

Level = PolicySetting.Level
CLASS = frozenset({Level.CLASS, Level.ACCOUNT})
CLASS_AND_OU = CLASS | {Level.OU}


class Entry(StrEnum):
    """What one entry of a list, or the key of a mapping, is."""

    TEXT = "text"
    ACCOUNT = "account"
    DOMAIN = "domain"
    REGEX = "regex"
    PORT = "port"
    DAYS = "days"


@dataclass(frozen=True)
class Setting:
    """``items`` are the keys of the items that measure by it, none for what collecting uses.

    ``levels`` are the narrower levels at which it may be set besides organization and
    installation; ``strictest`` chooses among the values of several classes; ``by_class`` are
    defaults of single account classes. ``entry`` is what a list holds or a mapping is keyed by,
    ``choices`` are the only values, or for a mapping the only entries of its lists; ``highest`` is
    the largest number.
    """

    name: str
    default: Any
    help: str
    items: tuple[str, ...] = ()
    levels: frozenset[Level] = frozenset()
    strictest: Callable[[Collection[Any]], Any] = min
    by_class: Mapping[str, Any] = field(default_factory=dict)
    entry: Entry = Entry.TEXT
    choices: tuple[str, ...] = ()
    highest: int = 1_000_000

    @property
    def kind(self) -> type:
        return type(self.default)


def share(name: str, default: int, meaning: str, *items: str) -> Setting:
    """A percentage that good resources must reach: of several classes the highest counts."""
    return Setting(name, default, meaning, items, CLASS, max, highest=100)


def fewest(name: str, default: int, meaning: str, *items: str) -> Setting:
    """A limit that may not be passed: of several classes the lowest counts."""
    return Setting(name, default, meaning, items, CLASS, min)
