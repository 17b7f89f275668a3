"""The account list: the sheet filtered, sorted and paged."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from inventory import queries
from inventory.access import Action, may, may_edit_cell
from inventory.columns import ACCOUNTS
from inventory.filters import AccountFilters, describe
from inventory.grid import panel
from inventory.grid.address import Address
from inventory.grid.table import Table, build
from inventory.models import Account
from inventory.views import exports
from inventory.views.columns import remembered_columns
from inventory.views.requests import Request, varies, wants_fragment


@login_required
@require_GET
def accounts(request: Request) -> HttpResponse:
    query = request.GET.copy()
    names = remembered_columns(request, ACCOUNTS, query)
    filters = AccountFilters(query, Account.objects.visible_to(request.user))
    # While somebody types, only the table is drawn again and the panel of filters stays.
    is_table = wants_fragment(request) and request.htmx.target == "table"
    told = describe(filters, request.user, panel=not is_table)
    address = Address(request.path, query)
    table = _table(filters, request, address, names)
    context = {
        "table": table,
        "filters": told,
        "chips": [(chip, address.without_value(chip.name, chip.value)) for chip in told.active],
        "errors": filters.errors,
        "controls": "" if is_table else panel.controls(filters, told.options, query),
        "age": queries.sheet_age(),
        "may_import": may(request.user, Action.IMPORT),
        "may_add": may_edit_cell(request.user, ACCOUNTS.columns[1]),
        "campaign_url": f"{reverse('inventory:new_campaign')}?{address.rows_query}"
        if may(request.user, Action.CAMPAIGN)
        else "",
        "cleared_url": address.url(without=list(filters.filters)),
        "export_formats": exports.offers(address) if may(request.user, Action.EXPORT) else (),
    }
    if not wants_fragment(request):
        return varies(render(request, "inventory/account_list.html", context))
    template = "_account_table" if is_table else "_account_sheet"
    response = varies(render(request, f"inventory/{template}.html", context))
    # The form sends its empty controls too; the address bar shows only what says something.
    response["HX-Push-Url"] = address.here
    return response


def _table(filters: AccountFilters, request: Request, address: Address, names: list[str]) -> Table:
    """A filter with a value it does not know matches nothing; the page says which."""
    visible = Account.objects.visible_to(request.user)
    rows = filters.qs if filters.is_valid() else visible.none()
    is_filtered = any(True for _ in filters.active())
    total = visible.count() if is_filtered else None
    return build(ACCOUNTS, rows, request.user, address, names, total)
