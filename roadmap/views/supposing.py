"""What another service control policy would change, tried before anyone attaches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from collectors.outcomes import Missing
from inventory.access import Action, require
from inventory.models import Account, AccountState, Organization
from roadmap.guardrails.documents import LONGEST, MOST_ATTACHED, Refused, policy_of, read_policy
from roadmap.queries import guardrails as queries
from roadmap.queries.guardrails import Change
from roadmap.views.guardrails import Tree, trees

MOST_CHANGES = 500
SECONDS = 20  # of evaluating, for one page


class TryForm(forms.Form):
    """Which policy would be attached where: one that is there already, or a pasted document; to a
    root or OU, or to one account."""

    target = forms.ChoiceField(label="Attached to a root or OU", required=False)
    account = forms.CharField(
        label="Or to one account", required=False, help_text="Its id of twelve digits."
    )
    policy = forms.ChoiceField(label="The policy", required=False)
    document = forms.CharField(
        label="Or a document",
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "identifier-box"}),
        help_text="The JSON of a service control policy.",
    )

    def __init__(self, found: Sequence[Tree], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {p.unit.ou_id: (tree, p) for tree in found for p in tree.places}
        self.policies = {one.id: one for tree in found for one in tree.policies}
        target, policy = self.fields["target"], self.fields["policy"]
        assert isinstance(target, forms.ChoiceField)
        assert isinstance(policy, forms.ChoiceField)
        target.choices = [
            ("", ""),
            *(
                (ou_id, f"{tree.organization}: {place.unit.path}")
                for ou_id, (tree, place) in self.places.items()
            ),
        ]
        policy.choices = [
            ("", ""),
            *((one.id, one.name or one.id) for one in self.policies.values()),
        ]

    def clean_account(self) -> Account | None:
        account_id = self.cleaned_data["account"].replace("-", "").strip()
        if not account_id:
            return None
        accounts = Account.objects.exclude(observed_organization=None)
        found = (
            accounts.filter(account_id=account_id).select_related("observed_organization").first()
        )
        if found is None or found.observed_organization is None:
            raise forms.ValidationError("No connected organization has such an account.")
        if found.account_id == found.observed_organization.management_account_id:
            raise forms.ValidationError(
                "It is the management account: service control policies never bind it."
            )
        if found.state != AccountState.ACTIVE:
            raise forms.ValidationError(
                f"It is {found.get_state_display().lower()}: only active accounts are judged."
            )
        return found

    def clean_policy(self) -> str:
        """Reads the policy that is chosen."""
        chosen: str = self.cleaned_data["policy"]
        if chosen:
            try:
                known = self.policies[chosen]
                self.cleaned_data["read"] = policy_of(known.content, known.name)
            except Refused as refused:
                raise forms.ValidationError(str(refused)) from None
        return chosen

    def clean_document(self) -> str:
        """Reads the document that is pasted."""
        text: str = self.cleaned_data["document"]
        if text.strip():
            try:
                document = read_policy(text)
            except Refused as refused:
                raise forms.ValidationError(str(refused)) from None
            if document.is_unfinished:
                told = ", ".join(sorted(document.placeholders)[:5])
                raise forms.ValidationError(f"It is an unfinished template: fill in {told}.")
            self.cleaned_data["read"] = document
        return text

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors:
            return data
        if bool(data["policy"]) == bool(data["document"].strip()):
            raise forms.ValidationError("Choose a policy or paste a document, one of the two.")
        if bool(data["target"]) == bool(data["account"]):
            raise forms.ValidationError("Choose a root or OU or name an account, one of the two.")
        return data

    @property
    def place(self) -> str:
        """The id of a root, OU or account."""
        account: Account | None = self.cleaned_data["account"]
        chosen: str = self.cleaned_data["target"]
        return account.account_id if account else chosen

    @property
    def organization(self) -> Organization:
        account: Account | None = self.cleaned_data["account"]
        if account and account.observed_organization:
            return account.observed_organization
        tree, _ = self.places[self.cleaned_data["target"]]
        return tree.organization


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """What would change if a policy were attached somewhere; nothing is written, here or in AWS."""
    require(request.user, Action.SETTINGS)
    form = TryForm(
        trees(),
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


def _notes(form: TryForm) -> list[str]:
    """What to know before attaching it."""
    document = form.cleaned_data["read"]
    notes = [document.too_large] if document.too_large else []
    attached = queries.attached_at(form.organization, form.place)
    if attached is not None and attached >= MOST_ATTACHED:
        notes.append(
            f"AWS may refuse it: {attached} service control policies are attached there, and AWS's "
            f"quota is {MOST_ATTACHED} unless it was raised for you. Detach one first, or put the "
            "statements into one of them."
        )
    if all(one.effect != "Deny" for one in document.statements):
        notes.append(
            "The policy denies nothing, and a service control policy grants nothing: it limits "
            "only where FullAWSAccess is detached. If it is meant to give permissions, it is one "
            "for a role or user."
        )
    return notes


def _result(form: TryForm) -> dict[str, Any]:
    """Of as many accounts as there is time for, each whole. Raises Missing."""
    document = form.cleaned_data["read"]
    below = queries.below(form.organization, form.place)
    changes: list[Change] = []
    accounts: set[int] = set()
    moves: Counter[tuple[str, str, str]] = Counter()
    until = monotonic() + SECONDS
    for change in queries.supposing(form.organization, document, form.place):
        if change.account.pk not in accounts and accounts and monotonic() > until:
            break
        accounts.add(change.account.pk)
        if change.is_change:
            changes.append(change)
            moves[change.key, change.before.status, change.after.status] += 1
    titles = {item.key: item for item in queries.guardrails()}
    return {
        "accounts": len(accounts),
        "not_evaluated": len(below) - len(accounts),
        "notes": _notes(form),
        "changed": len({change.account.pk for change in changes}),
        "verdicts": len(changes),
        "moves": [
            (titles[key], before, after, number)
            for (key, before, after), number in moves.most_common()
        ],
        "changes": [(titles[change.key], change) for change in changes[:MOST_CHANGES]],
        "left_out": max(0, len(changes) - MOST_CHANGES),
    }
