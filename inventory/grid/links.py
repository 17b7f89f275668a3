"""Where rows lead: an account's a team's or a person's page, or the accounts that name a payer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from inventory.columns import ACCOUNTS, Sheet

PLACEHOLDER = "000000000000"

# The lists that have a page of their own besides the accounts, by sheet.
LISTS = {
    "account": "inventory:accounts",
    "team": "inventory:teams",
    "person": "inventory:people",
    "payer": "inventory:payers",
    "root_mail_list": "inventory:root_mail_lists",
}


def list_url(sheet: Sheet) -> str:
    return reverse(LISTS[sheet.name])


def row_links(sheet: Sheet) -> Callable[[Mapping[str, Any]], str]:
    """Cells of a row → its address."""
    if sheet is ACCOUNTS:
        return _page_of("roadmap:account", "account_id")
    if sheet.name == "team":
        return _page_of("roadmap:team", "slug")
    if sheet.name == "person":
        return _page_of("roadmap:person", "email")
    accounts = reverse("inventory:accounts")
    parameter = {"payer": "payer"}.get(sheet.name)
    if parameter is None:
        return lambda cells: ""
    name = sheet.key[-1]
    return lambda cells: f"{accounts}?{parameter}={quote(str(cells[name]), safe='@')}"


def _page_of(url_name: str, cell: str) -> Callable[[Mapping[str, Any]], str]:
    address = addresses(url_name)
    return lambda cells: address(cells[cell])


def addresses(url_name: str) -> Callable[[object], str]:
    """The one argument of an address → the address, which is resolved once and not once a row."""
    before, _, after = reverse(url_name, args=[PLACEHOLDER]).partition(PLACEHOLDER)
    return lambda argument: f"{before}{quote(str(argument), safe='@/')}{after}"
