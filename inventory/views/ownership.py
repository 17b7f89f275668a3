"""The owner's answer about an account: yes; yes, but change this; not mine."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from inventory import ownership
from inventory.access import Action, may_edit_cell, require
from inventory.changes import Conflicts, Refused
from inventory.columns import ACCOUNTS, Column
from inventory.forms import ContactsForm, NotMineForm, suggestions
from inventory.grid.table import read_rows
from inventory.models import Account, HandOver
from inventory.policy import load_policy
from inventory.views.answers import answered
from inventory.views.requests import Request, varies, wants_fragment

YES, CHANGE, NOT_MINE = "yes", "change", "not_mine"


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: Request, account_id: str) -> HttpResponse:
    account = get_object_or_404(Account.objects.visible_to(request.user), account_id=account_id)
    require(request.user, Action.CONFIRM)
    answer = request.POST.get("answer", YES) if request.method == "POST" else ""
    if answer == CHANGE:
        return _change(request, account)
    if answer == NOT_MINE:
        return _not_mine(request, account)
    if answer:
        return _confirm(request, account, {})
    return _form(request, account)


def _confirm(request: Request, account: Account, values: dict[str, str]) -> HttpResponse:
    try:
        change_set = ownership.confirm(request.user, account, values)
    except ValidationError as error:
        return _form(request, account, problem=" ".join(error.messages))
    except (Refused, Conflicts) as refused:
        return _form(request, account, problem=str(refused))
    account.refresh_from_db()
    until = ownership.confirmed_until(account, load_policy())
    told = f"{account.title} is confirmed. Thank you."
    if until is not None:
        told += f" You will be asked again on {until:%-d %B %Y}."
    return answered(request, told, back=account.get_absolute_url(), change_set=change_set)


def _change(request: Request, account: Account) -> HttpResponse:
    columns = _contact_columns(request)
    form = ContactsForm(columns, request.POST, auto_id=_ids(account))
    if not form.is_valid():
        return _form(request, account, contacts=form)
    before = read_rows(ACCOUNTS, columns, [account.key])[account.key].cells
    changed = {
        name: value for name, value in form.cleaned_data.items() if value != before.get(name)
    }
    return _confirm(request, account, changed)


def _not_mine(request: Request, account: Account) -> HttpResponse:
    form = NotMineForm(request.POST, auto_id=_ids(account))
    if not form.is_valid():
        return _form(request, account, not_mine=form)
    said = form.cleaned_data
    try:
        hand_over = ownership.disown(request.user, account, said["whose"], said["note"])
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, account, not_mine=form)
    asked = hand_over.suggested or "Security"
    told = f"{account.title} is not confirmed. {asked} will be asked whose it is."
    return answered(request, told, back=account.get_absolute_url())


def _form(request: Request, account: Account, **more: Any) -> HttpResponse:
    context = {"account": account, **choices(request, account), **more}
    template = "_ownership" if wants_fragment(request) else "ownership"
    is_refused = request.method == "POST" and not wants_fragment(request)
    status = 400 if is_refused else 200
    return varies(render(request, f"inventory/{template}.html", context, status=status))


def choices(request: Request, account: Account) -> dict[str, Any]:
    """What templates/inventory/_ownership.html needs besides the account."""
    columns = _contact_columns(request)
    cells = read_rows(ACCOUNTS, columns, [account.key])[account.key].cells
    return {
        "contacts": ContactsForm(columns, initial=cells, auto_id=_ids(account)),
        "not_mine": NotMineForm(auto_id=_ids(account)),
        "opened": request.POST.get("answer") or request.GET.get("answer", ""),
        "suggestions": suggestions(columns[0], request.user) if columns else (),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }


def _ids(account: Account) -> str:
    """Of a form's controls: several accounts may be asked about on one page."""
    return f"{account.partition}-{account.account_id}-%s"


def _contact_columns(request: Request) -> list[Column]:
    return [one for one in ownership.contact_columns() if may_edit_cell(request.user, one)]


@login_required
@require_POST
def answer_offer(request: Request, pk: int) -> HttpResponse:
    """Whether an account is one's own of which somebody else says so."""
    offer = get_object_or_404(HandOver.objects.select_related("account"), pk=pk)
    account, change_set = offer.account, None
    try:
        if request.POST.get("answer") == YES:
            change_set = ownership.take_over(request.user, offer)
            told = f"{account.title} is yours now, and confirmed. Thank you."
        else:
            ownership.refuse(request.user, offer, request.POST.get("note", ""))
            told = f"{account.title} is not yours. Security will be asked."
    except ValidationError as error:
        return answered(request, " ".join(error.messages), back="/", is_moot=True)
    return answered(request, told, back="/", change_set=change_set)
