"""Webhooks: which there are, making one, trying it out, switching it off and on again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from inventory import audit
from inventory.access import Action, require
from inventory.audit import Event
from inventory.models import Webhook
from inventory.models.webhooks import new_secret
from inventory.outbox.letters import one_line
from inventory.views.requests import Request
from inventory.webhooks import disable, enable, try_out
from inventory.webhooks.posting import Forbidden, Unanswered, resolve

SHOWN = 50


class WebhookForm(forms.Form):
    """A new webhook. The address is looked at when it is saved, and again at every delivery."""

    name = forms.CharField(max_length=100)
    url = forms.CharField(
        label="URL", max_length=2000, help_text="It is kept secret and not shown again."
    )
    format = forms.ChoiceField(choices=Webhook.Format.choices)
    events = forms.MultipleChoiceField(
        choices=Webhook.Event.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"], 100)
        if Webhook.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a webhook of that name.")
        return name

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            resolve(url)
        except (Forbidden, Unanswered) as refused:
            raise forms.ValidationError(str(refused)) from None
        return url


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def webhooks(request: Request) -> HttpResponse:
    """The secret of a new one is shown in the answer that makes it, and never again."""
    require(request.user, Action.MAIL)
    form = WebhookForm(request.POST or None, initial={"events": Webhook.Event.values})
    made = None
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = Webhook.objects.create(**form.cleaned_data, created_by=request.user)
            audit.record(Event.WEBHOOK_CHANGED, made, what="made", events=made.events)
        form = WebhookForm(initial={"events": Webhook.Event.values})
    context: dict[str, Any] = {"webhooks": Webhook.objects.all(), "form": form, "made": made}
    return render(request, "inventory/webhooks.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: Request, pk: int) -> HttpResponse:
    """One webhook and its last deliveries; posting gives it a new secret, shown in the answer."""
    require(request.user, Action.MAIL)
    found = get_object_or_404(Webhook, pk=pk)
    made = None
    if request.method == "POST" and found.format == Webhook.Format.SIGNED:
        found.secret = new_secret()
        with transaction.atomic():
            found.save(update_fields=["secret"])
            audit.record(Event.WEBHOOK_CHANGED, found, what="given a new secret")
        made = found
    context = {"webhook": found, "deliveries": found.deliveries.all()[:SHOWN], "made": made}
    return render(request, "inventory/webhook.html", context)


@login_required
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Try it, switch it off or on, or remove it, by the button that was pressed."""
    require(request.user, Action.MAIL)
    found = get_object_or_404(Webhook, pk=pk)
    what = request.POST.get("change")
    if what == "remove":
        with transaction.atomic(), audit.written_last():
            audit.record(Event.WEBHOOK_CHANGED, found, what="removed")
            found.delete()
        messages.success(request, f"{found.name} is removed.")
        return redirect("inventory:webhooks")
    if what == "try":
        with transaction.atomic():
            try_out(found)
            audit.record(Event.WEBHOOK_CHANGED, found, what="tried out")
        messages.success(request, "A trial is queued. Its outcome stands below within a minute.")
    elif what == "disable":
        disable(found)
        messages.success(request, "It is switched off and is told nothing.")
    elif what == "enable":
        enable(found)
        messages.success(request, "It is switched on. What happens from now on is told.")
    return redirect(found)
