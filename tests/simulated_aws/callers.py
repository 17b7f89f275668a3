"""Clients with the credentials Cairn collects with: management role, member role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from simulated_aws import SimulatedAws, clients


@dataclass(frozen=True)
class Callers:
    aws: SimulatedAws

    def account(self, name: str) -> str:
        accounts: list[dict[str, Any]] = self.aws.world["accounts"]
        return next(str(a["id"]) for a in accounts if a["name"] == name)

    def management(self, service: str, region: str = "us-east-1") -> Any:
        return self._client(str(self.aws.world["management_role_arn"]), service, region)

    def contacts(self) -> Any:
        """The account client of the role that may write alternate contacts."""
        return self._client(str(self.aws.world["contacts_role_arn"]), "account", "us-east-1")

    def member(self, name: str, service: str, region: str = "us-east-1") -> Any:
        role = self.aws.world["member_role_name"]
        arn = f"arn:aws:iam::{self.account(name)}:role/{role}"
        return self._client(arn, service, region)

    def _client(self, role_arn: str, service: str, region: str) -> Any:
        session = self.aws.assume(
            self.aws.session(as_collector=True), role_arn, self.aws.world["external_id"]
        )
        return clients.client(session, service, self.aws.url, region)


def error_code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
