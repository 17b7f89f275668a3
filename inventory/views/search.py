"""Search over everything: a pasted id or ARN goes straight to its account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from inventory import search
from inventory.columns import ACCOUNTS
from inventory.models import Account
from inventory.views.requests import Request
from inventory.views.sheets import may_add


@login_required
@require_GET
def find(request: Request) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    account_id = search.account_id_in(text)
    if account_id:
        account = Account.objects.visible_to(request.user).filter(account_id=account_id).first()
        if account is not None:
            return redirect(account)
    context = {
        "q": text,
        "account_id": account_id,
        "found": search.everything(text, request.user),
        "may_add": may_add(request.user, ACCOUNTS),
    }
    return render(request, "inventory/search.html", context)
