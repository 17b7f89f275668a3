"""The outbox: what waits, is held, failed and went out; releasing and dropping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from inventory import outbox
from inventory.access import Action, require
from inventory.models import BouncingAddress, Message, Webhook
from inventory.outbox import limits
from inventory.outbox.queueing import DROPPABLE, RELEASABLE
from inventory.views.requests import Request, ticked

PER_PAGE = 100
State = Message.State


class Filter(forms.Form):
    """Which messages; what is not understood is left out."""

    state = forms.ChoiceField(choices=State.choices, required=False)
    kind = forms.ChoiceField(choices=Message.Kind.choices, required=False)
    find = forms.CharField(max_length=200, required=False)

    def rows(self) -> QuerySet[Message]:
        self.is_valid()
        given = self.cleaned_data
        found = Message.objects.select_related("person", "decided_by")
        if kind := given.get("kind"):
            found = found.filter(kind=kind)
        if text := given.get("find"):
            found = found.filter(address__icontains=text)
        return found

    def chosen(self) -> QuerySet[Message]:
        rows = self.rows()
        state = self.cleaned_data.get("state")
        return rows.filter(state=state) if state else rows

    @property
    def query(self) -> str:
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in self.cleaned_data.items() if value})
        return query.urlencode()


@login_required
@require_GET
def mail(request: Request) -> HttpResponse:
    require(request.user, Action.MAIL)
    chosen = Filter(request.GET)
    place = Paginator(chosen.chosen(), PER_PAGE).get_page(request.GET.get("page"))
    state = chosen.cleaned_data.get("state", "")
    counts = dict(chosen.rows().order_by().values_list("state").annotate(Count("pk")))
    query = QueryDict(chosen.query, mutable=True)
    query.pop("state", None)
    context: dict[str, Any] = {
        "place": place,
        "state": state,
        "states": [(one, counts.get(one.value, 0)) for one in State],
        "total": sum(counts.values()),
        "kind": chosen.cleaned_data.get("kind", ""),
        "kinds": Message.Kind,
        "find": chosen.cleaned_data.get("find", ""),
        "query": chosen.query,
        "other_query": query.urlencode(),
        "may_release": state in RELEASABLE and place.paginator.count,
        "may_drop": state in DROPPABLE and place.paginator.count,
        "per_hour": limits.per_hour(),
        "per_person": limits.per_person_and_day(),
        "gone": limits.gone(datetime.now(UTC)),
        "bouncing": BouncingAddress.objects.all()[:PER_PAGE],
        "webhooks": Webhook.objects.count(),
        "disabled": Webhook.objects.exclude(disabled_at=None).count(),
        "has_server": bool(settings.EMAIL_HOST),
        "folder": settings.EMAIL_FILE_PATH,
    }
    return render(request, "inventory/mail.html", context)


@login_required
@require_POST
def decide(request: Request) -> HttpResponse:
    """Release or drop the messages ticked, or all that the filter of the page matched."""
    require(request.user, Action.MAIL)
    chosen = Filter(request.POST)
    rows = chosen.chosen()
    if "all" not in request.POST:
        rows = rows.filter(pk__in=ticked(request.POST))
    rows = rows.select_related(None).order_by()
    if request.POST.get("decision") == "release":
        number = outbox.release(rows, request.user)
        told = "released; the limit per hour says how fast they go."
    elif request.POST.get("decision") == "drop":
        number = outbox.drop(rows, request.user)
        told = "dropped."
    else:
        number, told = 0, ""
    if number:
        messages.success(request, f"{number} {'mail is' if number == 1 else 'mails are'} {told}")
    else:
        messages.error(request, "Nothing was chosen that can be released or dropped.")
    return redirect(f"{reverse('inventory:mail')}?{chosen.query}")


@login_required
@require_GET
def message(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.MAIL)
    rows = Message.objects.select_related("person", "decided_by")
    return render(request, "inventory/message.html", {"mail": get_object_or_404(rows, pk=pk)})


@login_required
@require_GET
def message_html(request: Request, pk: int) -> HttpResponse:
    """The mail itself, for the frame of its page."""
    require(request.user, Action.MAIL)
    return framed(get_object_or_404(Message, pk=pk).html)


def framed(html: str) -> HttpResponse:
    """A mail for a frame of our own pages: it may look as it looks and do nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    return HttpResponse(
        html, headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
    )
