"""Accounts named on a command line."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import CommandError, CommandParser

from inventory.models import Account
from inventory.models.accounts import AccountQuerySet


def add_account_option(parser: CommandParser) -> None:
    parser.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="ID",
        help="Only this account; repeatable.",
    )


def chosen_accounts(ids: Sequence[str]) -> AccountQuerySet | None:
    """The accounts with these ids; None, which means all, for no ids. Raises CommandError."""
    if not ids:
        return None
    accounts = Account.objects.filter(account_id__in=ids)
    unknown = sorted(set(ids) - set(accounts.values_list("account_id", flat=True)))
    if unknown:
        raise CommandError(f"No account {', '.join(unknown)} is in the inventory.")
    return accounts
