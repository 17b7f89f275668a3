"""To which items a scanner's check belongs: where a person put it, or as the items declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from roadmap.models import ScannerCheck
from roadmap.registry import items
from roadmap.scans import CheckKey


def declared() -> Mapping[CheckKey, Sequence[str]]:
    """Check → items, in the order of the roadmap."""
    found: dict[CheckKey, list[str]] = defaultdict(list)
    for key, item in items().items():
        for tool, checks in item.imports.items():
            for check in checks:
                found[tool, check].append(key)
    return found


def mapped() -> dict[CheckKey, Sequence[str]]:
    """What the items declare, and in its place what people said. One query."""
    found = dict(declared())
    for tool, check, item in ScannerCheck.objects.exclude(item="").values_list(
        "tool", "check_id", "item"
    ):
        found[tool, check] = [item]
    return found


def checks_by_item() -> dict[str, frozenset[CheckKey]]:
    """Item → its checks. One query."""
    found: dict[str, set[CheckKey]] = defaultdict(set)
    for check, belongs in mapped().items():
        for item in belongs:
            found[item].add(check)
    return {item: frozenset(checks) for item, checks in found.items()}
