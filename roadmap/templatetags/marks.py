"""Template tags that draw verdicts, shares and ages; the drawing itself is ``roadmap.marks``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from roadmap import marks
from roadmap.queries import ItemVerdict, TrendDay
from roadmap.reproduce import Command, commands_of
from roadmap.rollups import Counts
from roadmap.scans import label_of
from roadmap.sentences import number
from roadmap.verdicts import Reason, Status

register = template.Library()


@register.filter
def check_id(code: str) -> SafeString:
    return marks.check_id(code)


@register.simple_tag
def verdict(status: str, source: str = "", note: str = "", word: bool = True) -> SafeString:
    return marks.verdict_mark(status, source=source, note=note, word=word)


@register.simple_tag
def verdict_of(item: ItemVerdict) -> SafeString:
    """A verdict of the account page, with where it comes from and until when it holds."""
    if item.reason == Reason.EXCEPTION:
        ends = [e["expires_at"] for e in item.evidence.exceptions if not e["resource"]]
        until = f"until {ends[0][:10]}" if ends and ends[0] else ""
        return marks.verdict_mark(item.status, source=marks.EXCEPTED, note=until)
    if item.evidence.exceptions:
        left_out = number(len(item.evidence.exceptions), "exception")
        return marks.verdict_mark(item.status, source=marks.EXCEPTED, note=f"rests on {left_out}")
    note = item.evidence.inherits_from or ""
    if item.evidence.expires_at:
        note = f"{note} until {item.evidence.expires_at:%-d %b %Y}".strip()
    return marks.verdict_mark(item.status, source=item.source, note=note)


@register.filter
def holds(item: ItemVerdict, key: str) -> bool:
    """Whether the key is the item's or that of one of its sub-checks."""
    return key in {item.item.key, *(child.item.key for child in item.children)}


@register.filter
def weekly(days: Sequence[TrendDay]) -> list[TrendDay]:
    """The last recorded day of each week, newest first: what a table under a chart can show."""
    by_week = {day.day.isocalendar()[:2]: day for day in days}
    return list(reversed(by_week.values()))


@register.filter
def scanner(tool: str) -> str:
    return label_of(tool)


@register.filter
def words(name: str) -> str:
    """``last_test`` as "last test"."""
    return name.replace("_", " ")


@register.filter
def joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.simple_tag
def commands(calls: Sequence[Mapping[str, object]]) -> list[Command]:
    """AWS CLI commands by whose credentials they need."""
    return sorted(commands_of(calls), key=lambda command: command.credentials)


@register.filter
def pretty_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.simple_tag
def share_bar(counts: Mapping[Status, int], small: bool = False) -> SafeString:
    return marks.share_bar(counts, small=small)


@register.simple_tag
def ago(moment: datetime | None, never: str = "never") -> SafeString | str:
    """A relative time whose tooltip is the absolute one in UTC."""
    return marks.ago(moment) if moment else never


@register.filter
def percent(share: float | None) -> str:
    """A share of 0 to 1 as whole percent; only everything is 100 % and only nothing is 0 %."""
    if share is None:
        return "–"
    whole = round(100 * share)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return f"{whole} %"


@register.simple_tag
def counts_bar(counts: Counts, small: bool = False) -> SafeString:
    return marks.share_bar({status: counts.of(status) for status in Status}, small=small)
