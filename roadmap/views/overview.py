"""The overview: where the whole company stands, as of when, and what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory.access import Action, may
from inventory.models import Account
from roadmap import queries
from roadmap.grid import OPEN
from roadmap.progress import DIMENSIONS
from roadmap.queries import HeatMap, HeatRow, RuleChange, StageCounts, TrendDay
from roadmap.queries.findings import open_findings
from roadmap.queries.overview import WEEK
from roadmap.restricted import hidden_from
from roadmap.stages import STAGES

# The parameter of the account list that a group of each dimension stands for.
PARAMETERS = {
    "team": "team",
    "organization": "organization",
    "ou": "ou",
    "payer": "payer",
    "environment": "environment",
}
HEADLINE_FILTERS = {
    "known": {},
    "confirmed": {"confirmed": "yes"},
    "organized": {"in_organization": "yes"},
    "collected": {"collected": "day"},
}
STAGES_DRAWN = 3
TREND = timedelta(days=183)


@dataclass(frozen=True)
class Cell:
    step: StageCounts
    url: str


@dataclass(frozen=True)
class Line:
    """A row of the heat map with its links; ``url`` is the team's page or the accounts."""

    row: HeatRow
    url: str
    accounts_url: str
    cells: Sequence[Cell]


def accounts_url(**filters: str) -> str:
    query = urlencode({name: value for name, value in filters.items() if value})
    return reverse("inventory:accounts") + (f"?{query}" if query else "")


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    accounts = Account.objects.visible_to(request.user)
    dimension = request.GET.get("by", "team")
    dimension = dimension if dimension in PARAMETERS else "team"
    day = _day(request.GET.get("as_of", ""))
    sort = request.GET.get("sort", "")
    heat = queries.heat_map(request.user, dimension, day)
    trend = queries.trend(request.user, since=now.date() - TREND)
    context = {
        "headlines": [
            (headline, accounts_url(**HEADLINE_FILTERS[headline.key]))
            for headline in queries.headlines(request.user, now)
        ],
        "heat": heat,
        "lines": _lines(heat, sort),
        "whole": _line(heat.whole, heat.dimension, is_whole=True),
        "dimension": dimension,
        "dimensions": [(name, _label(name)) for name in PARAMETERS],
        "sort": sort,
        "as_of": day,
        "stages": STAGES,
        "trend": trend,
        "trend_chart": trend_chart(trend, queries.rule_changes(now.date() - TREND)),
        "blockers": queries.blockers(accounts),
        "setbacks": queries.setbacks(
            accounts, now - WEEK, limit=12, hidden=hidden_from(request.user)
        ),
        "coverage": queries.coverage(accounts, now),
        "judged_at": queries.last_judged(accounts),
        "excepted": queries.excepted(accounts),
        "open_findings": open_findings(request.user),
        "may_import": may(request.user, Action.IMPORT),
        "may_connect": may(request.user, Action.CONNECT),
    }
    return render(request, "roadmap/overview.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _label(dimension: str) -> str:
    return {"ou": "OU"}.get(dimension, DIMENSIONS[dimension].name.capitalize())


def _lines(heat: HeatMap, sort: str) -> list[Line]:
    """Worst first unless sorted by a stage ("3", worst first there), name or accounts."""
    rows = list(heat.rows)
    if sort == "name":
        rows.sort(key=lambda row: row.label.lower())
    elif sort == "accounts":
        rows.sort(key=lambda row: -row.accounts)
    elif sort.isdigit() and 1 <= int(sort) <= len(STAGES):
        index = int(sort) - 1
        rows.sort(key=lambda row: _score(row.stages[index]))
    return [_line(row, heat.dimension) for row in rows]


def _score(step: StageCounts) -> float:
    return 2.0 if step.counts.score is None else step.counts.score


def _line(row: HeatRow, dimension: str, *, is_whole: bool = False) -> Line:
    parameter = PARAMETERS[dimension]
    value = row.slug if dimension == "team" and row.group else row.group
    group = {} if is_whole else {parameter: value or "none"}
    cells = [
        Cell(step, accounts_url(**group, stage=f"{step.stage.number}-{OPEN}"))
        for step in row.stages
    ]
    listed = accounts_url(**group)
    own = reverse("roadmap:team", args=[row.slug]) if row.slug and not is_whole else listed
    return Line(row, own, listed, cells)


def trend_chart(days: Sequence[TrendDay], changed: Sequence[RuleChange] = ()) -> dict[str, Any]:
    """The series of the trend: the score of all stages by day, and of those that moved most, with
    a gap for each missing day and a note where the rules changed."""
    if not days:
        return {}
    found = {day.day: day for day in days}
    first, last = days[0].day, days[-1].day
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def share(day: date, index: int | None) -> float | None:
        if day not in found:
            return None
        counts = found[day].counts if index is None else found[day].stages[index].counts
        return None if counts.score is None else round(100 * counts.score, 1)

    by_stage = [[share(day, index) for day in dates] for index in range(len(STAGES))]
    most = sorted(range(len(STAGES)), key=lambda index: -_moved(by_stage[index]))[:STAGES_DRAWN]
    return {
        "dates": [day.isoformat() for day in dates],
        "unit": " %",
        "max": 100,
        "series": [
            {"name": "All stages", "values": [share(day, None) for day in dates]},
            *(
                {"name": f"Stage {STAGES[index].number}", "values": by_stage[index]}
                for index in sorted(most)
                if any(by_stage[index])
            ),
        ],
        "notes": [
            {"date": change.day.isoformat(), "text": _changed(change)}
            for change in changed
            if first <= change.day <= last
        ],
    }


def _moved(values: Sequence[float | None]) -> float:
    """How far the last known value is from the first, in points."""
    known = [value for value in values if value is not None]
    return abs(known[-1] - known[0]) if known else 0


def _changed(change: RuleChange) -> str:
    number = len(change.names)
    return f"{change.names[0]} changed" if number == 1 else f"{number} settings changed"
