"""One account: who it belongs to and how far it has come."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from collectors.views.contacts import beside_aws
from inventory.access import Action, may, sees_everything
from inventory.models import Account
from inventory.queries import account_identity
from roadmap import queries
from roadmap.queries.findings import open_findings
from roadmap.restricted import hidden_from


@login_required
@require_GET
def account(request: HttpRequest, account_id: str) -> HttpResponse:
    visible = Account.objects.visible_to(request.user)
    try:
        page = queries.account_page(
            visible,
            account_id,
            hidden_from(request.user),
            with_calls="item" in request.GET,
        )
    except Account.DoesNotExist:
        raise Http404("You see no account of that id.") from None
    context = {
        "page": page,
        "account": page.account,
        "identity": account_identity(page.account, request.user),
        "aws_contacts": beside_aws(page.account, request.user),
        "may_attest": may(request.user, Action.ATTEST),
        "may_except": may(request.user, Action.EXCEPT),
        "may_see_policies": sees_everything(request.user),
        "may_collect": may(request.user, Action.COLLECT),
        "may_explain": may(request.user, Action.EXPLAIN),
        "open_item": request.GET.get("item", ""),
        "open_findings": open_findings(request.user, account=page.account),
    }
    return render(request, "roadmap/account.html", context)


@login_required
@require_GET
def verdict(request: HttpRequest, account_id: str, stage: str, slug: str) -> HttpResponse:
    """One item of an account: a page, the part of it that the account page opens in place, or with
    ``?format=json`` the evidence record (section 0.11 of the evidence rules)."""
    visible = Account.objects.visible_to(request.user)
    found = visible.select_related("team", "observed_organization").filter(account_id=account_id)
    account = found.first()
    found_verdicts = queries.verdicts_of(account, hidden_from(request.user)) if account else {}
    shown = found_verdicts.get(f"{stage}.{slug}")
    if shown is None:
        raise Http404("There is no such verdict.")
    if request.GET.get("format") == "json":
        return JsonResponse(shown.evidence.as_json(), json_dumps_params={"indent": 2})
    is_part = bool(getattr(request, "htmx", False))
    template = "roadmap/_verdict.html" if is_part else "roadmap/verdict.html"
    context = {
        "account": account,
        "verdict": shown,
        "may_attest": may(request.user, Action.ATTEST),
        "may_except": may(request.user, Action.EXCEPT),
        "may_see_policies": sees_everything(request.user),
    }
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
