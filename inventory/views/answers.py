"""What an answer given on a card or a page comes back with."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from inventory.models import ChangeSet
from inventory.views.requests import Request, varies, wants_fragment


def answered(
    request: Request,
    told: str,
    *,
    back: str,
    change_set: ChangeSet | None = None,
    is_moot: bool = False,
) -> HttpResponse:
    """The card in its answered state, for htmx; the page one came from with a message, else. An
    answer is moot where somebody settled the matter before."""
    if wants_fragment(request):
        context = {"told": told, "change_set": change_set, "is_moot": is_moot}
        response = varies(render(request, "inventory/_answered.html", context))
        response["HX-Trigger"] = "answered"
        return response
    if change_set is not None:
        url = change_set.get_absolute_url()
        told = format_html('{} <a href="{}">See or undo it</a>', told, url)
    messages.add_message(request, messages.WARNING if is_moot else messages.SUCCESS, told)
    return redirect(back_of(request, back))


def back_of(request: Request, default: str) -> str:
    """The page that the form names to return to, never one of another site."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if asked and safe else default
