"""One cell: its form, its history beside it, and the choice between ours and AWS's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from inventory import drift, proposals
from inventory.access import may_propose, visible_columns, visible_rows
from inventory.changes import CellChange, Conflicts, Edit, Refused, history, write
from inventory.changes.reading import Row
from inventory.columns import ACCOUNTS, SHEETS, Column, Sheet, columns_of
from inventory.forms import CellForm, ProposalForm, suggestions
from inventory.grid import cells
from inventory.grid.links import list_url, row_links
from inventory.grid.table import is_editable, read_rows
from inventory.models import ChangeSet, Origin, State
from inventory.views.requests import Request, varies, wants_fragment

CHANGES_SHOWN = 8


@dataclass(frozen=True)
class Cell:
    """A cell that its reader may edit, or propose another value of."""

    sheet: Sheet
    column: Column
    key: str
    row: Row
    is_proposal: bool = False

    @property
    def text(self) -> str:
        return self.column.kind.text(self.row.cells[self.column.name])

    @property
    def row_name(self) -> str:
        return str(self.row.cells.get("name") or self.key.removeprefix("aws:"))

    @property
    def row_url(self) -> str:
        return row_links(self.sheet)(self.row.cells) or list_url(self.sheet)

    @property
    def drift(self) -> drift.Drift | None:
        return drift.drift_of(self.column, self.row.cells) if self.column.observed else None

    @property
    def changes(self) -> list[CellChange]:
        """The latest changes of this cell, newest first."""
        found = history(self.sheet, self.key)
        return [change for change in found if change.column == self.column][:CHANGES_SHOWN]

    @property
    def html(self) -> SafeString:
        words = cells.words_for([self.column])
        write_cell = cells.writer(self.sheet, self.column, words, editable=not self.is_proposal)
        return mark_safe(write_cell(self.row.pk, self.row.cells))  # noqa: S308  (escaped there)


def find_cell(
    request: Request, sheet_name: str, pk: int, column_name: str, *, or_propose: bool = False
) -> Cell:
    """Raises Http404 for what one may not see, PermissionDenied for what one may not edit (nor
    propose)."""
    sheet = SHEETS.get(sheet_name)
    if sheet is None:
        raise Http404("There is no such sheet.")
    columns = visible_columns(request.user, sheet, columns_of(sheet))
    column = next((column for column in columns if column.name == column_name), None)
    if column is None:
        raise Http404("The sheet has no such column.")
    row = get_object_or_404(visible_rows(sheet, request.user), pk=pk)
    is_proposal = or_propose and may_propose(request.user, sheet, column)
    if not is_proposal and not is_editable(request.user, sheet, column):
        raise PermissionDenied(f"Your role may not change {column.label.lower()}.")
    key = ":".join(str(getattr(row, name)) for name in sheet.key)
    return Cell(sheet, column, key, read_rows(sheet, [column], [key])[key], is_proposal)


@login_required
@require_http_methods(["GET", "POST"])
def cell(request: Request, sheet: str, pk: int, column: str) -> HttpResponse:
    found = find_cell(request, sheet, pk, column, or_propose=True)
    if request.method == "GET":
        value = found.row.cells[column]
        form = CellForm(found.column, initial={"value": value, "seen": found.text})
        return _form(request, found, form)
    if found.is_proposal:
        return _propose(request, found)
    form = CellForm(found.column, request.POST)
    if not form.is_valid():
        return _form(request, found, form)
    seen = form.cleaned_data["seen"]
    edit = Edit(
        found.sheet, found.key, {column: form.cleaned_data["value"]}, expected={column: seen}
    )
    try:
        change_set = write([edit], origin=Origin.EDIT, source=found.column.label, user=request.user)
    except (Refused, Conflicts) as refused:
        now = find_cell(request, sheet, pk, column)
        if now.text != seen:
            return _conflict(request, now, form)
        form.add_error("value", str(refused))
        return _form(request, now, form)
    return _saved(request, find_cell(request, sheet, pk, column), change_set)


def _propose(request: Request, found: Cell) -> HttpResponse:
    form = ProposalForm(found.column, request.POST)
    if not form.is_valid():
        return _form(request, found, form)
    edit = Edit(found.sheet, found.key, {found.column.name: form.cleaned_data["value"]})
    try:
        proposal = proposals.propose(
            edit,
            source=f"{found.column.label} of {found.row_name}",
            reason=form.cleaned_data["reason"],
            user=request.user,
        )
    except Refused as refused:
        form.add_error("value", str(refused))
        return _form(request, found, form)
    return _saved(request, found, proposal)


def _form(request: Request, found: Cell, form: CellForm, **more: Any) -> HttpResponse:
    if found.is_proposal and not isinstance(form, ProposalForm):
        form = ProposalForm(found.column, initial=form.initial)
    context = {
        "cell": found,
        "form": form,
        "suggestions": suggestions(found.column, request.user),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        **more,
    }
    template = "_cell_form" if wants_fragment(request) else "cell_form"
    return varies(render(request, f"inventory/{template}.html", context))


def _conflict(request: Request, found: Cell, form: CellForm) -> HttpResponse:
    """Somebody was faster: say who, and let the same form write over the value they gave."""
    data = request.POST.copy()
    data["seen"] = found.text
    again = CellForm(found.column, data)
    again.is_valid()
    by = next(iter(found.changes), None)
    return _form(request, found, again, is_conflict=True, conflict=by)


def _saved(request: Request, found: Cell, change_set: ChangeSet | None) -> HttpResponse:
    told = _told(found, change_set)
    if wants_fragment(request):
        context = {"cell": found, "told": told, "change_set": change_set}
        return varies(render(request, "inventory/_cell_saved.html", context))
    if change_set is not None:
        url = change_set.get_absolute_url()
        link = "See it" if found.is_proposal else "See or undo this change"
        told = format_html('{} <a href="{}">{}</a>', told, url, link)
    messages.success(request, told)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return redirect(target if target and safe else found.row_url)


def _told(found: Cell, change_set: ChangeSet | None) -> str:
    what = f"{found.column.label} of {found.row_name}"
    if change_set is not None and change_set.state == State.PROPOSED:
        return f"{what}: your proposal waits for somebody who may change it."
    if change_set is None:
        return f"{what} was that already; nothing changed."
    if found.column.name not in _written(change_set):
        return f"{what} stays {found.text}, and AWS's value is not shown any more."
    return f"{what} is now {found.text}." if found.text else f"{what} is empty now."


def _written(change_set: ChangeSet) -> set[str]:
    return {name for change in change_set.rows.all() for name in change.cells}


@login_required
@require_POST
def decide_drift(request: Request, pk: int, column: str) -> HttpResponse:
    """Keep ours, or take AWS's value, of one cell; only for the value the person was shown."""
    found = find_cell(request, ACCOUNTS.name, pk, column)
    seen = found.drift
    if seen is None or seen.observed != request.POST.get("observed", ""):
        messages.warning(request, f"{found.column.label} has changed since the page was loaded.")
        return redirect(found.row_url)
    if request.POST.get("choice") == "take":
        edit = drift.take(found.key, seen)
    elif request.POST.get("choice") == "keep":
        edit = drift.keep(found.key, seen, found.row.cells[drift.KEPT])  # type: ignore[arg-type]  # a mapping
    else:
        raise Http404("Keep ours or take AWS's.")
    try:
        change_set = write([edit], origin=Origin.EDIT, source="Drift", user=request.user)
    except (Refused, Conflicts) as refused:
        messages.error(request, str(refused))
        return redirect(found.row_url)
    return _saved(request, find_cell(request, ACCOUNTS.name, pk, column), change_set)
