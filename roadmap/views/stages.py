"""The roadmap org-wide, and one item over all accounts."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory.access import Action, may
from inventory.models import Account, Organization
from roadmap import queries
from roadmap.queries.findings import open_findings
from roadmap.registry import Item, Level, items
from roadmap.restricted import INSTEAD, hidden_from
from roadmap.verdicts import Status

PER_PAGE = 100


@login_required
@require_GET
def stages(request: HttpRequest) -> HttpResponse:
    accounts = Account.objects.visible_to(request.user)
    context = {
        "stages": queries.stages_page(accounts),
        "accounts": accounts.count(),
        "judged_at": queries.last_judged(accounts),
    }
    return render(request, "roadmap/stages.html", context)


@login_required
@require_GET
def item(request: HttpRequest, stage: str, slug: str) -> HttpResponse:
    key = f"{stage}.{slug}"
    if key not in items():
        raise Http404(f"The roadmap has no item {key}.")
    accounts = Account.objects.visible_to(request.user)
    status = request.GET.get("status", "")
    status = status if status in {one.value for one in Status} else ""
    number = _page_number(request)
    page = queries.item_page(accounts, key, status, (number - 1) * PER_PAGE, PER_PAGE)
    paginator = Paginator(range(page.matching), PER_PAGE)
    behind = [status] if status else [Status.FAIL.value, Status.PARTIAL.value]
    context = {
        "page": page,
        "item": page.item,
        "status": status,
        "statuses": [(one, page.counts.of(one)) for one in Status],
        "status_query": f"status={status}" if status else "",
        "place": paginator.get_page(number),
        "owners": queries.owners_to_write_to(accounts, key, behind),
        "behind": [Status(name).label.lower() for name in behind],
        "judged_at": queries.last_judged(accounts),
        "answering": _answering(request, page.item),
        "excepted": queries.excepted(accounts, key),
        "open_findings": open_findings(request.user, item=key),
        "instead": INSTEAD if key in hidden_from(request.user) else "",
    }
    return render(request, "roadmap/item.html", context)


def _answering(request: HttpRequest, item: Item) -> list[tuple[str, str]]:
    """Addresses and labels of where the reader may answer for the item."""
    found = []
    levels = {asked.level for asked in item.attests}
    if Level.ORGANIZATION in levels and may(request.user, Action.ATTEST_ORGANIZATION):
        for one in Organization.objects.all():
            place = [*item.key.split("."), Level.ORGANIZATION.value, one.organization_id]
            url = reverse("roadmap:attest", args=place)
            found.append((f"{url}?back={quote(request.path)}", f"For {one}"))
    if may(request.user, Action.ATTEST):
        many = reverse("roadmap:answer_many")
        found += [
            (f"{many}?item={item.key}:{level}", f"For {level}s")
            for level in (Level.TEAM, Level.ACCOUNT)
            if level in levels
        ]
    return found


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
