"""Turns taken on accounts: whoever writes findings of an account, or decisions on them, holds its
row. What a decision rests on cannot change while it is written down."""

from __future__ import annotations

from collections.abc import Collection

from inventory.models import Account


def lock_accounts(pks: Collection[int]) -> None:
    """Until the transaction ends; in one order, so that two never wait for one another."""
    rows = Account.objects.order_by("pk").filter(pk__in=pks)
    list(rows.select_for_update(no_key=True).values_list("pk"))  # no_key lets others refer to it
