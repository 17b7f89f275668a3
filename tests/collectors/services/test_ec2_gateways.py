"""Gateways, endpoints and attachments of VPCs, and what is blocked for whole Regions."""

import json
from typing import Any

import pytest
from hypothesis import given

from collectors.services.ec2 import (
    Endpoint,
    Exclusion,
    InternetGateway,
    NatGateway,
    SharingBlock,
    TransitGatewayAttachment,
    VpcBlock,
    endpoints,
    internet_gateways,
    nat_gateways,
    sharing_block,
    transit_gateway_attachments,
    vpc_block,
)
from tests.collectors.services.canned import collect, thinned

PROXY = {
    "Type": "network-firewall-proxy",
    "ApplianceArn": "arn:proxy",
    "AttachmentState": "attached",
}


def test_it_reads_gateways_of_both_kinds() -> None:
    answers = {
        "describe_internet_gateways": {
            "InternetGateways": [
                {
                    "InternetGatewayId": "igw-1",
                    "Attachments": [{"VpcId": "vpc-1", "State": "available"}],
                },
                {"InternetGatewayId": "igw-2"},
            ]
        },
        "describe_egress_only_internet_gateways": {
            "EgressOnlyInternetGateways": [
                {"EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{"VpcId": "vpc-1"}]}
            ]
        },
    }
    assert collect(internet_gateways, answers) == (
        InternetGateway("igw-1", "vpc-1"),
        InternetGateway("igw-2"),
        InternetGateway("eigw-1", "vpc-1", True),
    )


def nat(**more: Any) -> Any:
    answer = {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available", **more}
    return collect(nat_gateways, {"describe_nat_gateways": {"NatGateways": [answer]}})


def test_it_reads_nat_gateways_that_are_there() -> None:
    assert nat(ConnectivityType="public", AvailabilityMode="regional") == (
        NatGateway("nat-1", "vpc-1", "public", "regional"),
    )
    assert nat(State="deleted") == ()
    assert nat(SubnetId="subnet-1")[0].subnet_id == "subnet-1"


@pytest.mark.parametrize(
    ("change", "proxies"),
    [
        ({}, ("arn:proxy",)),
        ({"AttachmentState": "detached"}, ()),
        ({"AttachmentState": "attaching"}, ()),
    ],
)
def test_a_proxy_counts_while_it_is_attached(change: Any, proxies: tuple[str, ...]) -> None:
    (found,) = nat(AttachedAppliances=[PROXY | change])
    assert found.proxies == proxies


@given(
    thinned(
        {
            "describe_nat_gateways": {
                "NatGateways": [{"NatGatewayId": "nat-1", "AttachedAppliances": [PROXY]}]
            }
        },
        kept=frozenset({"NatGatewayId", "ApplianceArn"}),
    )
)
def test_a_proxy_in_a_state_nobody_knows_does_not_count(answers: Any) -> None:
    (gateway,) = answers["describe_nat_gateways"]["NatGateways"]
    (found,) = collect(nat_gateways, answers, is_checked=False)

    whole = gateway["AttachedAppliances"] == [PROXY]
    assert bool(found.proxies) == whole


OPEN = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
POLICIES: dict[str, tuple[Any, bool]] = {
    "AWS's own": ({"Statement": [OPEN]}, True),
    "one statement": ({"Statement": OPEN}, True),
    "to AWS": ({"Statement": [OPEN | {"Principal": {"AWS": "*"}}]}, True),
    "all of S3": ({"Statement": [OPEN | {"Action": ["s3:*"]}]}, True),
    "some actions": ({"Statement": [OPEN | {"Action": "s3:GetObject"}]}, False),
    "some resources": ({"Statement": [OPEN | {"Resource": ["arn:aws:s3:::mine/*"]}]}, False),
    "some people": ({"Statement": [OPEN | {"Principal": {"AWS": "arn:aws:iam::1:root"}}]}, False),
    "conditional": (
        {"Statement": [OPEN | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]},
        False,
    ),
    "denying": ({"Statement": [OPEN | {"Effect": "Deny"}]}, False),
    "one of two": ({"Statement": [OPEN | {"Action": "s3:GetObject"}, OPEN]}, True),
    "nothing readable": ("{", True),
    "no statement": ({}, True),
}


@pytest.mark.parametrize(("policy", "is_open"), POLICIES.values(), ids=POLICIES)
def test_whether_an_endpoint_lets_everything_through(policy: Any, is_open: bool) -> None:
    document = policy if isinstance(policy, str) else json.dumps(policy)
    (found,) = endpoint(PolicyDocument=document)
    assert found.is_policy_open is is_open


def endpoint(**more: Any) -> Any:
    answer = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", **more}
    return collect(endpoints, {"describe_vpc_endpoints": {"VpcEndpoints": [answer]}})


def test_it_reads_endpoints() -> None:
    (found,) = endpoint(
        VpcEndpointType="Gateway", ServiceName="com.amazonaws.eu-west-1.s3", State="available"
    )
    assert found == Endpoint(
        "vpce-1", "vpc-1", "Gateway", "com.amazonaws.eu-west-1.s3", "available", True
    )
    assert (found.service, found.is_available) == ("s3", True)


def test_it_reads_attachments() -> None:
    answer = {
        "TransitGatewayAttachments": [
            {
                "TransitGatewayAttachmentId": "tgw-attach-1",
                "TransitGatewayId": "tgw-1",
                "TransitGatewayOwnerId": "1",
                "ResourceType": "vpc",
                "ResourceId": "vpc-1",
                "ResourceOwnerId": "2",
                "State": "available",
            },
            {"TransitGatewayId": "tgw-2"},
        ]
    }
    found = collect(transit_gateway_attachments, {"describe_transit_gateway_attachments": answer})
    assert found == (
        TransitGatewayAttachment("tgw-attach-1", "tgw-1", "1", "vpc", "vpc-1", "2", "available"),
    )
    assert found[0].is_available


def block(mode: str, *exclusions: dict[str, str], **more: str) -> Any:
    options = {"InternetGatewayBlockMode": mode, **more}
    return collect(
        vpc_block,
        {
            "describe_vpc_block_public_access_options": {"VpcBlockPublicAccessOptions": options},
            "describe_vpc_block_public_access_exclusions": {
                "VpcBlockPublicAccessExclusions": list(exclusions)
            },
        },
    )


def exclusion(mode: str, state: str = "create-complete") -> dict[str, str]:
    arn = "arn:aws:ec2:eu-west-1:222222222222:subnet/subnet-1"
    return {"ResourceArn": arn, "InternetGatewayExclusionMode": mode, "State": state}


def test_it_reads_what_vpcs_block() -> None:
    found = block(
        "block-ingress",
        exclusion("allow-egress"),
        exclusion("allow-bidirectional", "delete-complete"),
        State="update-complete",
        ManagedBy="declarative-policy",
    )
    assert found == VpcBlock(
        "block-ingress",
        "update-complete",
        "declarative-policy",
        (Exclusion("subnet-1", "allow-egress"),),
    )


@pytest.mark.parametrize(
    ("mode", "excluded", "state", "ingress", "both"),
    [
        ("off", "", "", False, False),
        ("block-ingress", "", "", True, False),
        ("block-bidirectional", "", "update-complete", True, True),
        ("block-bidirectional", "", "update-in-progress", False, False),
        ("block-bidirectional", "allow-egress", "", True, False),
        ("block-bidirectional", "allow-bidirectional", "", False, False),
        ("block-bidirectional", "allow-tomorrow", "", False, False),
        ("block-tomorrow", "", "", False, False),
        ("", "", "", False, False),
    ],
)
def test_what_is_blocked(mode: str, excluded: str, state: str, ingress: bool, both: bool) -> None:
    exclusions = (Exclusion("subnet-1", excluded),) if excluded else ()
    found = VpcBlock(mode, state, exclusions=exclusions)

    assert found.blocks_ingress("vpc-1", "subnet-1") is ingress
    assert found.blocks_both("vpc-1", "subnet-1") is both


def test_an_exclusion_of_another_subnet_changes_nothing() -> None:
    found = VpcBlock("block-ingress", exclusions=(Exclusion("subnet-9", "allow-bidirectional"),))
    assert found.blocks_ingress("vpc-1", "subnet-1")


SHARING: dict[str, Any] = {
    "get_image_block_public_access_state": {
        "ImageBlockPublicAccessState": "block-new-sharing",
        "ManagedBy": "declarative-policy",
    },
    "get_snapshot_block_public_access_state": {
        "State": "block-all-sharing",
        "ManagedBy": "account",
    },
}


def test_it_reads_whether_images_and_snapshots_can_be_public() -> None:
    found = collect(sharing_block, SHARING)
    assert found == SharingBlock(
        "block-new-sharing", "declarative-policy", "block-all-sharing", "account"
    )
    assert (found.are_images_blocked, found.are_snapshots_blocked) == (True, True)


@given(thinned(SHARING))
def test_sharing_is_blocked_only_if_it_is_said(answers: Any) -> None:
    found = collect(sharing_block, answers, is_checked=False)
    images, snapshots = answers.values()

    assert found.are_images_blocked == (
        images.get("ImageBlockPublicAccessState") == "block-new-sharing"
    )
    assert found.are_snapshots_blocked == (snapshots.get("State") == "block-all-sharing")
