"""Passwords are for those who sign in by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from cairn.sign_in.local import signs_in_locally
from inventory.models import User


def for_local_sign_ins(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """The view, for whoever may sign in by a password; a password set by others would be a way
    past their identity provider."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        assert isinstance(request.user, User)
        if not signs_in_locally(request.user):
            raise PermissionDenied("You sign in through your company, and have no password here.")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return guarded


def local_sign_in() -> str:
    """For templates: whom the sign-in page offers a password."""
    return str(settings.LOCAL_SIGN_IN)
