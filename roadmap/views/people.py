"""One person: what they hold, and giving it to somebody else when they leave."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from inventory import leaving
from inventory.access import Action, may, visible_rows
from inventory.audit.contacts import people_shown
from inventory.changes import Conflicts, Refused
from inventory.columns import PEOPLE
from inventory.leaving import Holding
from inventory.models import HandOver, User
from inventory.views.requests import Request
from roadmap import attestations

ROWS_SHOWN = 20


class HandOverForm(forms.Form):
    """Which of the holdings go to whom, and the day the person left."""

    names = forms.MultipleChoiceField(
        label="What", required=False, widget=forms.CheckboxSelectMultiple
    )
    successor = forms.EmailField(
        label="To whom",
        required=False,
        help_text="Their e-mail address. Owners are asked to confirm what they get.",
        widget=forms.EmailInput({"list": "successors", "autocomplete": "off"}),
    )
    left_on = forms.DateField(
        label="Left on", required=False, widget=forms.DateInput({"type": "date"})
    )

    def __init__(self, held: list[Holding], *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        choices = [(one.name, f"{one.label} ({one.number:,})") for one in held]
        self.fields["names"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("names", [name for name, _ in choices])

    def clean_successor(self) -> str:
        return str(self.cleaned_data["successor"]).lower()


@login_required
@require_http_methods(["GET", "POST"])
def person(request: Request, email: str) -> HttpResponse:
    found = get_object_or_404(visible_rows(PEOPLE, request.user), email=email)
    may_give = may(request.user, Action.HAND_OVER)
    if request.method == "POST" and not may_give:
        raise PermissionDenied("Your role may not give what a person holds to another.")
    held = leaving.holdings(found, request.user)
    form = HandOverForm(held, request.POST or None, initial={"left_on": found.left_on})
    if request.method == "POST" and form.is_valid() and _give(request, found.email, form):
        return redirect(request.path)
    sees_phones = may(request.user, Action.SEE_PHONES)
    if sees_phones:
        people_shown([found])
    context = {
        "person": found,
        "holdings": [(one, one.rows[:ROWS_SHOWN]) for one in held],
        "rows_shown": ROWS_SHOWN,
        "form": form if may_give else None,
        "suggestions": leaving.suggestions(found) if may_give else (),
        "answers": _answers(request, found.email),
        "user_of": User.objects.filter(person=found).first() if may_give else None,
        "offers": HandOver.objects.filter(state=HandOver.State.OPEN, suggested=found).count(),
        "accounts_url": f"{reverse('inventory:accounts')}?person={found.email}",
        "sees_phones": sees_phones,
    }
    return render(request, "roadmap/person.html", context)


def _answers(request: Request, email: str) -> int:
    """Standing answers of the person, which end with nobody to renew them."""
    return attestations.standing(request.user).filter(author__person__email=email).count()


def _give(request: Request, email: str, form: HandOverForm) -> bool:
    person = get_object_or_404(visible_rows(PEOPLE, request.user), email=email)
    told = form.cleaned_data
    try:
        done = leaving.hand_over(
            request.user, person, told["successor"], told["names"], told["left_on"]
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except (Refused, Conflicts) as refused:
        form.add_error(None, str(refused))
        return False
    if done is None:
        messages.info(request, "Nothing would change.")
    else:
        link = format_html('<a href="{}">See or undo it</a>', done.get_absolute_url())
        messages.success(request, format_html("{}. {}", done.message, link))
    return True
