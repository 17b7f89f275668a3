"""Why a person can see or change something."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from inventory.access import Action, require
from inventory.explaining import access_of
from inventory.kinds import CellError, clean_account_id
from inventory.models import Account, User
from inventory.viewing_as import may_view_as
from inventory.views.requests import Request

MOST_OFFERED = 500


class AccessForm(forms.Form):
    """Whose access is asked about, and to which account."""

    person = forms.CharField(
        label="Person",
        max_length=254,
        help_text="The e-mail address of a sign-in.",
        widget=forms.TextInput({"list": "sign-ins", "autocomplete": "off"}),
    )
    account = forms.CharField(
        label="Account",
        required=False,
        max_length=40,
        help_text="Its 12-digit id.",
    )

    def clean_person(self) -> User:
        email = self.cleaned_data["person"].strip().lower()
        found = User.objects.select_related("person").filter(email=email).first()
        if found is None:
            raise forms.ValidationError(
                f"Nobody signs in as {email}, so they see nothing. An administrator makes sign-ins."
            )
        return found

    def clean_account(self) -> Account | None:
        text = self.cleaned_data["account"].strip()
        if not text:
            return None
        try:
            account_id = clean_account_id(text)
        except CellError as error:
            raise forms.ValidationError(str(error)) from None
        found = Account.objects.select_related("team").filter(account_id=account_id).first()
        if found is None:
            raise forms.ValidationError(f"The inventory has no account {account_id}.")
        return found


@login_required
@require_GET
def explain(request: Request) -> HttpResponse:
    """A person and an account in the address; without a person, the form that asks for both."""
    require(request.user, Action.EXPLAIN)
    form = AccessForm(request.GET if "person" in request.GET else None, initial=request.GET.dict())
    access = None
    if form.is_bound and form.is_valid():
        access = access_of(form.cleaned_data["person"], form.cleaned_data["account"])
    context = {
        "form": form,
        "access": access,
        "sign_ins": User.objects.order_by("email").values_list("email", flat=True)[:MOST_OFFERED],
        "may_view_as": access is not None and may_view_as(request.user, access.user),
    }
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "inventory/access.html", context, status=status)
