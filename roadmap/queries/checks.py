"""Scanner checks that were seen, with the items they belong to and their open findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from inventory.access import Anyone
from inventory.models import Account
from roadmap.decided import is_open
from roadmap.models import Finding, ScannerCheck
from roadmap.queries.counts import within
from roadmap.registry import Item, items
from roadmap.restricted import hidden_from
from roadmap.scanner_checks import declared
from roadmap.scans import CheckKey


@dataclass(frozen=True)
class Shown:
    """Which checks are listed, as an address says it: with these words, of a tool, of no item."""

    text: str = ""
    tool: str = ""
    unmapped: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        return cls(
            query.get("find", "").strip()[:200],
            query.get("tool", ""),
            query.get("show") == "unmapped",
        )

    @property
    def parameters(self) -> dict[str, str]:
        given = {"find": self.text, "tool": self.tool, "show": "unmapped" if self.unmapped else ""}
        return {name: value for name, value in given.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    def checks(self, user: Anyone) -> QuerySet[ScannerCheck]:
        """Without those of items whose details the reader may not see."""
        hidden = hidden_from(user)
        found = ScannerCheck.objects.exclude(_of(hidden)) if hidden else ScannerCheck.objects.all()
        for word in self.text.replace("\0", "").split():
            found = found.filter(Q(check_id__icontains=word) | Q(title__icontains=word))
        if self.tool:
            found = found.filter(tool=self.tool)
        if self.unmapped:
            found = found.filter(item="").exclude(_of(items()))
        return found


@dataclass(frozen=True)
class SeenCheck:
    """``belongs`` are its items in the order of the roadmap; ``open`` its open findings in accounts
    that the reader may see."""

    check: ScannerCheck
    belongs: Sequence[Item]
    open: int

    @property
    def is_moved(self) -> bool:
        return self.check.item != ""


def _of(keys: Collection[str]) -> Q:
    """Checks that belong to one of these items."""
    of_tools: dict[str, list[str]] = defaultdict(list)
    for (tool, check), belongs in declared().items():
        if any(item in keys for item in belongs):
            of_tools[tool].append(check)
    chosen = Q(item__in=list(keys))
    for tool, checks in of_tools.items():
        chosen |= Q(item="", tool=tool, check_id__in=checks)
    return chosen


def with_findings(checks: Sequence[ScannerCheck], user: Anyone) -> list[SeenCheck]:
    """One query a tool."""
    by_item, counts = declared(), _open(checks, user)
    return [
        SeenCheck(check, _belongs(check, by_item), counts.get((check.tool, check.check_id), 0))
        for check in checks
    ]


def as_moved(seen: SeenCheck, item: str) -> SeenCheck:
    """As it would be at an item, or with an empty one where the items declare it."""
    check = ScannerCheck(tool=seen.check.tool, check_id=seen.check.check_id, item=item)
    return SeenCheck(check, _belongs(check, declared()), seen.open)


def _belongs(check: ScannerCheck, by_item: Mapping[CheckKey, Sequence[str]]) -> list[Item]:
    keys = [check.item] if check.item else by_item.get((check.tool, check.check_id), ())
    catalogue = items()
    return [catalogue[key] for key in keys if key in catalogue]


def _open(checks: Sequence[ScannerCheck], user: Anyone) -> Mapping[tuple[str, str], int]:
    of_tools: dict[str, list[str]] = defaultdict(list)
    for check in checks:
        of_tools[check.tool].append(check.check_id)
    found = {}
    for tool, codes in of_tools.items():
        rows = Finding.objects.filter(is_open(), source=tool, item="", code__in=codes)
        rows = within(rows, Account.objects.visible_to(user)).order_by()
        for code, number in rows.values_list("code").annotate(Count("pk")):
            found[tool, code] = number
    return found
