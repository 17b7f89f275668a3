"""One team's progress beside its people."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from inventory.models import Team
from roadmap import queries
from roadmap.views.overview import TREND, accounts_url, trend_chart


@login_required
@require_GET
def team(request: HttpRequest, slug: str) -> HttpResponse:
    now = datetime.now(UTC)
    try:
        page = queries.team_page(request.user, slug, now)
    except Team.DoesNotExist:
        raise Http404("You see no team of that name.") from None
    context = {
        "page": page,
        "team": page.team,
        "accounts_url": accounts_url(team=slug),
        "trend_chart": trend_chart(page.trend, queries.rule_changes(now.date() - TREND)),
    }
    return render(request, "roadmap/team.html", context)
