"""The door of Django's admin: who may enter, and how one gets there."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from inventory.access import Action, may


def may_enter(request: HttpRequest) -> bool:
    return may(request.user, Action.PEOPLE)


def sign_in(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Raises PermissionDenied for whoever is signed in and may not enter."""
    if request.user.is_authenticated and not may_enter(request):
        raise PermissionDenied
    to = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': to})}")
