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
from roadmap.marks import ago, check_id
from roadmap.models import Finding
from roadmap.queries.finding_answers import FindingAnswer
from roadmap.queries.findings import Line
from roadmap.registry import Item

ROW = (
    '<tr><td>{}<a href="{}">{}</a><br>{} <code class="address-list">{}</code></td>'
    '<td data-label="Severity">{}</td>'
    '<td data-label="State">{}</td>'
    '<td class="text-nowrap" data-label="Decision">{}</td>'
    '<td data-label="Account"><a href="{}">{}</a><br>{}{}</td>'
    '<td data-label="Item">{}</td>'
    '<td data-label="Source">{}<br><code class="check-id">{}</code></td>'
    '<td class="text-nowrap" data-label="Seen">first {}<br>last {}</td></tr>'
)
BREAK = mark_safe("<br>")


def finding_rows(lines: Sequence[Line], *, picks: bool) -> SafeString:
    """``picks`` puts a box before each, to select it by."""
    page_of, account_page_of = addresses("roadmap:finding"), addresses("roadmap:account")
    decision_page_of = addresses("roadmap:decision")
    # Neighbours are often of one item and of one scan.
    link, age, team_page_of = cache(_item_link), cache(ago), addresses("roadmap:team")
    name_of = cache(check_id)

    def cells(line: Line) -> Sequence[object]:
        finding, account = line.finding, line.finding.account
        return (
            _box(finding) if picks else "",
            page_of(finding.pk),
            finding.title,
            finding.region,
            finding.resource,
            _severity(finding),
            line.answer.state,
            _answer(line.answer, decision_page_of),
            account_page_of(account.account_id),
            account.title,
            account_id(account.account_id),
            _team(account.team, team_page_of),
            _items(line.items, link),
            line.source,
            name_of(finding.code),
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


def _answer(answer: FindingAnswer, page_of: Callable[[object], str]) -> SafeString:
    """What was decided, by whom and until when, and whether the finding is overdue."""
    told: list[SafeString | str] = []
    if decision := answer.decision:
        link = format_html(
            '<a href="{}" title="{}">{}</a>',
            page_of(decision.pk),
            answer.standing.meaning,
            answer.standing.label,
        )
        told = [link, str(decision.requester or "a former user")]
        if decision.expires_at:
            told.append(f"until {decision.expires_at:%Y-%m-%d}")
        if decision.due_on:
            told.append(f"planned {decision.due_on}")
    if answer.due_on:
        late = mark_safe("<strong>Overdue</strong>, due") if answer.is_overdue else "due"
        told.append(format_html("{} {}", late, answer.due_on.isoformat()))
    elif answer.is_overdue:
        told.append(mark_safe("<strong>Overdue</strong>"))
    return format_html_join(BREAK, "{}", ((one,) for one in told)) if told else _quiet("–")


def _items(items: Sequence[Item], link: Callable[[str, str, str], SafeString]) -> SafeString:
    if not items:
        return _quiet("None")
    links = ((link(item.stage.slug, item.slug, item.title),) for item in items)
    return format_html_join(BREAK, "{}", links)


def _item_link(stage: str, slug: str, title: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("roadmap:item", args=[stage, slug]), title)


def _quiet(words: str) -> SafeString:
    return format_html('<span class="quiet">{}</span>', words)
