"""The audit log: its entries newest first, one of them, and the log as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory import audit
from inventory.access import Action, require
from inventory.audit import Event, Thing
from inventory.audit.reading import EXPORTS, AuditFilters, Entries, line
from inventory.audit.recording import ROWS_NAMED
from inventory.grid.address import Address
from inventory.models import AuditEntry
from inventory.views.requests import Request

PER_PAGE = 50
PLACES = ("before", "after")


@login_required
@require_GET
def entries(request: Request) -> HttpResponse:
    """Pages are told by the number of an entry, so what is added meanwhile moves nothing."""
    require(request.user, Action.SEE_AUDIT)
    filters = AuditFilters(request.GET, AuditEntry.objects.all())
    rows = filters.qs if filters.is_valid() else AuditEntry.objects.none()
    address = Address(request.path, request.GET)
    last = AuditEntry.objects.order_by("-number").first()
    context = {
        "form": filters.form,
        "is_filtered": bool(Address("", request.GET).url(without=PLACES).strip("?")),
        "last": last,
        "exports": [
            (
                label,
                Address(reverse("inventory:audit_export", args=[name]), request.GET).url(
                    without=PLACES
                ),
            )
            for name, (label, _, _) in EXPORTS.items()
        ],
        **_page(rows, address),
    }
    status = 200 if filters.is_valid() else 400
    return render(request, "inventory/audit_list.html", context, status=status)


def _page(rows: Entries, address: Address) -> dict[str, Any]:
    before, after = (_number(address.query.get(name, "")) for name in PLACES)
    if after is not None:
        found = list(rows.filter(number__gt=after).order_by("number")[: PER_PAGE + 1])
        is_newer, is_older = len(found) > PER_PAGE, True
        found = found[:PER_PAGE][::-1]
    else:
        older = rows if before is None else rows.filter(number__lt=before)
        found = list(older.order_by("-number")[: PER_PAGE + 1])
        is_newer, is_older = before is not None, len(found) > PER_PAGE
        found = found[:PER_PAGE]
    return {
        "lines": [line(entry) for entry in found],
        "newer_url": is_newer and found and address.url(without=PLACES, after=found[0].number),
        "older_url": is_older and found and address.url(without=PLACES, before=found[-1].number),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@login_required
@require_GET
def entry(request: Request, number: int) -> HttpResponse:
    require(request.user, Action.SEE_AUDIT)
    if number >= 2**63:
        raise Http404("There is no such entry.")
    found = get_object_or_404(AuditEntry, number=number)
    before = AuditEntry.objects.filter(number=number - 1).first()
    context = {"line": line(found, ROWS_NAMED), "before": before}
    return render(request, "inventory/audit_detail.html", context)


@login_required
@require_GET
def export(request: Request, format_name: str) -> HttpResponse | StreamingHttpResponse:
    require(request.user, Action.SEE_AUDIT)
    if format_name not in EXPORTS:
        raise Http404("Cairn writes no such format.")
    filters = AuditFilters(request.GET, AuditEntry.objects.all())
    if not filters.is_valid():
        return HttpResponseBadRequest("A filter of this address has a value Cairn does not know.")
    audit.record(
        Event.EXPORTED,
        Thing("export", "audit", "The audit log"),
        format=format_name,
        filters=request.GET.urlencode()[:500],
    )
    _, content_type, pieces = EXPORTS[format_name]
    name = f"audit-log-{datetime.now(UTC):%Y-%m-%d}.{format_name}"
    return StreamingHttpResponse(
        pieces(filters.qs.order_by("number")),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
