"""AWS Resource Access Manager: what an account shares with others in a Region, and others with it.

https://docs.aws.amazon.com/ram/latest/APIReference/API_ListPrincipals.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_RESOURCE_SHARES = Operation(
    "ram", "get_resource_shares", "ram:GetResourceShares", "resourceShares"
)
LIST_PRINCIPALS = Operation("ram", "list_principals", "ram:ListPrincipals", "principals")

ACTIVE = "ACTIVE"


@dataclass(frozen=True)
class Share:
    """``principals`` are account ids and ARNs of an account's own share: whom it is shared with."""

    arn: str
    name: str = ""
    owner_id: str = ""
    allows_external: bool = False
    principals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shares:
    own: tuple[Share, ...] = ()
    of_others: tuple[Share, ...] = ()


def fetch_shares(aws: Aws) -> Answer:
    """Nobody is asked whom shares are with that the account does not have."""
    own = _shares(aws, "SELF")
    return {
        "own": own,
        "of_others": _shares(aws, "OTHER-ACCOUNTS"),
        "principals": aws.pages(LIST_PRINCIPALS, resourceOwner="SELF") if own else [],
    }


def _shares(aws: Aws, owner: str) -> list[Answer]:
    found = aws.pages(GET_RESOURCE_SHARES, resourceOwner=owner, resourceShareStatus=ACTIVE)
    return found or []


def transform_shares(answer: Answer) -> Shares:
    principals: dict[str, set[str]] = {}
    for one in answer.get("principals") or ():
        if one.get("id"):
            principals.setdefault(one.get("resourceShareArn") or "", set()).add(one["id"])
    return Shares(
        tuple(_share(one, principals) for one in _known(answer.get("own"))),
        tuple(_share(one, {}) for one in _known(answer.get("of_others"))),
    )


def _known(shares: Any) -> list[Answer]:
    return [one for one in shares or () if one.get("resourceShareArn")]


def _share(answer: Answer, principals: Mapping[str, set[str]]) -> Share:
    arn = answer["resourceShareArn"]
    return Share(
        arn=arn,
        name=answer.get("name") or "",
        owner_id=answer.get("owningAccountId") or "",
        allows_external=bool(answer.get("allowExternalPrincipals")),
        principals=tuple(sorted(principals.get(arn, ()))),
    )


shares = Collector(
    "ram.shares",
    Shares,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (GET_RESOURCE_SHARES, LIST_PRINCIPALS),
    fetch_shares,
    transform_shares,
)
