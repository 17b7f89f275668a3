"""Scanner checks that were seen, with the items they belong to and their open findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from inventory.access import Anyone
from inventory.models import Account
from roadmap.models import Finding, ScannerCheck
from roadmap.queries.counts import within
from roadmap.registry import Item, items
from roadmap.scanner_checks import declared


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


def seen_checks(
    *, text: str = "", tool: str = "", unmapped: bool = False, hidden: Collection[str] = ()
) -> QuerySet[ScannerCheck]:
    """Checks that have every word of the text in their id or title; without those that belong to
    items whose details the reader may not see."""
    found = ScannerCheck.objects.exclude(_of(hidden)) if hidden else ScannerCheck.objects.all()
    for word in text.replace("\0", "").split():
        found = found.filter(Q(check_id__icontains=word) | Q(title__icontains=word))
    if tool:
        found = found.filter(tool=tool)
    if unmapped:
        found = found.filter(item="").exclude(_of(items()))
    return found


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
    catalogue, by_item = items(), declared()
    counts = _open(checks, user)
    found = []
    for check in checks:
        key = check.tool, check.check_id
        keys = [check.item] if check.item else by_item.get(key, ())
        belongs = [catalogue[item] for item in keys if item in catalogue]
        found.append(SeenCheck(check, belongs, counts.get(key, 0)))
    return found


def _open(checks: Sequence[ScannerCheck], user: Anyone) -> Mapping[tuple[str, str], int]:
    of_tools: dict[str, list[str]] = defaultdict(list)
    for check in checks:
        of_tools[check.tool].append(check.check_id)
    found = {}
    for tool, codes in of_tools.items():
        rows = Finding.objects.filter(
            source=tool, item="", code__in=codes, state=Finding.State.OPEN
        )
        rows = within(rows, Account.objects.visible_to(user)).order_by()
        for code, number in rows.values_list("code").annotate(Count("pk")):
            found[tool, code] = number
    return found
