"""The peer of the pages: Django's own admin with the same rows, columns, filters and search."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from bench.floors import with_owner
from inventory.models import Account
from roadmap.models import Finding


class Accounts(admin.ModelAdmin[Account]):
    list_display = (
        "account_id", "name", "email", "team", "environment", "owner", "state", "payer",
        "score", "level", "collected",
    )  # fmt: skip
    list_filter = ("team", "environment", "state")
    search_fields = ("account_id", "name", "email")
    list_select_related = ("team", "payer", "standing")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return with_owner(super().get_queryset(request))

    @admin.display
    def owner(self, account: Account) -> str:
        return getattr(account, "owner", None) or ""

    @admin.display(ordering="standing__score")
    def score(self, account: Account) -> str:
        return str(account.standing.score)

    @admin.display(ordering="standing__level")
    def level(self, account: Account) -> str:
        return str(account.standing.level)

    @admin.display(ordering="standing__observed_at")
    def collected(self, account: Account) -> str:
        return str(account.standing.observed_at)


class AccountsByTheThousand(Accounts):
    list_per_page = 1000


class Findings(admin.ModelAdmin[Finding]):
    list_display = (
        "title", "resource", "severity", "state", "account", "team", "item", "source", "code",
        "region", "first_seen_at", "last_seen_at",
    )  # fmt: skip
    list_filter = ("state", "severity", "source", "account__team", "item")
    search_fields = ("title", "resource")
    list_select_related = ("account__team",)
    list_per_page = 50
    ordering = ("-weight", "-first_seen_at", "-id")

    @admin.display
    def team(self, finding: Finding) -> str:
        return str(finding.account.team or "")


FIFTY = admin.AdminSite("bench50")
FIFTY.register(Account, Accounts)
FIFTY.register(Finding, Findings)
THOUSAND = admin.AdminSite("bench1000")
THOUSAND.register(Account, AccountsByTheThousand)
