"""What facts keep of a resource's tags: every key, and the values of those keys that settings ask
about. Pure.

Keys are no secret, values may be. A setting that names another key is judged at once by the keys;
only what hangs on a value that was not kept waits for the next collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Tags:
    """``values`` are pairs of key and value."""

    keys: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def value(self, key: str) -> str | None:
        """None where the key is not there, or its value was not kept."""
        return dict(self.values).get(key)

    def carry(self, wanted: str) -> bool | None:
        """``wanted`` is ``key=value``, or a key alone for any value; None where that is not
        known."""
        key, value = parted(wanted)
        if not key or key not in self.keys:
            return False
        kept = self.value(key)
        if not value:
            return True
        return None if kept is None else kept == value


def parted(wanted: str) -> tuple[str, str]:
    """Key and value of ``key=value``; the value is empty where any will do."""
    key, _, value = wanted.partition("=")
    return key, value


def kept(told: Iterable[Mapping[str, Any]] | None, asked: Collection[str]) -> Tags:
    """``told`` is AWS's list of ``Key`` and ``Value``; ``asked`` are keys."""
    tags = {tag["Key"]: tag.get("Value") or "" for tag in told or () if tag.get("Key")}
    return Tags(
        tuple(sorted(tags)),
        tuple((key, value) for key, value in sorted(tags.items()) if key in asked),
    )
