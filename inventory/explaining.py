"""What one person sees and may change of an account, and why: the decisions of inventory.access,
one by one, with their reasons. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.access import (
    OF_AN_ACCOUNT,
    Action,
    Decision,
    action_decision,
    column_decision,
    edit_decision,
    row_decision,
)
from inventory.columns import ACCOUNTS, PEOPLE, Column, Sheet, columns_of
from inventory.models import Account, User


@dataclass(frozen=True)
class ColumnAccess:
    column: Column
    seen: Decision
    edited: Decision


@dataclass(frozen=True)
class ActionAccess:
    name: str
    decision: Decision
    is_of_accounts: bool


@dataclass(frozen=True)
class Access:
    """``row`` and ``columns`` are of an account, and empty where none is named. What is said of
    columns holds for rows that the person sees."""

    user: User
    account: Account | None
    row: Decision | None
    columns: Sequence[tuple[Sheet, Sequence[ColumnAccess]]]
    actions: Sequence[ActionAccess]
    accounts: int


def access_of(user: User, account: Account | None = None) -> Access:
    return Access(
        user=user,
        account=account,
        row=row_decision(user, account) if account else None,
        columns=[(sheet, _columns(user, sheet)) for sheet in (ACCOUNTS, PEOPLE)],
        actions=[
            ActionAccess(
                action.replace("_", " "),
                action_decision(user, action, account),
                action in OF_AN_ACCOUNT,
            )
            for action in Action
        ],
        accounts=Account.objects.visible_to(user).count(),
    )


def _columns(user: User, sheet: Sheet) -> list[ColumnAccess]:
    return [
        ColumnAccess(
            column, column_decision(user, sheet, column), edit_decision(user, sheet, column)
        )
        for column in columns_of(sheet)
    ]
