"""My work: what waits for the person who is signed in, one decision a card."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from inventory.views.answers import answered
from inventory.views.requests import Request, varies, wants_fragment
from roadmap import attestations
from roadmap.models import Attestation
from roadmap.registry import items
from roadmap.work import MOST, work_of


@login_required
@require_GET
def my_work(request: Request) -> HttpResponse:
    """htmx asks for what is left alone, after an answer."""
    context = {"work": work_of(request.user), "most": MOST}
    template = "_work_left" if wants_fragment(request) else "my_work"
    return varies(render(request, f"roadmap/{template}.html", context))


@login_required
@require_POST
def renew(request: Request, pk: int) -> HttpResponse:
    """The same answer again; where it takes more than that, its form."""
    found = get_object_or_404(attestations.visible_to(request.user).distinct(), pk=pk)
    item = items()[found.item]
    try:
        given = attestations.renew(request.user, found)
    except ValidationError:
        return _to_the_form(request, found)
    told = f"{item.title}: said again, and valid until {given.expires_at:%-d %B %Y}."
    return answered(request, told, back=reverse("roadmap:my_work"))


def _to_the_form(request: Request, found: Attestation) -> HttpResponse:
    address = f"{found.form_url}?back={reverse('roadmap:my_work')}"
    if wants_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return redirect(address)
