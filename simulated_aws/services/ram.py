"""Resource Access Manager: shares with whom they are with, which moto does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="maxResults", cursor="nextToken", error="InvalidParameter")


@dataclass(frozen=True)
class Share:
    """``principals`` are account ids and ARNs."""

    name: str
    owner: str
    region: str
    principals: tuple[str, ...]

    @property
    def arn(self) -> str:
        return f"arn:aws:ram:{self.region}:{self.owner}:resource-share/{self.name}"

    def described(self) -> dict[str, Any]:
        return {
            "resourceShareArn": self.arn,
            "name": self.name,
            "owningAccountId": self.owner,
            "allowExternalPrincipals": True,
            "status": "ACTIVE",
            "creationTime": datetime(2024, 2, 1, tzinfo=UTC),
            "featureSet": "STANDARD",
        }


SHARES: Final[list[Share]] = []


@answers("ram", "GetResourceShares")
def get_resource_shares(call: Call) -> Result:
    return PAGES.page(call, "resourceShares", [share.described() for share in _of_caller(call)])


@answers("ram", "ListPrincipals")
def list_principals(call: Call) -> Result:
    found = [
        {"id": principal, "resourceShareArn": share.arn, "external": principal.isdigit()}
        for share in _of_caller(call)
        for principal in share.principals
    ]
    return PAGES.page(call, "principals", found)


def _of_caller(call: Call) -> list[Share]:
    """Its own shares, or those of others that name its account."""
    here = [share for share in SHARES if share.region == call.region]
    if call.parameters.get("resourceOwner") == "SELF":
        return [share for share in here if share.owner == call.account]
    return [share for share in here if call.account in share.principals]
