"""The only clients that can write to AWS: one alternate contact of one account at a time.

They belong to a botocore session of their own, whose guard lets through
account:GetAlternateContact and account:PutAlternateContact and nothing else, and only while
CONTACT_PUSH is on. An import contract keeps this module to ``collectors.pushing``.
https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from collectors import guard
from collectors.aws.clients import Clients
from collectors.aws.errors import CallFailed
from collectors.aws.requests import send
from collectors.aws.roles import Role, credentials
from collectors.limits import limit_of
from collectors.registry import Operation
from collectors.services.account import GET_ALTERNATE_CONTACT
from inventory.policy import Values

NONE = "ResourceNotFoundException"


@cache
def clients() -> Clients:
    return Clients(with_own_credentials=False, check=guard.check_contact_push)


@dataclass(frozen=True)
class ContactWriter:
    """Reads and writes alternate contacts with the contacts role of the management account."""

    role: Role
    settings: Values

    def enter(self) -> None:
        """Become the role, before anything else. Raises CallFailed."""
        credentials(self.role)

    def read(self, account_id: str, kind: str) -> Mapping[str, str] | None:
        """AWS's contact of that type, None where there is none. Raises CallFailed."""
        try:
            answer = self._send(GET_ALTERNATE_CONTACT, account_id, kind, absent=(NONE,))
        except CallFailed as failed:
            if failed.code == NONE:
                return None
            raise
        contact: Mapping[str, str] = answer["AlternateContact"]
        return contact

    def write(self, account_id: str, kind: str, contact: Mapping[str, str]) -> str:
        """The id of the request. Raises CallFailed, after which it is not known whether AWS holds
        the contact."""
        answer = self._send(guard.PUT_ALTERNATE_CONTACT, account_id, kind, contact, is_write=True)
        return str(answer.get("ResponseMetadata", {}).get("RequestId", ""))

    def _send(
        self,
        operation: Operation,
        account_id: str,
        kind: str,
        contact: Mapping[str, str] | None = None,
        **how: Any,
    ) -> dict[str, Any]:
        region = self.role.main_region
        return send(
            clients().get(operation.client, region),
            operation.name,
            {**self._whom(account_id), "AlternateContactType": kind, **(contact or {})},
            limit=limit_of(operation, self.role.account_id, region, self.settings),
            credentials=lambda renew: credentials(self.role, renew=renew),
            is_regional=False,
            **how,
        )

    def _whom(self, account_id: str) -> dict[str, str]:
        """The management account must not name itself; AWS takes the caller then."""
        return {} if account_id == self.role.account_id else {"AccountId": account_id}
