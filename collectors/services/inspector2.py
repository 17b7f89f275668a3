"""Amazon Inspector: whether it looks for vulnerabilities in a Region of an account.

https://docs.aws.amazon.com/inspector/v2/APIReference/API_BatchGetAccountStatus.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

BATCH_GET_ACCOUNT_STATUS = Operation(
    "inspector2", "batch_get_account_status", "inspector2:BatchGetAccountStatus"
)

OFF = "DISABLED"


@dataclass(frozen=True)
class AccountStatus:
    """``status`` is AWS's word for the account; ``resources`` are kind (ec2, ecr, lambda…) → its
    word for what is scanned of them."""

    status: str
    resources: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """A state that nobody knows yet is one of something that is there."""
        return self.status != OFF


def fetch_status(aws: Aws) -> Answer:
    """Raises Missing where AWS tells no state of the account."""
    answer = aws.call(BATCH_GET_ACCOUNT_STATUS, accountIds=[aws.account_id]) or {}
    for account in answer.get("accounts") or ():
        if _status(account.get("state")):
            return account  # type: ignore[no-any-return]  # one of boto3's mappings
    reasons = [
        failed.get("errorMessage") or failed.get("errorCode") or ""
        for failed in answer.get("failedAccounts") or ()
    ]
    message = f"Inspector tells no state of the account. {' '.join(reasons)}".strip()
    raise Missing(Outcome.API_ERROR, message)


def transform_status(answer: Answer) -> AccountStatus:
    return AccountStatus(
        status=_status(answer.get("state")),
        resources={
            kind: _status(state)
            for kind, state in (answer.get("resourceState") or {}).items()
            if _status(state)
        },
    )


def _status(state: Answer | None) -> str:
    return (state or {}).get("status") or ""


account_status = Collector(
    "inspector2.account_status",
    AccountStatus,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (BATCH_GET_ACCOUNT_STATUS,),
    fetch_status,
    transform_status,
)
