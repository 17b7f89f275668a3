"""Connections, runs, facts and contacts written to AWS in Django's admin, to look at only."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Model

from collectors.models import Connection, ContactPush, ContactPushItem, Fact, Run, Unit
from collectors.services import account
from inventory.admin import ReadOnlyAdmin


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ["organization", "management_role_arn", "is_enabled", "interval_hours"]


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["pk", "organization", "state", "trigger", "created_at", "finished_at"]
    list_select_related = ["organization"]


@admin.register(Unit)
class UnitAdmin(ReadOnlyAdmin):
    list_display = ["run", "account", "collector", "state", "attempts", "calls"]
    list_select_related = ["run__organization", "account"]
    search_fields = ["account__account_id", "collector"]


@admin.register(Fact)
class FactAdmin(ReadOnlyAdmin):
    list_display = ["kind", "account", "region", "outcome", "observed_at"]
    list_select_related = ["account"]
    search_fields = ["account__account_id", "kind"]

    def phones_of(self, row: Model) -> Iterable[str]:
        if not isinstance(row, Fact) or row.kind != account.contacts.name or not row.value:
            return []
        held = row.value.get("alternate", {}).values()
        return [one["email_address"].lower() for one in held if one["phone_number"]]


@admin.register(ContactPush)
class ContactPushAdmin(ReadOnlyAdmin):
    list_display = ["pk", "organization", "state", "planned_by", "confirmed_by", "finished_at"]
    list_select_related = ["organization", "planned_by", "confirmed_by"]


@admin.register(ContactPushItem)
class ContactPushItemAdmin(ReadOnlyAdmin):
    list_display = ["push", "account", "type", "state", "writes", "verified_at"]
    list_select_related = ["push__organization", "account"]
    search_fields = ["account__account_id"]

    def phones_of(self, row: Model) -> Iterable[str]:
        assert isinstance(row, ContactPushItem)
        held = (row.before, row.after, row.expected, row.found)
        return [one["email"].lower() for one in held if one and one["phone"]]
