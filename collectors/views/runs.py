"""Collection runs: the list, one run as it goes on, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from collectors import progress, runs, tasks
from collectors.models import Connection, Run
from inventory.access import Action, may, require
from inventory.models import Organization, User
from inventory.views.requests import Request

RUNS_A_PAGE = 50
ACCOUNTS_A_PAGE = 50


def wake_workers(request: Request, run: Run) -> None:
    """Tell the workers at once; without a broker they find the run at their next sweep."""
    try:
        tasks.carry_on.delay(run.pk)
    except OperationalError:
        messages.warning(
            request, "No worker could be told. The run starts when the broker is back."
        )


@login_required
@require_GET
def run_list(request: Request) -> HttpResponse:
    require(request.user, Action.SEE_RUNS)
    found = Run.objects.select_related("organization", "requested_by")
    if organization := request.GET.get("organization", ""):
        found = found.filter(organization__organization_id=organization)
    page = Paginator(found, RUNS_A_PAGE).get_page(request.GET.get("page"))
    connected = Connection.objects.select_related("organization")
    context = {
        "page": page,
        "rows": [(run, progress.summary_of(run)) for run in page],
        "connections": list(connected),
        "organization": organization,
        "may_collect": may(request.user, Action.COLLECT),
    }
    return render(request, "collectors/run_list.html", context)


@login_required
@require_GET
def run(request: Request, run_id: int) -> HttpResponse:
    """The page of a run; htmx asks for its living part again until the run has ended."""
    require(request.user, Action.SEE_RUNS)
    found = get_object_or_404(Run.objects.select_related("organization", "requested_by"), pk=run_id)
    template = "_run_live.html" if request.headers.get("HX-Request") else "run.html"
    return render(request, f"collectors/{template}", _context(request, found))


def _context(request: Request, run: Run) -> dict[str, Any]:
    accounts = Paginator(progress.accounts_of(run), ACCOUNTS_A_PAGE)
    is_active = run.state in Run.ACTIVE
    return {
        "run": run,
        "progress": progress.progress_of(run),
        "is_active": is_active,
        "accounts": accounts.get_page(request.GET.get("page")),
        "causes": progress.causes_of(run),
        "may_collect": may(request.user, Action.COLLECT),
        "may_resume": run.state in (Run.State.CANCELLED, Run.State.FAILED),
    }


@login_required
@require_POST
def start(request: Request, organization_id: str) -> HttpResponse:
    require(request.user, Action.COLLECT)
    organization = get_object_or_404(Organization, organization_id=organization_id)
    try:
        started = runs.start(organization, requested_by=request.user)
    except runs.NotPossible as refused:
        messages.error(request, str(refused))
        return redirect("collectors:organization", organization_id)
    wake_workers(request, started)
    return redirect(started)


def _changing(change: Callable[[Run, User], Run]) -> Callable[[Request, int], HttpResponse]:
    """A view that changes a run, wakes the workers and shows the run that comes of it."""

    @login_required
    @require_POST
    def view(request: Request, run_id: int) -> HttpResponse:
        require(request.user, Action.COLLECT)
        found = get_object_or_404(Run, pk=run_id)
        try:
            result = change(found, request.user)
        except runs.NotPossible as refused:
            messages.error(request, str(refused))
            return redirect(found)
        result.refresh_from_db()
        if result.state in Run.ACTIVE:
            wake_workers(request, result)
        return redirect(result)

    return view


def _cancel(run: Run, user: User) -> Run:
    runs.cancel(run)
    return run


def _resume(run: Run, user: User) -> Run:
    runs.resume(run)
    return run


def _retry(run: Run, user: User) -> Run:
    return runs.retry(run, requested_by=user)


cancel = _changing(_cancel)
resume = _changing(_resume)
retry = _changing(_retry)
