"""The forms of connecting and scheduling an organization, and of writing its contacts."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db import transaction

from collectors.alternate_contacts import ROLES
from collectors.connecting import Wish
from collectors.models import Connection
from collectors.permissions import NAMES, RoleKind
from inventory import audit
from inventory.audit import Event
from inventory.kinds import CellError, clean_account_id
from inventory.models import Account, Organization, Team
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


class ContactsRoleForm(forms.Form):
    """The role that may write contacts; what is wrong with its ARN is said by ``pushing.role``."""

    role_arn = forms.CharField(
        label="Contacts role",
        max_length=2048,
        required=False,
        help_text="Its ARN: the RoleArn output of the stack. Empty: nothing is ever written.",
    )


class PlanForm(forms.Form):
    """Which contacts of which accounts a plan is for."""

    types = forms.MultipleChoiceField(
        label="Contacts",
        choices=[(kind, str(role.label)) for kind, role in ROLES.items()],
        initial=list(ROLES),
        widget=forms.CheckboxSelectMultiple,
    )
    team = forms.ModelChoiceField(
        label="Team",
        queryset=Team.objects.none(),
        required=False,
        empty_label="All teams",
        to_field_name="slug",
    )
    accounts = forms.CharField(
        label="Accounts",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ids, separated by spaces, commas or lines; empty: all of the organization.",
    )

    def __init__(self, organization: Organization, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._organization = organization
        teams = self.fields["team"]
        assert isinstance(teams, forms.ModelChoiceField)
        teams.queryset = Team.objects.filter(
            accounts__observed_organization=organization
        ).distinct()

    def clean_accounts(self) -> list[str]:
        try:
            return [
                clean_account_id(one)
                for one in re.split(r"[\s,;]+", self.cleaned_data["accounts"])
                if one
            ]
        except CellError as error:
            raise forms.ValidationError(str(error)) from None

    @property
    def account_ids(self) -> list[str]:
        """The accounts named and those of the team; empty for all."""
        named = self.cleaned_data["accounts"]
        team = self.cleaned_data["team"]
        if team is None:
            return list(named)
        of_team = Account.objects.filter(team=team, observed_organization=self._organization)
        return sorted({*named, *of_team.values_list("account_id", flat=True)})
