"""A plan of contacts to write to AWS: its page as it goes on, and what people decide of it."""

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

from collectors import tasks
from collectors.alternate_contacts import details_shown
from collectors.models import ContactPush
from collectors.pushing import deciding, planning
from collectors.pushing.progress import causes_of, items_of, line_of, progress_of
from collectors.pushing.readiness import NotPossible
from inventory.access import Action, may, require
from inventory.models import User
from inventory.views.requests import Request, varies, wants_fragment

ITEMS_A_PAGE = 50


def wake_workers(request: Request, push: ContactPush) -> None:
    """Tell the workers at once; without a broker they find it at their next sweep."""
    try:
        tasks.push_contacts.delay(push.pk)
    except OperationalError:
        messages.warning(request, "No worker could be told. It goes on when the broker is back.")


def _found(organization_id: str, push_id: int) -> ContactPush:
    pushes = ContactPush.objects.select_related(
        "organization", "planned_by", "confirmed_by", "cancelled_by", "undo_of", "split_from"
    )
    return get_object_or_404(pushes, pk=push_id, organization__organization_id=organization_id)


@login_required
@require_GET
def contact_push(request: Request, organization_id: str, push_id: int) -> HttpResponse:
    """htmx asks for its living part again until it has ended."""
    require(request.user, Action.SEE_RUNS)
    push = _found(organization_id, push_id)
    template = "_contact_push_live" if wants_fragment(request) else "contact_push"
    return varies(render(request, f"collectors/{template}.html", _context(request, push)))


def _context(request: Request, push: ContactPush) -> dict[str, Any]:
    state = request.GET.get("state", "")
    place = Paginator(items_of(push, state), ITEMS_A_PAGE).get_page(request.GET.get("page"))
    lines = [line_of(item) for item in place]
    sees_phones = may(request.user, Action.SEE_PHONES)
    if sees_phones:
        details_shown(one for line in lines for one in (line.before, line.after, line.found))
    return {
        "push": push,
        "progress": progress_of(push),
        "causes": causes_of(push),
        "place": place,
        "lines": lines,
        "state": state,
        "why_not": deciding.why_not_confirmed(push, request.user),
        "parts": ContactPush.objects.filter(split_from=push).select_related("organization"),
        "undone_by": push.undone_by.select_related("organization"),
        "may_push": may(request.user, Action.PUSH_CONTACTS),
        "sees_phones": sees_phones,
    }


def _deciding(
    decide: Callable[[ContactPush, User, Request], ContactPush],
) -> Callable[[Request, str, int], HttpResponse]:
    """A view that decides something of a push, and shows the push that comes of it."""

    @login_required
    @require_POST
    def view(request: Request, organization_id: str, push_id: int) -> HttpResponse:
        require(request.user, Action.PUSH_CONTACTS)
        push = _found(organization_id, push_id)
        try:
            result = decide(push, request.user, request)
        except NotPossible as refused:
            messages.error(request, str(refused))
            return redirect(push)
        if result.is_active:
            wake_workers(request, result)
        return redirect(result)

    return view


def _confirm(push: ContactPush, user: User, request: Request) -> ContactPush:
    deciding.confirm(push, user=user)
    return push


def _cancel(push: ContactPush, user: User, request: Request) -> ContactPush:
    deciding.cancel(push, user=user)
    return push


def _retry(push: ContactPush, user: User, request: Request) -> ContactPush:
    deciding.retry(push, user=user)
    return push


def _undo(push: ContactPush, user: User, request: Request) -> ContactPush:
    return planning.plan_undo(push, user=user)


def _split(push: ContactPush, user: User, request: Request) -> ContactPush:
    parts = deciding.split(push)
    plans = "plan" if len(parts) == 1 else "plans"
    messages.success(
        request, f"What is too much for this plan is in {len(parts)} {plans} of its own."
    )
    return push


def _raise(push: ContactPush, user: User, request: Request) -> ContactPush:
    entered = request.POST.get("changes", "").strip()
    number = int(entered) if entered.isascii() and entered.isdigit() and len(entered) < 9 else 0
    deciding.raise_ceiling(push, number, user=user)
    return push


confirm = _deciding(_confirm)
cancel = _deciding(_cancel)
retry = _deciding(_retry)
undo = _deciding(_undo)
split = _deciding(_split)
raise_ceiling = _deciding(_raise)
