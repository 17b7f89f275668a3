"""Beginning and ending to see Cairn as another person does."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from inventory import viewing_as
from inventory.access import Action, require
from inventory.models import User
from inventory.views.requests import Request


@login_required
@require_POST
def start(request: Request) -> HttpResponse:
    require(request.user, Action.VIEW_AS)
    person = get_object_or_404(User, email=request.POST.get("person", "").strip().lower())
    viewing_as.start(request, person)
    return redirect("/")


@login_required
@require_POST
def stop(request: Request) -> HttpResponse:
    person = viewing_as.stop(request)
    if person is None:
        return redirect("/")
    messages.info(request, f"You see your own pages again, no longer those of {person}.")
    return redirect(f"{reverse('inventory:access')}?{urlencode({'person': person.email})}")
