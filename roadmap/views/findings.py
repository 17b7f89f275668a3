"""Findings: all of them filtered, sorted and grouped, as a page and as a file; and one alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory import audit
from inventory.access import Action, may, require
from inventory.audit import Event, Thing
from inventory.filters import describe
from inventory.formats import writers
from inventory.grid import panel
from inventory.grid.address import Address
from inventory.views.requests import Request, ticked, varies, wants_fragment
from roadmap import decision_register, decision_states
from roadmap.decided import HIDDEN, Kind
from roadmap.decision_states import Standing
from roadmap.finding_filters import FindingFilters, names_checks
from roadmap.finding_rows import finding_rows
from roadmap.models import Finding
from roadmap.queries import finding_groups, findings, last_judged
from roadmap.queries.finding_answers import WITH_ACCOUNT, FindingAnswer
from roadmap.queries.findings import SORTS, Line, Place

DECISIONS = {
    Kind.ACKNOWLEDGE: "Acknowledge",
    Kind.ACCEPT: "Accept the risk",
    Kind.FALSE_POSITIVE: "False positive",
}
PER_PAGE, GROUPS_PER_PAGE = 50, 100
SORT_WORDS = {"worst": "Worst first", "newest": "Newest first", "oldest": "Oldest first"}
STATE_WORDS = {
    Finding.State.OPEN.value: "Open",
    **{one.value: one.label for one in HIDDEN},
    **dict(Finding.State.choices),
    "any": "Any state",
}
# Where each page is, besides which rows it shows.
PLACES = ("after", "before", "page")
MOST_IN_A_WORKBOOK = 50_000
EXPORTED = 2000  # rows read at a time
HEADER = (
    "Account", "Account name", "Team", "Source", "Items", "Check", "Severity", "State", "Region",
    "Resource", "Title", "Detail", "First seen", "Last seen", "Resolved", "Reopened", "Decision",
    "Decided by", "Approved by", "Reason or plan", "Planned for", "Ends", "Due", "Overdue",
)  # fmt: skip


@login_required
@require_GET
def finding_list(request: Request) -> HttpResponse:
    query = _asked(request.GET)
    filters = FindingFilters(query, findings.visible_findings(request.user))
    rows = filters.qs if filters.is_valid() else Finding.objects.none()
    is_fragment = wants_fragment(request)
    # The panel of filters stays while somebody types; only what is below it is drawn again.
    told = describe(filters, request.user, panel=not is_fragment)
    address = Address(request.path, query)
    by = query.get("by", "")
    context: dict[str, Any] = {
        "filters": told,
        "chips": [
            (chip, address.without_value(chip.name, chip.value))
            for chip in told.active
            if chip.name != "state"
        ],
        "errors": filters.errors,
        "controls": "" if is_fragment else panel.controls(filters, told.options, query),
        "only_checks": names_checks(query.get("q", "")),
        "address": address,
        "states": _links(address, "state", STATE_WORDS, query.get("state", "")),
        "sorts": _links(address, "sort", SORT_WORDS, _sort(query)),
        "groupings": _links(
            address,
            "by",
            {"": "One by one"} | {one: f"By {one}" for one in finding_groups.GROUPINGS},
            by,
        ),
        "by": by,
        "cleared_url": Address(request.path).url(),
        "export_formats": _offers(address) if may(request.user, Action.EXPORT) else (),
        "most_in_a_workbook": MOST_IN_A_WORKBOOK,
        "may_import": may(request.user, Action.IMPORT_FINDINGS),
        "may_answer": may(request.user, Action.ANSWER_FINDINGS),
        "decide_urls": _decide_urls(address),
    }
    context |= _groups(filters, rows, address, by) if by else _page(request, rows, address)
    if not is_fragment:
        accounts = findings.seen_accounts(request.user)
        context["judged_at"] = last_judged(accounts)
        context["scanned_at"] = findings.last_scanned(accounts)
        return varies(render(request, "roadmap/findings.html", context))
    response = varies(render(request, "roadmap/_findings.html", context))
    response["HX-Push-Url"] = address.here
    return response


def _asked(given: QueryDict) -> QueryDict:
    """The address with what it leaves open: open findings, as a list, if it says nothing else."""
    query = given.copy()
    if not query.get("state"):
        query["state"] = Finding.State.OPEN.value
    if query.get("by") not in finding_groups.GROUPINGS:
        query.pop("by", None)
    return query


def _sort(query: QueryDict) -> str:
    sort = query.get("sort", "")
    return sort if sort in SORTS else "worst"


def _links(
    address: Address, name: str, words: dict[str, str], chosen: str
) -> list[tuple[str, str, bool]]:
    """Words and address of each choice, and whether it is the one that holds."""
    return [
        (label, address.url(without=PLACES, **{name: value}), value == chosen)
        for value, label in words.items()
    ]


def _page(request: Request, rows: findings.Findings, address: Address) -> dict[str, Any]:
    query = address.query
    page = findings.finding_page(
        rows,
        _sort(query),
        PER_PAGE,
        after=Place.read(query.get("after", "")),
        before=Place.read(query.get("before", "")),
        is_search=bool(query.get("q")),
    )
    return {
        "rows": finding_rows(findings.lines(page.findings), picks=may(request.user, Action.EXPORT)),
        "count": page.count,
        "previous_url": page.previous and address.url(without=PLACES, before=page.previous),
        "following_url": page.following and address.url(without=PLACES, after=page.following),
        "hidden": [(n, v) for n, values in query.lists() if n not in PLACES for v in values if v],
    }


def _groups(
    filters: FindingFilters, rows: findings.Findings, address: Address, by: str
) -> dict[str, Any]:
    only = filters.given.getlist("item") if by == "item" else ()
    number = address.page
    page = finding_groups.grouped(rows, by, (number - 1) * GROUPS_PER_PAGE, GROUPS_PER_PAGE, only)
    return {
        "groups": [
            (group, address.url(without=(*PLACES, "by"), **group.narrows)) for group in page.groups
        ],
        "repeated": page.repeated,
        "count": findings.count(rows),
        "previous_url": address.url(page=number - 1) if number > 1 else "",
        "following_url": address.url(page=number + 1) if page.is_more else "",
    }


def _decide_urls(address: Address) -> list[tuple[str, str]]:
    """Label and address of each decision on all that match."""
    decide = Address(reverse("roadmap:decide_findings"), address.query)
    return [
        (label, decide.url(without=(*PLACES, "by", "row"), kind=kind.value, all=1))
        for kind, label in DECISIONS.items()
    ]


def _offers(address: Address) -> list[tuple[str, str, str]]:
    """Name, label and address of each format that the findings can be had in."""
    return [
        (
            name,
            one.label,
            Address(reverse("roadmap:export_findings", args=[name]), address.query).url(
                without=(*PLACES, "by")
            ),
        )
        for name, one in writers().items()
    ]


@login_required
@require_GET
def export(request: Request, format_name: str) -> HttpResponse | StreamingHttpResponse:
    """What the page shows without its paging, or of it the rows that are named."""
    require(request.user, Action.EXPORT)
    chosen = writers().get(format_name)
    if chosen is None or chosen.write is None:
        raise Http404("Cairn writes no such format.")
    query = _asked(request.GET)
    filters = FindingFilters(query, findings.visible_findings(request.user))
    if not filters.is_valid():
        return HttpResponseBadRequest("A filter of this address has a value Cairn does not know.")
    rows = filters.qs
    if query.getlist("row") and not query.get("all"):
        rows = rows.filter(pk__in=ticked(query))
    if format_name == "xlsx" and rows.order_by()[MOST_IN_A_WORKBOOK:].exists():
        return HttpResponseBadRequest(
            f"A workbook takes {MOST_IN_A_WORKBOOK:,} findings; add a filter or export CSV or JSON."
        )
    audit.record(
        Event.EXPORTED,
        Thing("export", "findings", "Findings"),
        format=format_name,
        filters=query.urlencode()[:500],
    )
    return StreamingHttpResponse(
        chosen.write(HEADER, _cells(rows.order_by(*SORTS[_sort(query)]))),
        content_type=chosen.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="findings-{datetime.now(UTC):%Y-%m-%d}'
            f'.{chosen.extension}"'
        },
    )


def _cells(rows: findings.Findings) -> Iterator[list[str]]:
    """Rows of text, read piece by piece."""
    found = rows.select_related(*WITH_ACCOUNT).iterator(chunk_size=EXPORTED)
    while some := list(islice(found, EXPORTED)):
        yield from map(_cells_of, findings.lines(some))


def _cells_of(line: Line) -> list[str]:
    finding, account, answer = line.finding, line.finding.account, line.answer
    return [
        account.account_id,
        account.title,
        str(account.team or ""),
        line.source,
        ", ".join(item.title for item in line.items),
        finding.code,
        finding.severity,
        answer.standing.value if answer.standing in HIDDEN else finding.state,
        finding.region,
        finding.resource,
        finding.title,
        finding.detail,
        _moment(finding.first_seen_at),
        _moment(finding.last_seen_at),
        _moment(finding.resolved_at),
        str(finding.reopened),
        *_decision_cells(line.answer),
    ]


def _decision_cells(answer: FindingAnswer) -> list[str]:
    decision = answer.decision
    due = [answer.due_on.isoformat() if answer.due_on else "", "yes" if answer.is_overdue else ""]
    if decision is None:
        return [answer.standing.value, "", "", "", "", "", *due]
    return [
        answer.standing.value,
        decision.requester.email if decision.requester else "",
        decision.approver.email if decision.approver else "",
        decision.note,
        decision.due_on.isoformat() if decision.due_on else "",
        _moment(decision.expires_at),
        *due,
    ]


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


@login_required
@require_GET
def finding(request: Request, pk: int) -> HttpResponse:
    rows = findings.visible_findings(request.user)
    try:
        detail = findings.finding_detail(rows, pk)
    except (Finding.DoesNotExist, OverflowError):
        raise Http404("You see no such finding.") from None
    context = {
        "detail": detail,
        "finding": detail.finding,
        "account": detail.finding.account,
        "answer": detail.line.answer,
        "past": decision_register.history_of(detail.finding),
        "may_except": may(request.user, Action.EXCEPT),
        "may_answer": may(request.user, Action.ANSWER_FINDINGS),
        "state_rows": [*decision_states.rows()],
        "standings": [*Standing],
    }
    return render(request, "roadmap/finding.html", context)
