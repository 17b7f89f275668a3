"""AWS STS: as whom Cairn reads an account.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.guard import GET_CALLER_IDENTITY
from collectors.registry import Collector, Reach, Scope


@dataclass(frozen=True)
class Identity:
    """``arn`` is that of the role's session, such as arn:aws:sts::1…:assumed-role/Role/cairn."""

    account: str = ""
    arn: str = ""

    @property
    def role_name(self) -> str:
        parts = self.arn.split("/")
        return parts[1] if len(parts) == 3 else ""


def _identity(answer: Any) -> Identity:
    found = answer or {}
    return Identity(account=found.get("Account") or "", arn=found.get("Arn") or "")


identity = Collector(
    "sts.identity",
    Identity,
    Scope.ACCOUNT,
    Reach.GLOBAL,
    (GET_CALLER_IDENTITY,),
    lambda aws: aws.call(GET_CALLER_IDENTITY),
    _identity,
)
