"""The forms of connecting and scheduling an organization."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db import transaction

from collectors.connecting import Wish
from collectors.models import Connection
from collectors.permissions import NAMES, RoleKind
from inventory import audit
from inventory.audit import Event
from inventory.kinds import CellError
from inventory.policy_text import from_text


class ConnectForm(forms.Form):
    """What ``connecting.Wish`` needs, and the security accounts."""

    role_arn = forms.CharField(
        label="Management role",
        max_length=2048,
        help_text="Its ARN: the RoleArn output of the management stack.",
    )
    external_id = forms.CharField(
        label="External id",
        max_length=1224,
        required=False,
        help_text="As in the stacks. It keeps others from using Cairn to enter your accounts.",
    )
    member_role = forms.CharField(
        label="Member role",
        max_length=64,
        initial=NAMES[RoleKind.MEMBER],
        help_text="Its name, the same in every account.",
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="What to call the organization; empty: as its management account.",
    )
    regions = forms.CharField(
        label="Regions",
        max_length=1000,
        required=False,
        help_text="Only these, separated by spaces or commas; empty: all that are enabled.",
    )
    security_accounts = forms.CharField(
        label="Security accounts",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=(
            "One a line with its roles, such as 444455556666: tooling, log_archive. "
            "Roles are tooling, log_archive and backup."
        ),
    )

    def clean_security_accounts(self) -> Any:
        try:
            return from_text("SECURITY_ACCOUNTS", self.cleaned_data["security_accounts"])
        except CellError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        for name, message in self.wish.errors.items():
            if name not in self.errors:
                self.add_error(name, message)
        return self.cleaned_data

    @property
    def wish(self) -> Wish:
        entered = self.cleaned_data
        return Wish(
            role_arn=entered.get("role_arn", ""),
            external_id=entered.get("external_id", ""),
            member_role=entered.get("member_role", ""),
            name=entered.get("name", ""),
            regions=re.split(r"[\s,]+", regions) if (regions := entered.get("regions", "")) else [],
        )


class ScheduleForm(forms.ModelForm[Connection]):
    class Meta:
        model = Connection
        fields = ["is_enabled", "interval_hours", "reads_security_hub"]
        labels = {
            "is_enabled": "Collect by itself",
            "interval_hours": "Hours between two runs",
            "reads_security_hub": "Read Security Hub's findings after each run",
        }
        help_texts = {"reads_security_hub": ""}

    def clean_interval_hours(self) -> int:
        hours: int = self.cleaned_data["interval_hours"]
        if not 1 <= hours <= 24 * 30:
            raise forms.ValidationError("Choose from 1 to 720 hours.")
        return hours

    def save(self, commit: bool = True) -> Connection:
        with transaction.atomic():
            connection = super().save(commit)
            changed = {
                name: [self.initial[name], self.cleaned_data[name]] for name in self.changed_data
            }
            audit.record(Event.SCHEDULE_CHANGED, connection.organization, changed=changed)
        return connection
