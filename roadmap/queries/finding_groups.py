"""Findings counted by account, item, check or fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from inventory.filters import NONE
from inventory.models import Account
from roadmap.models import WEIGHTS, Finding
from roadmap.queries.findings import source_of
from roadmap.registry import items
from roadmap.scanner_checks import mapped
from roadmap.scans import CheckKey
from roadmap.verdicts import Severity

GROUPINGS = ("account", "item", "check", "fix")
COUNTS = ("total", "critical", "high")


@dataclass(frozen=True)
class Group:
    """``narrows`` are the filters that lead to its findings; ``about`` what it is, in a line."""

    label: str
    about: str
    narrows: Mapping[str, str]
    total: int
    critical: int
    high: int


@dataclass(frozen=True)
class GroupPage:
    """The largest groups first. ``repeated`` is how many more the numbers of all groups sum up to
    than there are findings, because some belong to several items."""

    groups: Sequence[Group]
    is_more: bool
    repeated: int = 0


Narrows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Head:
    """What makes a group one."""

    label: str
    about: str
    narrows: Narrows


def grouped(
    rows: QuerySet[Finding], by: str, start: int, size: int, only: Collection[str] = ()
) -> GroupPage:
    """Two queries. ``only`` are the items whose groups are asked for, where not all are."""
    if by == "account":
        return _by_account(rows, start, size)
    heads = {"check": _by_check, "item": _by_item, "fix": _by_fix}[by]
    return _folded(rows, heads(mapped(), only), start, size)


def _counted(rows: QuerySet[Finding], *by: str) -> QuerySet[Any, Any]:
    return (
        rows.order_by()
        .values_list(*by)
        .annotate(
            total=Count("*"),
            critical=Count("weight", filter=Q(weight=WEIGHTS[Severity.CRITICAL])),
            high=Count("weight", filter=Q(weight=WEIGHTS[Severity.HIGH])),
        )
    )


def _by_account(rows: QuerySet[Finding], start: int, size: int) -> GroupPage:
    found = list(_counted(rows, "account").order_by("-total", "account")[start : start + size + 1])
    accounts = Account.objects.select_related("team").in_bulk([row[0] for row in found])
    groups = [
        Group(
            accounts[pk].title,
            str(accounts[pk].team or ""),
            {"account": accounts[pk].account_id},
            *counts,
        )
        for pk, *counts in found[:size]
    ]
    return GroupPage(groups, len(found) > size)


Heads = Callable[[str, str, str], Iterable[_Head]]  # of a source, an item and a code


def _folded(rows: QuerySet[Finding], heads: Heads, start: int, size: int) -> GroupPage:
    """Checks are few: the database counts by them, and what they belong to is summed here."""
    sums: dict[_Head, Counter[str]] = {}
    repeated = 0
    for source, item, code, *counts in _counted(rows, "source", "item", "code"):
        of = list(heads(source, item, code))
        repeated += (len(of) - 1) * counts[0]
        for head in of:
            sums.setdefault(head, Counter()).update(dict(zip(COUNTS, counts, strict=True)))
    ordered = sorted(sums, key=lambda head: (-sums[head]["total"], head.label, head.narrows))
    groups = [
        Group(head.label, head.about, dict(head.narrows), *(sums[head][name] for name in COUNTS))
        for head in ordered[start : start + size]
    ]
    return GroupPage(groups, len(ordered) > start + size, repeated)


Mapped = Mapping[CheckKey, Sequence[str]]


def _by_check(belongs: Mapped, only: Collection[str]) -> Heads:
    return lambda source, item, code: [_check(source, item, code)]


def _check(source: str, item: str, code: str) -> _Head:
    narrows: Narrows = (("source", source), ("code", code))
    if not item:
        return _Head(code, source_of(source), narrows)
    # A code of Cairn's own is one only within its item.
    known = items().get(item)
    about = f"{source_of(source)} · {known.title if known else item}"
    return _Head(_title(item, code), about, (*narrows, ("item", item)))


def _title(item: str, code: str) -> str:
    try:
        return items()[item].kind(code).title
    except KeyError:  # Of an item or a kind that was given up.
        return code


def _by_item(belongs: Mapped, only: Collection[str]) -> Heads:
    def heads(source: str, item: str, code: str) -> list[_Head]:
        keys = [item] if item else [*belongs.get((source, code), ())] or [NONE]
        return [_item(key) for key in keys if not only or key in only]

    return heads


def _item(key: str) -> _Head:
    if key == NONE:
        return _Head("No item", "Checks that belong to none", (("item", NONE),))
    known = items().get(key)
    about = f"{known.order} · {known.stage.title}" if known else ""
    return _Head(known.title if known else key, about, (("item", key),))


def _by_fix(belongs: Mapped, only: Collection[str]) -> Heads:
    def heads(source: str, item: str, code: str) -> list[_Head]:
        key = item or next(iter(belongs.get((source, code), ())), "")
        known = items().get(key)
        if not key:
            return [_check(source, item, code)]
        return [
            _Head(known.fix.text if known else key, known.title if known else "", (("fix", key),))
        ]

    return heads
