"""Guardrails: the OU tree with its policies, and what holds in each account and by which policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from collectors.outcomes import Missing
from collectors.services import organizations
from collectors.store import organization_facts
from inventory.access import Action, may, sees_everything
from inventory.models import Account, Organization, OrganizationalUnit
from roadmap.queries import guardrails as queries

PER_PAGE = 50


@dataclass(frozen=True)
class Place:
    """A root or OU with the policies attached right there; ``depth`` is 0 for a root."""

    unit: OrganizationalUnit
    depth: int
    policies: Sequence[organizations.Policy]
    accounts: int


@dataclass(frozen=True)
class Tree:
    """``missing`` says why the policies are not known."""

    organization: Organization
    places: Sequence[Place]
    policies: Sequence[organizations.Policy]
    missing: str = ""
    collected_at: datetime | None = None


@login_required
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    accounts = Account.objects.visible_to(request.user).exclude(observed_organization=None)
    unit = OrganizationalUnit.objects.filter(ou_id=request.GET.get("ou", "")).first()
    if unit is not None:
        accounts = accounts.filter(ou__in=_below(unit))
        if not sees_everything(request.user) and not accounts.exists():
            raise Http404("No OU with an account that you may see has that id.")
    ordered = accounts.select_related("ou").order_by("ou__path", "account_id")
    place = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    found = queries.statuses([account.pk for account in place])
    counted = queries.tallies(accounts)
    items = queries.guardrails()
    context = {
        "items": [(item, counted[item.key]) for item in items],
        "lines": [
            (account, [(item, found.get((account.pk, item.key))) for item in items])
            for account in place
        ],
        "place": place,
        "unit": unit,
        "query": f"ou={unit.ou_id}" if unit else "",
        "trees": trees() if sees_everything(request.user) else (),
        "may_try": may(request.user, Action.SETTINGS),
    }
    return render(request, "roadmap/guardrails.html", context)


@login_required
@require_GET
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """A service control policy: what it says, and where it is attached."""
    if not sees_everything(request.user):
        raise PermissionDenied("You may see what holds in your accounts, and not whole policies.")
    found = [(tree, one) for tree in trees() for one in tree.policies if one.id == policy_id]
    if not found:
        raise Http404("No such policy was collected.")
    tree, shown = found[0]
    context = {
        "tree": tree,
        "policy": shown,
        "places": [place for place in tree.places if shown in place.policies],
        "accounts": queries.attached_to(tree.organization, policy_id),
        "may_try": may(request.user, Action.SETTINGS),
    }
    return render(request, "roadmap/guardrails_policy.html", context)


def _below(unit: OrganizationalUnit) -> list[int]:
    units = OrganizationalUnit.objects.values_list("pk", "ou_id", "ancestors")
    return [pk for pk, ou_id, above in units if unit.ou_id in (ou_id, *above)]


def trees() -> list[Tree]:
    return [_tree(one) for one in Organization.objects.all()]


def _tree(organization: Organization) -> Tree:
    units = list(organization.units.filter(gone_at=None))
    counts = Counter(Account.objects.filter(ou__in=units).values_list("ou_id", flat=True))
    missing = ""
    known = organizations.Policies()
    facts = organization_facts(organization, [])
    observed = facts.find(facts.management_account_id, organizations.policies.name)
    try:
        known = observed.get()
    except Missing as error:
        missing = error.message
    scps = [p for p in known.policies if p.type == organizations.SERVICE_CONTROL_POLICY]
    by_id = {policy.id: policy for policy in scps}
    places = [
        Place(
            unit,
            len(unit.ancestors),
            [by_id[one] for one in known.attached.get(unit.ou_id, ()) if one in by_id],
            counts[unit.pk],
        )
        for unit in units
    ]
    return Tree(organization, places, scps, missing, observed.observed_at)
