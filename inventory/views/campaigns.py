"""Campaigns: the list, and one as it is prepared, rehearsed, started, followed and ended."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from inventory import campaigns
from inventory.access import Action, may, require
from inventory.filters import AccountFilters, describe
from inventory.models import Account, Campaign
from inventory.views.requests import Request

PER_PAGE = 50
ROWS_SHOWN = 100


class CampaignForm(forms.Form):
    """What to call it, and by when; the accounts come from the list that led here."""

    name = forms.CharField(max_length=200, help_text="It begins the subject of every mail.")
    due_on = forms.DateField(label="Answer by", widget=forms.DateInput({"type": "date"}))
    query = forms.CharField(required=False, widget=forms.HiddenInput)


@login_required
@require_GET
def campaign_list(request: Request) -> HttpResponse:
    require(request.user, Action.SEE_ORPHANS)
    rows = campaigns.counted(Campaign.objects.select_related("created_by")).order_by("-id")
    place = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "rows": [(one, campaigns.progress_of(one)) for one in place],
        "may_start": may(request.user, Action.CAMPAIGN),
    }
    return render(request, "inventory/campaigns.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_campaign(request: Request) -> HttpResponse:
    require(request.user, Action.CAMPAIGN)
    data = request.POST if request.method == "POST" else None
    query = request.POST.get("query", "") if data is not None else request.GET.urlencode()
    form = CampaignForm(data, initial={"query": query})
    if form.is_valid():
        told = form.cleaned_data
        try:
            made = campaigns.create(request.user, told["name"], told["query"], told["due_on"])
        except ValidationError as error:
            for name, told_problems in error.message_dict.items():
                form.add_error(None if name == "query" else name, told_problems)
        else:
            return redirect(made)
    accounts = campaigns.matching(request.user, query)
    context = {"form": form, "number": accounts.count(), "told": _told(request, query)}
    status = 400 if form.errors else 200
    return render(request, "inventory/campaign_new.html", context, status=status)


def _told(request: Request, query: str) -> str:
    """The filters in words."""
    filters = AccountFilters(QueryDict(query), Account.objects.visible_to(request.user))
    return describe(filters, request.user, panel=False).sentence


@login_required
@require_http_methods(["GET", "POST"])
def campaign(request: Request, pk: int) -> HttpResponse:
    require(request.user, Action.CAMPAIGN if request.method == "POST" else Action.SEE_ORPHANS)
    found = get_object_or_404(Campaign.objects.select_related("created_by"), pk=pk)
    if request.method == "POST":
        return _act(request, found)
    is_draft = found.state == Campaign.State.DRAFT
    open_ones = campaigns.unanswered(found).select_related("team").order_by("account_id")
    may_act = may(request.user, Action.CAMPAIGN)
    progress = campaigns.progress(found)
    context = {
        "campaign": found,
        "progress": progress,
        "rehearsal": campaigns.rehearse(found) if is_draft and may_act else None,
        "steps": campaigns.steps(found),
        "today": datetime.now(UTC).date(),
        "levels": campaigns.levels(found, datetime.now(UTC).date()),
        "open_ones": open_ones[:ROWS_SHOWN],
        "more": max(0, progress.open - ROWS_SHOWN),
        "may_act": may_act and found.state != Campaign.State.ENDED,
    }
    return render(request, "inventory/campaign.html", context)


def _act(request: Request, found: Campaign) -> HttpResponse:
    action = request.POST.get("action")
    if action == "start":
        try:
            number = campaigns.start(request.user, found)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"Started: {number:,} people are asked by mail.")
    elif action == "end":
        campaigns.end(request.user, found)
        messages.info(request, "Ended; nobody is asked any more. What was answered stays.")
    else:
        raise Http404("Start or end it.")
    return redirect(found)
