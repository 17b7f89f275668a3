"""Answering for what no API can tell."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from inventory.models import Account, Organization, Team, User
from inventory.views.requests import Request
from roadmap import attestations
from roadmap.attestations import Target
from roadmap.forms import AttestationForm
from roadmap.models import Attestation
from roadmap.registry import Level, items
from roadmap.restricted import hidden_from


@login_required
@require_http_methods(["GET", "POST"])
def attest(request: Request, stage: str, slug: str, level: str, target: str) -> HttpResponse:
    """The form for one item and one account id, team slug or organization id."""
    key = f"{stage}.{slug}"
    if key not in items() or level not in {one.value for one in Level}:
        raise Http404(f"The roadmap asks nothing of that kind about {key}.")
    user = request.user
    about = _target(user, Level(level), target)
    if not attestations.may_answer(user, about):
        raise PermissionDenied(f"You may not answer for {about}.")
    try:
        asked = attestations.attestable(items()[key], Level(level))
    except ValidationError as error:
        raise Http404(error.messages[0]) from None
    form = AttestationForm(request.POST or None, asked=asked)
    back = _back(request)
    if request.method == "POST" and form.is_valid() and form.save(user, key, about):
        messages.success(request, f"Your answer for {about} is recorded and judged.")
        return redirect(back)
    earlier = Attestation.objects.filter(item=key, **{level: about}).select_related("author")
    earlier = earlier.exclude(item__in=hidden_from(user))
    context = {
        "item": items()[key],
        "asked": asked,
        "level": level,
        "target": about,
        "form": form,
        "earlier": earlier[:20],
        "back": back,
    }
    return render(request, "roadmap/attest.html", context)


@login_required
@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    user = request.user
    attestation = get_object_or_404(attestations.visible_to(user).distinct(), pk=pk)
    attestations.withdraw(user, attestation)
    messages.success(request, "The answer is withdrawn; it stays in the history.")
    return redirect(_back(request))


def _target(user: User, level: Level, name: str) -> Target:
    if level == Level.ACCOUNT:
        return get_object_or_404(Account.objects.visible_to(user), account_id=name)
    if level == Level.TEAM:
        return get_object_or_404(Team, slug=name)
    return get_object_or_404(Organization, organization_id=name)


def _back(request: Request) -> str:
    """The page to return to, never one of another site."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()):
        return asked
    return "/"
