"""Accounts that nobody owns, and asking somebody whether one is theirs."""

from __future__ import annotations

from collections import Counter

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from inventory.access import Action, may, require
from inventory.models import HandOver
from inventory.views.requests import Request
from roadmap.orphans import Why, orphans

PER_PAGE = 50


@login_required
@require_GET
def orphan_list(request: Request) -> HttpResponse:
    require(request.user, Action.SEE_ORPHANS)
    found = orphans(request.user)
    counts = Counter(one.why for one in found)
    asked = request.GET.get("why", "")
    shown = [one for one in found if one.why == asked] if asked in set(Why) else found
    place = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    asking = HandOver.objects.filter(state=HandOver.State.OPEN).exclude(suggested=None)
    context = {
        "place": place,
        "total": len(found),
        "reasons": [(why.value, why.label, counts[why]) for why in Why],
        "asked": asked,
        "query": f"why={asked}" if asked in set(Why) else "",
        "asking": asking.count(),
        "may_ask": may(request.user, Action.HAND_OVER),
    }
    return render(request, "roadmap/orphans.html", context)
