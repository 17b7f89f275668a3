"""How many accounts a team, person or payer has, as columns that lead to those accounts."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from django.db.models import Count
from django.urls import reverse

from inventory.access import Anyone
from inventory.changes.reading import Row
from inventory.grid.extensions import ExtraColumn, register
from inventory.models import Account, Contact


def _links(
    rows: Mapping[int, Row], counts: Mapping[int, int], parameter: str, cell: str
) -> dict[int, str]:
    accounts = reverse("inventory:accounts")

    def link(pk: int, row: Row) -> str:
        value = quote(str(row.cells[cell]), safe="@")
        return f'<a href="{accounts}?{parameter}={value}">{counts[pk]}</a>'

    return {pk: link(pk, row) if counts.get(pk) else "0" for pk, row in rows.items()}


def _of_teams(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    held = Account.objects.visible_to(user).filter(team__in=rows).order_by().values_list("team")
    return _links(rows, dict(held.annotate(n=Count("pk"))), "team", "slug")


def _of_people(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    seen = Account.objects.visible_to(user).order_by().values("pk")
    held = (
        Contact.objects.filter(person__in=rows, account__in=seen).order_by().values_list("person")
    )
    counts = dict(held.annotate(n=Count("account", distinct=True)))
    return _links(rows, counts, "person", "email")


def _of_payers(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    held = Account.objects.visible_to(user).filter(payer__in=rows).order_by().values_list("payer")
    return _links(rows, dict(held.annotate(n=Count("pk"))), "payer", "account_id")


def register_counts() -> None:
    for sheet, cells, needs in (
        ("team", _of_teams, "slug"),
        ("person", _of_people, "email"),
        ("payer", _of_payers, "account_id"),
    ):
        register(sheet, ExtraColumn("accounts", "Accounts", cells, needs=(needs,), is_number=True))
