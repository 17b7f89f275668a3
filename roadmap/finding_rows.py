"""The rows of the list of findings as HTML.

Built as text, as inventory.grid builds those of the sheets: the template engine took half of the
page's time. Whatever scanners and people wrote gets into a row by ``format_html``, which escapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from inventory.grid.cells import account_id
from inventory.grid.links import addresses
from inventory.models import Team
from roadmap.marks import ago
from roadmap.models import Finding
from roadmap.queries.findings import Line
from roadmap.registry import Item

ROW = (
    '<tr><td>{}<a href="{}">{}</a><br>{} <code class="address-list">{}</code></td>'
    '<td data-label="Severity">{}</td>'
    '<td data-label="State">{}</td>'
    '<td data-label="Account"><a href="{}">{}</a><br>{}{}</td>'
    '<td data-label="Item">{}</td>'
    '<td data-label="Source">{}<br><code class="address-list">{}</code></td>'
    '<td class="text-nowrap" data-label="Seen">first {}<br>last {}</td></tr>'
)
BREAK = mark_safe("<br>")


def finding_rows(lines: Sequence[Line], *, picks: bool) -> SafeString:
    """``picks`` puts a box before each, to select it by."""
    page_of, account_page_of = addresses("roadmap:finding"), addresses("roadmap:account")
    # Neighbours are often of one item and of one scan.
    link, age, team_page_of = cache(_item_link), cache(ago), addresses("roadmap:team")

    def cells(line: Line) -> Sequence[object]:
        finding, account = line.finding, line.finding.account
        return (
            _box(finding) if picks else "",
            page_of(finding.pk),
            finding.title,
            finding.region,
            finding.resource,
            _severity(finding),
            finding.get_state_display(),
            account_page_of(account.account_id),
            account.title,
            account_id(account.account_id),
            _team(account.team, team_page_of),
            _items(line.items, link),
            line.source,
            finding.code,
            age(finding.first_seen_at),
            age(finding.last_seen_at),
        )

    return format_html_join("\n", ROW, map(cells, lines))


def _box(finding: Finding) -> SafeString:
    return format_html(
        '<input class="form-check-input pick needs-script" type="checkbox" name="row" value="{}" '
        'aria-label="Select {}"> ',
        finding.pk,
        finding.title,
    )


def _severity(finding: Finding) -> SafeString:
    if not finding.severity:
        return _quiet("None given")
    return format_html(
        '<span class="severity severity-{}">{}</span>',
        finding.severity,
        finding.get_severity_display(),
    )


def _team(team: Team | None, page_of: Callable[[object], str]) -> SafeString | str:
    if team is None:
        return ""
    return format_html('<br><a class="quiet" href="{}">{}</a>', page_of(team.slug), team.name)


def _items(items: Sequence[Item], link: Callable[[str, str, str], SafeString]) -> SafeString:
    if not items:
        return _quiet("None")
    links = ((link(item.stage.slug, item.slug, item.title),) for item in items)
    return format_html_join(BREAK, "{}", links)


def _item_link(stage: str, slug: str, title: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("roadmap:item", args=[stage, slug]), title)


def _quiet(words: str) -> SafeString:
    return format_html('<span class="quiet">{}</span>', words)
