"""Change sets: the list of all, one with its cells, and applying, undoing and discarding it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from inventory import audit, changes, proposals
from inventory.access import Action, may, require, sees_everything
from inventory.audit import Event
from inventory.change_pages import (
    may_undo,
    rows_of_tab,
    shown,
    tabs,
    visible_change_sets,
    visible_rows,
)
from inventory.changes import Conflicts, Refused
from inventory.formats import writers
from inventory.importing.prepared import WHY
from inventory.models import ChangeSet, Origin, State, Upload
from inventory.views.requests import Request

PER_PAGE = 50
CONFLICTS_SHOWN = 5


@login_required
@require_GET
def change_sets(request: Request) -> HttpResponse:
    """Newest first; filtered by where they came from."""
    query = visible_change_sets(request.user).select_related("user", "undoes").defer("report")
    origin = request.GET.get("origin", "")
    is_waiting = request.GET.get("state") == State.PROPOSED
    if is_waiting:
        query = query.filter(state=State.PROPOSED)
    elif origin in Origin.values:
        query = query.filter(origin=origin)
    query = query.exclude(state=State.DISCARDED)
    place = Paginator(query, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "origins": Origin.choices,
        "origin": origin,
        "query": _query(origin, is_waiting=is_waiting),
        "is_waiting": is_waiting,
        "waiting": proposals.waiting(request.user).count(),
        "may_import": may(request.user, Action.IMPORT),
    }
    return render(request, "inventory/change_set_list.html", context)


def _query(origin: str, *, is_waiting: bool) -> str:
    if is_waiting:
        return f"state={State.PROPOSED}"
    return f"origin={origin}" if origin in Origin.values else ""


@login_required
@require_GET
def change_set(request: Request, pk: int) -> HttpResponse:
    found = _visible(request, pk)
    whole = sees_everything(request.user)
    rows = visible_rows(found, request.user)
    filters = tabs(found, rows, whole=whole)
    names = [tab.name for tab in filters]
    asked = request.GET.get("show", "")
    name = asked if asked in names else _first(names)
    listed: Any = found.report.get(name, []) if name in ("errors", "repaired") else None
    if listed is None:
        listed = rows_of_tab(rows, name)
    place = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    may_import = may(request.user, Action.IMPORT)
    is_planned = found.state == State.PLANNED and may_import
    context = {
        "change_set": found,
        "counts": found.report.get("counts", {}),
        "writes": rows.count() if is_planned else 0,
        "accounts": sum(tab.count for tab in filters if tab.name in ("new", "changed")),
        "parked": len(found.report.get("parked", {}).get("rows", ())) if whole else 0,
        "tabs": filters,
        "show": name,
        "place": place,
        "rows": () if name in ("errors", "repaired") else shown(list(place), request.user),
        "query": f"show={name}",
        "may_apply": is_planned,
        "may_undo": may_undo(found, request.user),
        "may_decide": proposals.may_decide(request.user, found),
        "may_withdraw": found.state == State.PROPOSED and found.user_id == request.user.pk,
        "upload": _upload(request, found) if is_planned else None,
        "undone_by": found.undone_by.order_by("-pk").first(),
        "may_download": may_import,
        "whole": whole,
    }
    return render(request, "inventory/change_set_detail.html", context)


def _first(names: Sequence[str]) -> str:
    """Problems first: they are what needs a decision."""
    return "errors" if "errors" in names else names[0] if names else "changed"


def _visible(request: Request, pk: int) -> ChangeSet:
    query = visible_change_sets(request.user).select_related("user", "undoes", "decided_by")
    return get_object_or_404(query, pk=pk)


def _upload(request: Request, found: ChangeSet) -> Upload | None:
    """The file it was planned from, while it is kept, to go back to its mapping."""
    key = found.report.get("upload")
    if not key:
        return None
    return Upload.objects.filter(pk=key, user=request.user).defer("content").first()


@login_required
@require_POST
def apply(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.IMPORT)
    found = _visible(request, pk)
    try:
        changes.apply(found)
    except (Refused, Conflicts) as refused:
        messages.error(request, _told(refused, "Nothing was written. Plan it again from the file."))
        return redirect(found)
    messages.success(request, f"Applied. Change set {found.pk} can be undone here.")
    return redirect(found)


@login_required
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Undo, or redo where the change set is itself an undo."""
    found = _visible(request, pk)
    if not may_undo(found, request.user):
        raise PermissionDenied("Your role may not undo this change set.")
    try:
        done = changes.undo(found, user=request.user)
    except (Refused, Conflicts) as refused:
        messages.error(request, _told(refused, "Nothing was undone."))
        return redirect(found)
    word = "Redone" if found.undoes_id else "Undone"
    messages.success(request, f"{word}: every cell has its value from before again.")
    return redirect(done)


@login_required
@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.IMPORT)
    found = _visible(request, pk)
    changes.discard(found)
    messages.info(request, "Nothing was changed; the plan is discarded.")
    upload = _upload(request, found)
    return (
        redirect("inventory:import_mapping", upload.pk) if upload else redirect("inventory:import")
    )


@login_required
@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """Accept or decline a proposal, or withdraw one's own."""
    found = _visible(request, pk)
    action, user = request.POST.get("action", ""), request.user
    if found.origin != Origin.PROPOSAL or action not in ("accept", "decline", "withdraw"):
        raise Http404("Accept, decline or withdraw a proposal.")
    try:
        if action == "accept":
            proposals.accept(found, user=user)
            messages.success(request, "Accepted and written. It can be undone here.")
        elif action == "decline":
            proposals.decline(found, user=user, remark=request.POST.get("remark", ""))
            messages.info(request, "Declined; nothing was changed.")
        else:
            proposals.withdraw(found, user=user)
            messages.info(request, "Withdrawn; nothing was changed.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (Refused, Conflicts) as refused:
        messages.error(request, _told(refused, "Nothing was written; decline it if it is moot."))
    return redirect(found)


def _told(refused: Refused | Conflicts, ending: str) -> str:
    """What stands in the way, cell by cell, and what to do."""
    if isinstance(refused, Refused):
        return f"{refused} {ending}"
    lines = [
        " ".join(part for part in (cell["key"], cell["column"], cell["message"]) if part)
        for cell in refused.cells[:CONFLICTS_SHOWN]
    ]
    more = len(refused.cells) - CONFLICTS_SHOWN
    if more > 0:
        lines.append(f"and {more:,} more")
    return "\n".join([f"Changed in the meantime, by somebody or by AWS. {ending}", *lines])


@login_required
@require_GET
def rows_with_errors(request: Request, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The parked rows as they were in the file, with one more column that says why."""
    require(request.user, Action.IMPORT)
    found = _visible(request, pk)
    parked = found.report.get("parked", {})
    if not parked.get("rows"):
        raise Http404("No rows are parked.")
    write = writers()["csv"].write
    assert write is not None
    rows = ([*cells, why] for _, cells, why in parked["rows"])
    audit.record(Event.EXPORTED, found, format="csv", what="rows with errors")
    return StreamingHttpResponse(
        write([*parked["headers"], WHY], rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rows-with-errors-{pk}.csv"'},
    )
