"""Guardrails: the OU tree with its policies, what holds in each account and by which policy, and
what another policy would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from collectors.outcomes import Missing
from collectors.services import organizations
from collectors.store import organization_facts
from inventory.access import Action, may, require, sees_everything
from inventory.models import Account, Organization, OrganizationalUnit
from roadmap.guardrails.documents import LONGEST, Document, Refused, policy_of, read_policy
from roadmap.queries import guardrails as queries
from roadmap.queries.guardrails import Change

PER_PAGE = 50
MOST_CHANGES = 500


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
        "trees": _trees() if sees_everything(request.user) else (),
        "may_try": may(request.user, Action.SETTINGS),
    }
    return render(request, "roadmap/guardrails.html", context)


@login_required
@require_GET
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """A service control policy: what it says, and where it is attached."""
    if not sees_everything(request.user):
        raise PermissionDenied("You may see what holds in your accounts, and not whole policies.")
    found = [(tree, one) for tree in _trees() for one in tree.policies if one.id == policy_id]
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


def _trees() -> list[Tree]:
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


class TryForm(forms.Form):
    """Which policy would be attached where: one that is there already, or a pasted document."""

    target = forms.ChoiceField(label="Attached to")
    policy = forms.ChoiceField(label="The policy", required=False)
    document = forms.CharField(
        label="Or a document",
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "identifier-box"}),
        help_text="The JSON of a service control policy.",
    )

    def __init__(self, trees: Sequence[Tree], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trees = trees
        target, policy = self.fields["target"], self.fields["policy"]
        assert isinstance(target, forms.ChoiceField)
        assert isinstance(policy, forms.ChoiceField)
        target.choices = [
            (place.unit.ou_id, f"{tree.organization}: {place.unit.path}")
            for tree in trees
            for place in tree.places
        ]
        policy.choices = [
            ("", ""),
            *((one.id, one.name or one.id) for tree in trees for one in tree.policies),
        ]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if bool(data.get("policy")) == bool(data.get("document", "").strip()):
            raise forms.ValidationError("Choose a policy or paste a document, one of the two.")
        try:
            data["read"] = self._document(data)
        except Refused as refused:
            self.add_error("document", str(refused))
        return data

    def _document(self, data: Mapping[str, Any]) -> Document:
        """Raises Refused."""
        if data["policy"]:
            known = {one.id: one for tree in self.trees for one in tree.policies}
            return policy_of(known[data["policy"]].content, known[data["policy"]].name)
        document = read_policy(data["document"])
        if document.is_unfinished:
            told = ", ".join(sorted(document.placeholders)[:5])
            raise Refused(f"It is an unfinished template: fill in {told}.", 0, "")
        return document

    @property
    def organization(self) -> Organization:
        target = self.cleaned_data["target"]
        return next(
            tree.organization
            for tree in self.trees
            for place in tree.places
            if place.unit.ou_id == target
        )


@login_required
@require_http_methods(["GET", "POST"])
def supposing(request: HttpRequest) -> HttpResponse:
    """What would change if a policy were attached somewhere; nothing is written, here or in AWS."""
    require(request.user, Action.SETTINGS)
    form = TryForm(
        _trees(),
        request.POST or None,
        initial={"target": request.GET.get("ou", ""), "policy": request.GET.get("policy", "")},
    )
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context["result"] = _result(form)
        except Missing as missing:
            form.add_error(None, f"The policies in force are not known: {missing.message}")
    return render(request, "roadmap/guardrails_try.html", context)


def _result(form: TryForm) -> dict[str, Any]:
    """Raises Missing."""
    target = form.cleaned_data["target"]
    found = queries.supposing(form.organization, form.cleaned_data["read"], target)
    changes: list[Change] = []
    accounts: set[int] = set()
    moves: Counter[tuple[str, str, str]] = Counter()
    for change in found:
        accounts.add(change.account.pk)
        if change.is_change:
            changes.append(change)
            moves[change.key, change.before.status, change.after.status] += 1
    titles = {item.key: item for item in queries.guardrails()}
    return {
        "accounts": len(accounts),
        "changed": len({change.account.pk for change in changes}),
        "verdicts": len(changes),
        "moves": [
            (titles[key], before, after, number)
            for (key, before, after), number in moves.most_common()
        ],
        "changes": [(titles[change.key], change) for change in changes[:MOST_CHANGES]],
        "left_out": max(0, len(changes) - MOST_CHANGES),
    }
