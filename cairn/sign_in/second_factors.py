"""Second factors: a break-glass sign-in keeps one, and an administrator helps who lost theirs."""

from __future__ import annotations

import logging

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from inventory.models import User

logger = logging.getLogger(__name__)


@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Django-allauth asks this of authenticator apps alone."""
    key = get_object_or_404(
        Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN
    )
    if not get_adapter().can_delete_authenticator(key):
        messages.error(request, "A break-glass sign-in keeps one second factor at least.")
        return redirect("mfa_list_webauthn")
    response: HttpResponse = webauthn.remove_webauthn(request, pk=pk)
    return response


def remove_all(user: User, *, by: User) -> None:
    """For somebody who lost their phone and codes; they set up new ones after signing in."""
    Authenticator.objects.filter(user=user).delete()
    logger.warning("second factors removed", extra={"user": user.email, "by": by.email})
