"""What an account shares with others, and others with it; and VPCs joined to others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing
from collectors.services import ec2
from collectors.services.ec2 import Peering
from collectors.services.ram import Share, Shares, shares
from tests.collectors.services.canned import ACCOUNT, NOW, Refusal, by, collect, thinned

OTHER = "999999999999"
OWN, THEIRS = (f"arn:aws:ram:us-east-1:{owner}:resource-share/s" for owner in (ACCOUNT, OTHER))


def share(arn: str, owner: str) -> dict[str, Any]:
    return {
        "resourceShareArn": arn,
        "name": "subnets",
        "owningAccountId": owner,
        "allowExternalPrincipals": True,
        "status": "ACTIVE",
        "creationTime": NOW,
    }


ANSWERS: dict[str, Any] = {
    "get_resource_shares": by(
        "resourceOwner",
        {
            "SELF": {"resourceShares": [share(OWN, ACCOUNT)]},
            "OTHER-ACCOUNTS": {"resourceShares": [share(THEIRS, OTHER)]},
        },
    ),
    "list_principals": [
        {"principals": [{"id": OTHER, "resourceShareArn": OWN}], "nextToken": "t"},
        {"principals": [{"id": "arn:aws:organizations::1:ou/o-1/ou-1", "resourceShareArn": OWN}]},
    ],
}


def test_own_shares_come_with_whom_they_are_with() -> None:
    assert collect(shares, ANSWERS) == Shares(
        (Share(OWN, "subnets", ACCOUNT, True, (OTHER, "arn:aws:organizations::1:ou/o-1/ou-1")),),
        (Share(THEIRS, "subnets", OTHER, True),),
    )


def test_without_shares_nobody_asks_whom_they_are_with() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    none: dict[str, Any] = {"get_resource_shares": {"resourceShares": []}}
    assert collect(shares, none, asked=asked) == Shares()
    assert [name for name, _ in asked] == ["get_resource_shares"] * 2


def test_only_active_shares_are_asked_for() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    collect(shares, ANSWERS, asked=asked)
    assert {params.get("resourceShareStatus", "ACTIVE") for _, params in asked} == {"ACTIVE"}


def test_denied_is_not_empty() -> None:
    with pytest.raises(Missing):
        collect(shares, {"get_resource_shares": Refusal()})


@given(
    thinned(
        {
            "get_resource_shares": {"resourceShares": [share(OWN, ACCOUNT)]},
            "list_principals": {"principals": [{"id": OTHER, "resourceShareArn": OWN}]},
        }
    )
)
def test_shares_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    found: Shares = collect(shares, answers, is_checked=False)
    assert all(one.arn for one in (*found.own, *found.of_others))


def peering(status: str = "active", **more: Any) -> dict[str, Any]:
    return {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": status},
        "RequesterVpcInfo": {"OwnerId": ACCOUNT, "VpcId": "vpc-1"},
        "AccepterVpcInfo": {"OwnerId": OTHER, "VpcId": "vpc-2"},
        **more,
    }


def peerings(*found: dict[str, Any]) -> Any:
    answer = {"VpcPeeringConnections": list(found)}
    return collect(ec2.peerings, {"describe_vpc_peering_connections": answer})


@pytest.mark.parametrize("status", ["active", "pending-acceptance", "tomorrow"])
def test_a_peering_names_the_accounts_of_both_sides(status: str) -> None:
    assert peerings(peering(status)) == (Peering("pcx-1", status, (ACCOUNT, OTHER)),)


@pytest.mark.parametrize("status", ["deleted", "deleting", "rejected", "failed", "expired"])
def test_a_peering_that_ended_is_left_out(status: str) -> None:
    assert peerings(peering(status)) == ()


@given(thinned({"describe_vpc_peering_connections": {"VpcPeeringConnections": [peering()]}}))
def test_peerings_with_fields_missing_are_read(answers: dict[str, Any]) -> None:
    assert len(collect(ec2.peerings, answers, is_checked=False)) <= 1
