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

# Actions in the words of docs/roles.md; one that is missing is named as it is in the code.
WORDS = {
    Action.IMPORT: "Import spreadsheets, apply and undo change sets",
    Action.IMPORT_FINDINGS: "Import scanners’ results",
    Action.EXPORT: "Export what they see",
    Action.HAND_OVER: "Give what a person holds to another",
    Action.SEE_ORPHANS: "See which accounts nobody owns",
    Action.CONFIRM: "Confirm an account",
    Action.ATTEST: "Answer for an account or team",
    Action.ATTEST_ORGANIZATION: "Answer for the organization",
    Action.EXCEPT: "Ask for an exception",
    Action.APPROVE: "Grant and end exceptions",
    Action.COLLECT: "Start, cancel and retry runs",
    Action.SEE_RUNS: "See runs",
    Action.CONNECT: "Connect organizations",
    Action.PUSH_CONTACTS: "Write contacts to AWS",
    Action.MAIL: "See all mail, release and drop it, set up webhooks",
    Action.SETTINGS: "Change settings",
    Action.SEE_PHONES: "See contacts’ phone numbers",
    Action.SEE_AUDIT: "See the audit log",
    Action.SEE_RESTRICTED: "See details of restricted items",
    Action.PEOPLE: "Manage sign-ins",
    Action.EXPLAIN: "See why others see and change what they do",
    Action.VIEW_AS: "View as another person",
}


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
                WORDS.get(action, action.replace("_", " ").capitalize()),
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
