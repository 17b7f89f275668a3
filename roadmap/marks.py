"""How verdicts are drawn, everywhere: a mark, a word, then colour; shares as bars; ages.

Plain functions that return safe HTML, because a table may hold thousands of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from roadmap.verdicts import Source, Status

# In the order in which a bar shows them.
BAR_ORDER = (Status.PASS, Status.PARTIAL, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE)

EXCEPTED = "excepted"
SOURCE_MARKS = {
    Source.INHERITED.value: ("↧", "Inherited"),
    Source.ATTESTED.value: ("✎", "Attested"),
    Source.IMPORTED.value: ("⇥", "Imported"),
    EXCEPTED: ("⊘", "By exception"),
}


@dataclass(frozen=True)
class Share:
    status: Status
    count: int


def verdict_mark(
    status: Status | str, *, source: str = "", note: str = "", word: bool = True
) -> SafeString:
    """One verdict. ``note`` says from where and until when, for the second mark's tooltip.

    Without ``word`` the word is for screen readers only.
    """
    shown = Status(status)
    hidden = "" if word else ' class="visually-hidden"'
    return mark_safe(  # noqa: S308  (every part is escaped or a constant)
        f'<span class="verdict status-{shown.value}">'
        f'<span class="verdict-mark" aria-hidden="true">{shown.mark}</span>'
        f"<span{hidden}>{shown.label}</span>{_source_mark(source, note)}</span>"
    )


def _source_mark(source: str, note: str) -> str:
    if source not in SOURCE_MARKS:
        return ""
    mark, word = SOURCE_MARKS[source]
    told = escape(f"{word}: {note}" if note else word)
    return (
        f'<span class="verdict-source" title="{told}"><span aria-hidden="true">{mark}</span>'
        f'<span class="visually-hidden">{told}</span></span>'
    )


def counts_in_words(counts: Mapping[Status, int]) -> str:
    """Such as "12 pass, 3 fail, 1 unknown"."""
    told = [f"{counts[s]} {s.label.lower()}" for s in BAR_ORDER if counts.get(s)]
    return ", ".join(told) or "nothing judged"


def share_bar(counts: Mapping[Status, int], *, small: bool = False) -> SafeString:
    """Counts by status as a bar; what does not apply is left out unless nothing else is there."""
    shown = {s: counts.get(s, 0) for s in BAR_ORDER if s.score is not None}
    total = sum(shown.values())
    if not total:
        shown = {Status.NOT_APPLICABLE: counts.get(Status.NOT_APPLICABLE, 0)}
        total = sum(shown.values())
    told = counts_in_words(counts)
    rects, x = [], 0.0
    for status, count in shown.items():
        if count:
            width = 100 * count / total
            rects.append(f'<rect class="status-{status.value}" x="{x:.4g}%" width="{width:.4g}%"/>')
            x += width
    size = " is-small" if small else ""
    return mark_safe(  # noqa: S308  (numbers and constants only)
        f'<svg class="share-bar{size}" role="img"><title>{told}</title>{"".join(rects)}</svg>'
    )


def check_id(code: str) -> SafeString:
    """A name such as ``ec2_instance_public_ip``, which lines break after its underscores."""
    return mark_safe(escape(code).replace("_", "_<wbr>"))  # noqa: S308  (escaped)


def ago(moment: datetime) -> SafeString:
    """A relative time whose tooltip is the absolute one in UTC."""
    now = timezone.now()
    # Only the largest unit: the exact time is in the tooltip.
    told = (
        "just now"
        if now - moment < timedelta(minutes=1)
        else f"{timesince(moment, now, depth=1)} ago"
    )
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        moment.strftime("%-d %b %Y %H:%M"),
        told,
    )
