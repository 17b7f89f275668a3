"""Setting one column of many accounts: a plan with its counts first, then one change set."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from inventory.changes import Conflicts, Edit, Plan, Refused, apply, discard, plan, record
from inventory.columns import ACCOUNTS, Column, columns_of
from inventory.filters import AccountFilters
from inventory.forms import BulkForm
from inventory.grid.table import is_editable
from inventory.models import Account, ChangeSet, Origin, State
from inventory.views.requests import Request, ticked

ROWS_SHOWN = 50


@login_required
@require_POST
def preview(request: Request) -> HttpResponse:
    """Plan the edit of the selected rows, or of all that match, and keep the plan for applying."""
    columns = {column.name: column for column in columns_of(ACCOUNTS)}
    column = columns.get(request.POST.get("column", ""))
    if column is not None:
        _require_editable(request, column)
    editable = [c for c in columns.values() if is_editable(request.user, ACCOUNTS, c)]
    form = BulkForm(editable, request.POST)
    back = _list_url(request.POST.get("matching", ""))
    if not form.is_valid() or column is None:
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return redirect(back)
    edits = _edits(_selected(request), column, form.cleaned_data["value"])
    planned = plan(edits, origin=Origin.BULK)
    if planned.is_empty and not planned.errors:
        messages.info(request, "Nothing would change: the selected rows hold that value already.")
        return redirect(back)
    return _preview(request, planned, column, back)


def _require_editable(request: Request, column: Column) -> None:
    if not is_editable(request.user, ACCOUNTS, column):
        raise PermissionDenied(f"Your role may not change {column.label.lower()}.")


def _list_url(query: str) -> str:
    return reverse("inventory:accounts") + (f"?{query}" if query else "")


def _selected(request: Request) -> QuerySet[Account]:
    """The ticked rows, or all that match the list's filters; always rows the person may see."""
    visible = Account.objects.visible_to(request.user)
    filters = AccountFilters(QueryDict(request.POST.get("matching", "")), visible)
    if request.POST.get("all"):
        return filters.qs if filters.is_valid() else visible.none()
    return visible.filter(pk__in=ticked(request.POST))


def _edits(accounts: QuerySet[Account], column: Column, value: object) -> Iterator[Edit]:
    for partition, account_id in accounts.values_list("partition", "account_id"):
        yield Edit(ACCOUNTS, f"{partition}:{account_id}", {column.name: value})


def _preview(request: Request, planned: Plan, column: Column, back: str) -> HttpResponse:
    changed = [row for row in planned.of(ACCOUNTS) if row.kind in ("new", "changed")]
    change_set = None
    if changed and not planned.errors:
        message = f"{column.label} of {len(changed)} accounts"
        change_set = record(
            planned, origin=Origin.BULK, source="Accounts", message=message, user=request.user
        )
    context = {
        "column": column,
        "counts": planned.counts,
        "errors": planned.errors,
        "rows": [
            (row.key.partition(":")[2], *(column.kind.text(v) for v in (cell.old, cell.new)))  # type: ignore[arg-type]  # cleaned by the plan
            for row in changed[:ROWS_SHOWN]
            for cell in row.cells
            if cell.column.name == column.name
        ],
        "more": max(len(changed) - ROWS_SHOWN, 0),
        "made": [row for row in planned.rows if row.kind == "new" and row.sheet is not ACCOUNTS],
        "change_set": change_set,
        "back": back,
    }
    return render(request, "inventory/account_bulk.html", context)


@login_required
@require_POST
def finish(request: Request, pk: int) -> HttpResponse:
    """Apply or give up one's own plan, if every row and column is still one's to edit."""
    mine = ChangeSet.objects.filter(origin=Origin.BULK, user=request.user)
    change_set = get_object_or_404(mine, pk=pk)
    if request.POST.get("action") == "discard":
        discard(change_set)
        messages.info(request, "Nothing was changed.")
        return redirect("inventory:accounts")
    _require_all(request, change_set)
    try:
        apply(change_set)
    except (Refused, Conflicts) as refused:
        messages.error(request, f"{refused} Nothing was written; select the rows again.")
        return redirect("inventory:accounts")
    url = change_set.get_absolute_url()
    told = format_html(
        '{} changed. <a href="{}">See or undo this change</a>', change_set.message, url
    )
    messages.success(request, told)
    return redirect("inventory:accounts")


def _require_all(request: Request, change_set: ChangeSet) -> None:
    if change_set.state != State.PLANNED:
        return
    columns = {column.name: column for column in columns_of(ACCOUNTS)}
    changes = change_set.rows.filter(sheet=ACCOUNTS.name)
    for column in {columns[n] for change in changes for n in change.cells if n != "registered_at"}:
        _require_editable(request, column)
    ids = {change.key.partition(":")[2] for change in changes}
    if Account.objects.visible_to(request.user).filter(account_id__in=ids).count() < len(ids):
        raise PermissionDenied("Some of these accounts are not yours to change any more.")
