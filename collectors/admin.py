"""Connections, runs, facts and contacts written to AWS in Django's admin, to look at only."""

from __future__ import annotations

from django.contrib import admin

from collectors.models import Connection, ContactPush, ContactPushItem, Fact, Run, Unit
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


@admin.register(ContactPush)
class ContactPushAdmin(ReadOnlyAdmin):
    list_display = ["pk", "organization", "state", "planned_by", "confirmed_by", "finished_at"]
    list_select_related = ["organization", "planned_by", "confirmed_by"]


@admin.register(ContactPushItem)
class ContactPushItemAdmin(ReadOnlyAdmin):
    list_display = ["push", "account", "type", "state", "writes", "verified_at"]
    list_select_related = ["push__organization", "account"]
    search_fields = ["account__account_id"]
