"""API tokens: each signs in as the person who made it, and may do what that person may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from knox.models import AuthToken

MOST = 20
DAYS = ((30, "30 days"), (90, "90 days"), (365, "a year"))


class TokenForm(forms.Form):
    days = forms.TypedChoiceField(label="Valid for", choices=DAYS, coerce=int, initial=90)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens. The text of a new one is shown in the answer that makes it, and never
    again: only its digest is kept."""
    form = TokenForm(request.POST or None)
    own = AuthToken.objects.filter(user=request.user).order_by("-created")
    made = ""
    if request.method == "POST" and form.is_valid():
        if own.count() >= MOST:
            form.add_error(None, f"You have {MOST} tokens. Revoke one that nobody uses first.")
        else:
            with transaction.atomic():  # The audit log tells of it, or it is not made.
                _, made = AuthToken.objects.create(
                    request.user, expiry=timedelta(days=form.cleaned_data["days"])
                )
    context: dict[str, Any] = {"tokens": own, "form": form, "made": made}
    return render(request, "account/tokens.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest, digest: str) -> HttpResponse:
    get_object_or_404(AuthToken, user=request.user, digest=digest).delete()
    messages.success(request, "The token is revoked; calls with it are refused from now on.")
    return redirect("tokens")
