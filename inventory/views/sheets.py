"""Teams, people, payers and root mail lists: one list and one form for a new row, for any sheet."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from inventory import queries, search
from inventory.access import Action, Anyone, may, may_edit_cell, visible_rows
from inventory.changes import Edit, Refused, write
from inventory.columns import SHEETS, Sheet
from inventory.forms import RowForm
from inventory.grid.address import Address
from inventory.grid.links import LISTS, list_url
from inventory.grid.table import build
from inventory.models import Origin
from inventory.views.columns import remembered_columns
from inventory.views.requests import Request, varies, wants_fragment


@login_required
@require_GET
def rows(request: Request, sheet_name: str) -> HttpResponse:
    """The list of one of the small sheets, searched and sorted like the accounts."""
    sheet = SHEETS[sheet_name]
    query = request.GET.copy()
    names = remembered_columns(request, sheet, query)
    visible = visible_rows(sheet, request.user)
    text = query.get("q", "").strip()
    found = search.rows(sheet, visible, text, request.user) if text else visible
    address = Address(request.path, query)
    table = build(sheet, found, request.user, address, names, visible.count() if text else None)
    context = {
        "table": table,
        "q": text,
        "age": queries.sheet_age(),
        "may_add": may_add(request.user, sheet),
        "may_import": may(request.user, Action.IMPORT),
    }
    if not wants_fragment(request):
        return varies(render(request, "inventory/sheet_list.html", context))
    response = varies(render(request, "inventory/_sheet.html", context))
    response["HX-Push-Url"] = address.here
    return response


def may_add(user: Anyone, sheet: Sheet) -> bool:
    """Whoever may write the cell that names a row may make a row."""
    key = next(column for column in sheet.columns if column.name == sheet.key[-1])
    return may_edit_cell(user, key)


@login_required
@require_http_methods(["GET", "POST"])
def new_row(request: Request, sheet: str) -> HttpResponse:
    if sheet not in LISTS:
        raise Http404("There is no such list.")
    found = SHEETS[sheet]
    if not may_add(request.user, found):
        raise PermissionDenied(f"Your role may not add to {found.label.lower()}.")
    form = RowForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid() and _add(request, found, form):
        return redirect(f"{list_url(found)}?q={form.cleaned_data[found.key[-1]]}")
    context = {"sheet": found, "form": form, "list_url": list_url(found)}
    return render(request, "inventory/sheet_new.html", context)


def _add(request: Request, sheet: Sheet, form: RowForm) -> bool:
    key = sheet.key_of(form.cleaned_data)
    name = sheet.key[-1]
    taken = sheet.model._default_manager.filter(
        **{f"{part}__iexact": form.cleaned_data[part] for part in sheet.key}
    )
    if taken.exists():
        form.add_error(name, f"{form.cleaned_data[name]} is in the list already.")
        return False
    try:
        write([Edit(sheet, key, {})], origin=Origin.EDIT, source=sheet.label, user=request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, f"{form.cleaned_data[name]} was added. Fill its cells in the list.")
    return True
