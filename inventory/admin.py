"""Django's admin: sign-ins and their roles. The sheet is shown and never written here, because
every write to it is a change set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import models
from django.http import HttpRequest

from cairn.sign_in.local import has_second_factor
from inventory import audit
from inventory.access import Action, may
from inventory.models import (
    Account,
    ChangeSet,
    Organization,
    OrganizationalUnit,
    Payer,
    Person,
    Role,
    RootMailList,
    Team,
    User,
)


class _LowerCaseEmail:
    """Sign-ins are named by their address in lower case, however it was typed."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class UserCreation(_LowerCaseEmail, AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email", "role")


class UserChange(_LowerCaseEmail, UserChangeForm[User]):
    class Meta:
        model = User
        fields = (
            "email",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "is_break_glass",
        )
        field_classes: dict[str, type[forms.Field]] = {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_break_glass") and (why := self._why_not_break_glass(cleaned)):
            self.add_error("is_break_glass", why)
        return cleaned

    def _why_not_break_glass(self, cleaned: dict[str, Any]) -> str:
        if cleaned.get("role") != Role.ADMIN or not cleaned.get("is_active"):
            return "Only an active administrator can be one."
        if not self.instance.has_usable_password():
            return "The person needs a password first."
        if not has_second_factor(self.instance):
            return "The person needs an authenticator app or a security key first."
        return ""


@admin.register(User)
class SignInAdmin(UserAdmin[User]):
    """Only administrators; the person is tied by the address and cannot be chosen."""

    form = UserChange
    add_form = UserCreation
    ordering = ("email",)
    list_display = ("email", "role", "provider_role", "person", "is_active", "last_login")
    list_filter = ("role", "provider_role", "is_active", "is_break_glass")
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("person", "provider_role", "last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "person")}),
        (
            "Rights",
            {"fields": ("role", "provider_role", "is_active", "is_break_glass")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "role", "usable_password", "password1", "password2")}),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Change sets keep who made them; a sign-in is switched off instead.
        return False


class ReadOnlyAdmin(admin.ModelAdmin[models.Model]):
    """Rows of the sheet, to look at."""

    def phones_of(self, row: models.Model) -> Iterable[str]:
        """The addresses of people whose telephone numbers the row's page shows."""
        return ()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> models.Model | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None and self.has_view_permission(request, row):
            audit.saw_phones(self.phones_of(row))
        return row

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return may(request.user, Action.PEOPLE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "name", "team", "environment", "state")
    list_select_related = ("team",)
    search_fields = ("account_id", "name", "observed_name", "email")


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnlyAdmin):
    list_display = ("id", "origin", "state", "message", "user", "applied_at")
    list_select_related = ("user",)


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    def phones_of(self, row: models.Model) -> Iterable[str]:
        return [row.email] if isinstance(row, Person) and row.phone else []


admin.site.register([Organization, OrganizationalUnit, Payer, RootMailList, Team], ReadOnlyAdmin)
