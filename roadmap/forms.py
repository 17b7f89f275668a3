"""Forms in which people answer for what no API can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inventory.models import User
from roadmap import attestations
from roadmap.attestations import Answer, Claim
from roadmap.models import Attestation
from roadmap.registry import Attestable, Detail, DetailKind

DETAIL = "detail_"


class AttestationForm(forms.Form):
    """Asks what one item wants to know at one level."""

    claim = forms.ChoiceField(label="Answer", widget=forms.RadioSelect)
    about = forms.CharField(max_length=300, required=False)
    statement = forms.CharField(
        label="In a sentence or two", max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    url = forms.URLField(
        label="Link to the evidence",
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text="Needed for “done” and “partly done”.",
    )
    expires_on = forms.DateField(
        label="Holds until",
        required=False,
        help_text="Empty: as long as the item allows.",
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(self, *args: Any, asked: Attestable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        claim = self.fields["claim"]
        assert isinstance(claim, forms.ChoiceField)
        claim.choices = _choices(asked)
        if asked.about:
            self.fields["about"].label = asked.about
        else:
            del self.fields["about"]
        for detail in asked.details:
            self.fields[DETAIL + detail.name] = _detail_field(detail)

    def save(self, user: User, item_key: str, target: attestations.Target) -> Attestation | None:
        """The attestation; None with the form's errors set where the service refuses it."""
        try:
            return attestations.give(user, item_key, target, self.answer())
        except ValidationError as error:
            self._refuse(error)
            return None

    def answer(self) -> Answer:
        data = self.cleaned_data
        ends = data.get("expires_on")
        return Answer(
            claim=data["claim"],
            statement=data["statement"],
            url=data.get("url") or "",
            about=data.get("about", ""),
            details={
                name.removeprefix(DETAIL): value
                for name, value in data.items()
                if name.startswith(DETAIL)
            },
            expires_at=datetime(ends.year, ends.month, ends.day, tzinfo=UTC) if ends else None,
        )

    def _refuse(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        names = {"expires_at": "expires_on"}
        for name, problems in error.error_dict.items():
            places = (names.get(name, name), DETAIL + name)
            self.add_error(next((p for p in places if p in self.fields), None), problems)


def _choices(asked: Attestable) -> Sequence[tuple[str, str]]:
    return [(c.value, c.label) for c in Claim if c != Claim.DECLINED or asked.declinable]


def _detail_field(detail: Detail) -> forms.Field:
    """The service cleans what is written, so that forms and imports say the same."""
    told = "Needed for “done”." if detail.required else ""
    if detail.kind == DetailKind.CHOICE:
        choices = [("", ""), *((choice, choice.replace("_", " ")) for choice in detail.choices)]
        return forms.ChoiceField(
            label=detail.label, required=False, help_text=told, choices=choices
        )
    widget: forms.Widget = forms.TextInput()
    if detail.kind == DetailKind.LINES:
        widget = forms.Textarea({"rows": 3})
        told = f"One a line. {told}".strip()
    elif detail.kind == DetailKind.DATE:
        widget = forms.DateInput({"type": "date"})
    elif detail.kind == DetailKind.NUMBER:
        widget = forms.NumberInput({"min": 0})
    return forms.CharField(
        label=detail.label, required=False, help_text=told, widget=widget, max_length=100_000
    )
