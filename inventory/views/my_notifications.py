"""One's own mail: which kinds one gets, the last ones, and the link at the end of each."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from inventory.models import Message, Unsubscription
from inventory.outbox.unsubscribing import BadToken, read_token, subscribe, unsubscribe
from inventory.views.requests import Request

SHOWN = 20


@login_required
@require_http_methods(["GET", "POST"])
def my_notifications(request: Request) -> HttpResponse:
    """Which kinds are off stands in the database alone; a form posts those that are wanted."""
    person = request.user.person
    if request.method == "POST" and person:
        for kind in Message.OPTIONAL:
            (subscribe if kind in request.POST.getlist("kind") else unsubscribe)(person, kind)
        messages.success(request, "Saved.")
        return redirect("inventory:my_notifications")
    off = set(Unsubscription.objects.filter(person=person).values_list("kind", flat=True))
    context = {
        "person": person,
        "kinds": [(kind, kind not in off) for kind in Message.OPTIONAL],
        "always": [kind for kind in Message.Kind if kind not in Message.OPTIONAL],
        "mails": Message.objects.filter(person=person)[:SHOWN] if person else [],
    }
    return render(request, "inventory/my_notifications.html", context)


@csrf_exempt  # A mail provider posts here for the reader (RFC 8058); the token is the permission.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, for mail scanners follow links; a POST unsubscribes."""
    try:
        person, kind = read_token(token)
    except BadToken:
        raise Http404(
            "This link has ended or was cut off. Sign in and open Notifications in your menu."
        ) from None
    is_done = request.method == "POST"
    if is_done:
        unsubscribe(person, kind)
    context = {"kind": kind, "person": person, "is_done": is_done}
    return render(request, "inventory/unsubscribe.html", context)
