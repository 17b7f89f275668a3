"""Amazon EC2: VPCs that are joined to VPCs of the same or another account.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcPeeringConnections.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

DESCRIBE_PEERINGS = Operation(
    "ec2",
    "describe_vpc_peering_connections",
    "ec2:DescribeVpcPeeringConnections",
    "VpcPeeringConnections",
)

ENDED = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


@dataclass(frozen=True)
class Peering:
    """``owners`` are the accounts of both sides, empty where AWS does not tell. ``status`` is AWS's
    code; those that have ended are left out."""

    peering_id: str
    status: str = ""
    owners: tuple[str, ...] = ()


def _peerings(answers: Any) -> tuple[Peering, ...]:
    found = (_peering(answer) for answer in answers or () if answer.get("VpcPeeringConnectionId"))
    return tuple(one for one in found if one.status not in ENDED)


def _peering(answer: Any) -> Peering:
    sides = [answer.get(f"{side}VpcInfo") or {} for side in ("Requester", "Accepter")]
    return Peering(
        answer["VpcPeeringConnectionId"],
        (answer.get("Status") or {}).get("Code") or "",
        tuple(side.get("OwnerId") or "" for side in sides),
    )


peerings: Collector[tuple[Peering, ...]] = Collector(
    "ec2.peerings",
    tuple[Peering, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_PEERINGS,),
    lambda aws: aws.pages(DESCRIBE_PEERINGS),
    _peerings,
)
