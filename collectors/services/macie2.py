"""Amazon Macie: whether it is on in an account, and who administers it for the organization.

https://docs.aws.amazon.com/macie/latest/APIReference/macie.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_MACIE_SESSION = Operation("macie2", "get_macie_session", "macie2:GetMacieSession")
LIST_ORGANIZATION_ADMIN_ACCOUNTS = Operation(
    "macie2",
    "list_organization_admin_accounts",
    "macie2:ListOrganizationAdminAccounts",
    "adminAccounts",
)

# Macie answers "access denied" where it is off; only the text tells the two apart.
NOT_ENABLED = "macie is not enabled"


@dataclass(frozen=True)
class Session:
    """``status`` is ENABLED or PAUSED, and empty where Macie is off."""

    status: str = ""

    @property
    def is_enabled(self) -> bool:
        return self.status == "ENABLED"


def _says_it_is_off(missing: Missing) -> bool:
    return missing.outcome == Outcome.ACCESS_DENIED and NOT_ENABLED in missing.message.lower()


def fetch_session(aws: Aws) -> Answer:
    try:
        return aws.call(GET_MACIE_SESSION) or {}
    except Missing as missing:
        if _says_it_is_off(missing):
            return {}
        raise


def transform_session(answer: Answer) -> Session:
    return Session(answer.get("status") or "")


def fetch_delegated_administrators(aws: Aws) -> list[Answer]:
    try:
        return aws.pages(LIST_ORGANIZATION_ADMIN_ACCOUNTS) or []
    except Missing as missing:
        if _says_it_is_off(missing):
            return []
        raise


def transform_delegated_administrators(answer: Iterable[Answer]) -> tuple[str, ...]:
    """Account ids; one that is being removed no longer counts."""
    return tuple(
        admin["accountId"]
        for admin in answer
        if admin.get("accountId") and admin.get("status") == "ENABLED"
    )


session = Collector(
    "macie2.session",
    Session,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_MACIE_SESSION,),
    fetch_session,
    transform_session,
)

delegated_administrators = Collector(
    "macie2.delegated_administrators",
    tuple[str, ...],
    Scope.ORGANIZATION,
    Reach.REGIONAL,
    (LIST_ORGANIZATION_ADMIN_ACCOUNTS,),
    fetch_delegated_administrators,
    transform_delegated_administrators,
)
