"""Exceptions: the register of all of them, asking for one, and deciding."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.access import Action, may, require, sees_everything
from inventory.kinds import CellError, clean_account_id
from inventory.models import Account, User
from inventory.views.requests import Request
from roadmap import exceptions
from roadmap.exceptions import State
from roadmap.models import RuleException
from roadmap.registry import items

PER_PAGE = 100


@login_required
@require_GET
def register(request: Request) -> HttpResponse:
    user = request.user
    now = datetime.now(UTC)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    counts = exceptions.counted(user, now)
    place = Paginator(exceptions.in_state(user, now, state), PER_PAGE).get_page(
        request.GET.get("page")
    )
    catalogue = items()
    context = {
        "lines": [
            {
                "exception": row,
                "item": catalogue.get(row.item),
                "state": row.state(now),
                "may_decide": exceptions.may_decide(user, row),
                "may_end": may(user, Action.APPROVE) or row.requester_id == user.pk,
            }
            for row in place
        ],
        "place": place,
        "state": state,
        "states": [(one, counts[one]) for one in State],
        "total": sum(counts.values()),
        "query": f"state={state}" if state else "",
        "may_ask": may(user, Action.EXCEPT),
        "now": now,
    }
    return render(request, "roadmap/exceptions.html", context)


class AskForm(forms.Form):
    """Asks what an exception is from, for what, why and for how long."""

    item = forms.ChoiceField(label="From the item")
    account = forms.CharField(
        label="For the account", required=False, max_length=40, help_text="Its 12-digit id."
    )
    pattern = forms.CharField(
        label="Only for these of its resources",
        required=False,
        max_length=exceptions.LONGEST_PATTERN,
        help_text="An ARN; * and ? stand for anything. Empty: the whole account.",
    )
    reason = forms.CharField(
        label="Why the rule need not hold here, and what stands in for it",
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
    )
    expires_on = forms.DateField(label="Until", widget=forms.DateInput({"type": "date"}))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        item, account = self.fields["item"], self.fields["account"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = [
            (one.key, f"{one.order} {one.title}") for one in items().values() if one.weight
        ]
        account.required = not sees_everything(user)

    def clean_account(self) -> Account | None:
        text = self.cleaned_data["account"].strip()
        if not text:
            return None
        try:
            account_id = clean_account_id(text)
        except CellError as error:
            raise forms.ValidationError(str(error)) from None
        found = Account.objects.visible_to(self.user).filter(account_id=account_id).first()
        if found is None:
            raise forms.ValidationError(f"You see no account {account_id}.")
        return found

    def save(self) -> RuleException | None:
        """The exception asked for; None with the form's errors set where it is refused."""
        data = self.cleaned_data
        try:
            return exceptions.ask(
                self.user,
                data["item"],
                account=data["account"],
                pattern=data["pattern"],
                reason=data["reason"],
                expires_at=datetime.combine(data["expires_on"], time(), UTC),
            )
        except ValidationError as error:
            for name, problems in error.error_dict.items():
                self.add_error({"expires_at": "expires_on"}.get(name, name), problems)
            return None


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: Request) -> HttpResponse:
    user = request.user
    require(user, Action.EXCEPT)
    given = {name: request.GET.get(name, "") for name in ("item", "account", "pattern")}
    form = AskForm(user, request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "Asked for. It counts once somebody else has granted it.")
        return redirect(f"{reverse('roadmap:exceptions')}?state={State.REQUESTED}")
    return render(request, "roadmap/ask_exception.html", {"form": form})


@login_required
@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """Grant, refuse or end one, by the button that was pressed."""
    user = request.user
    exception = get_object_or_404(exceptions.visible_to(user), pk=pk)
    remark = request.POST.get("remark", "")[:1000]
    try:
        told = _decided(user, exception, request.POST.get("decision", ""), remark)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, told)
    return redirect("roadmap:exceptions")


def _decided(user: User, exception: RuleException, decision: str, remark: str) -> str:
    if decision == "approve":
        exceptions.approve(user, exception)
        return "Granted. The accounts concerned are judged again."
    if decision == "refuse":
        exceptions.refuse(user, exception, remark)
        return "Refused. Who asked sees why."
    exceptions.end(user, exception, remark)
    return "Ended. The rule counts again."
