"""The account list as a file: the rows, order and columns of the page, without its paging."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory.access import Action, require
from inventory.columns import ACCOUNTS, Column
from inventory.exporting import export
from inventory.filters import AccountFilters
from inventory.formats import writers
from inventory.grid.address import Address
from inventory.grid.ordering import ordered
from inventory.grid.table import available, chosen, sorted_by
from inventory.models import Account
from inventory.models.accounts import AccountQuerySet
from inventory.views.columns import remembered_columns
from inventory.views.requests import Request


@login_required
@require_GET
def accounts(request: Request, format_name: str) -> HttpResponse | StreamingHttpResponse:
    require(request.user, Action.EXPORT)
    if format_name not in writers():
        raise Http404("Cairn writes no such format.")
    query = request.GET.copy()
    filters = AccountFilters(query, Account.objects.visible_to(request.user))
    if not filters.is_valid():
        return HttpResponseBadRequest("A filter of this address has a value Cairn does not know.")
    columns = available(request.user, ACCOUNTS)
    by, descending = sorted_by(ACCOUNTS, columns, Address(request.path, query))
    rows = cast(AccountQuerySet, ordered(ACCOUNTS, filters.qs, by, descending=descending))
    shown = chosen(columns, remembered_columns(request, ACCOUNTS, query), ACCOUNTS)
    try:
        day = date.fromisoformat(str(query["as_of"])) if query.get("as_of") else None
    except ValueError:
        return HttpResponseBadRequest("as_of is a day, such as 2026-11-24.")
    return export(rows, [one for one in shown if isinstance(one, Column)], format_name, day)


def offers(address: Address) -> list[tuple[str, str]]:
    """Label and address of each format that the rows of a list can be had in."""
    return [
        (one.label, Address(reverse("inventory:export", args=[name]), address.query).url())
        for name, one in writers().items()
    ]
