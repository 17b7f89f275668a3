"""Amazon EC2: the gateways, endpoints and attachments through which VPCs reach anything else.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_INTERNET_GATEWAYS = Operation(
    "ec2", "describe_internet_gateways", "ec2:DescribeInternetGateways", "InternetGateways"
)
DESCRIBE_EGRESS_ONLY_GATEWAYS = Operation(
    "ec2",
    "describe_egress_only_internet_gateways",
    "ec2:DescribeEgressOnlyInternetGateways",
    "EgressOnlyInternetGateways",
)
DESCRIBE_NAT_GATEWAYS = Operation(
    "ec2", "describe_nat_gateways", "ec2:DescribeNatGateways", "NatGateways"
)
DESCRIBE_VPC_ENDPOINTS = Operation(
    "ec2", "describe_vpc_endpoints", "ec2:DescribeVpcEndpoints", "VpcEndpoints"
)
DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS = Operation(
    "ec2",
    "describe_transit_gateway_attachments",
    "ec2:DescribeTransitGatewayAttachments",
    "TransitGatewayAttachments",
)

PROXY = "network-firewall-proxy"
GONE = ("deleted", "deleting")


@dataclass(frozen=True)
class InternetGateway:
    gateway_id: str
    vpc_id: str = ""
    is_egress_only: bool = False


@dataclass(frozen=True)
class NatGateway:
    """``proxies`` are the ARNs of the network firewall proxies attached to it and in force. A
    regional one stands in no subnet."""

    nat_gateway_id: str
    vpc_id: str = ""
    connectivity_type: str = ""
    availability_mode: str = ""
    proxies: tuple[str, ...] = ()
    subnet_id: str = ""


@dataclass(frozen=True)
class Endpoint:
    """``type`` is such as Gateway, Interface or GatewayLoadBalancer. ``is_policy_open``: its
    policy lets anybody do anything, or there is none."""

    vpc_endpoint_id: str
    vpc_id: str = ""
    type: str = ""
    service_name: str = ""
    state: str = ""
    is_policy_open: bool = True

    @property
    def service(self) -> str:
        """Such as s3 or dynamodb."""
        return self.service_name.rpartition(".")[2]

    @property
    def is_available(self) -> bool:
        return self.state.lower() == "available"


@dataclass(frozen=True)
class TransitGatewayAttachment:
    """``resource_type`` is such as vpc, peering or network-function."""

    attachment_id: str
    transit_gateway_id: str = ""
    transit_gateway_owner_id: str = ""
    resource_type: str = ""
    resource_id: str = ""
    resource_owner_id: str = ""
    state: str = ""

    @property
    def is_available(self) -> bool:
        return self.state == "available"


def _fetch_internet_gateways(aws: Aws) -> Answer:
    return {
        "both ways": aws.pages(DESCRIBE_INTERNET_GATEWAYS) or [],
        "outwards": aws.pages(DESCRIBE_EGRESS_ONLY_GATEWAYS) or [],
    }


def _internet_gateways(answer: Answer) -> tuple[InternetGateway, ...]:
    both_ways = (
        InternetGateway(gateway["InternetGatewayId"], _attached_to(gateway))
        for gateway in answer["both ways"]
        if gateway.get("InternetGatewayId")
    )
    outwards = (
        InternetGateway(gateway["EgressOnlyInternetGatewayId"], _attached_to(gateway), True)
        for gateway in answer["outwards"]
        if gateway.get("EgressOnlyInternetGatewayId")
    )
    return (*both_ways, *outwards)


def _attached_to(gateway: Answer) -> str:
    """A gateway is attached to one VPC at most."""
    return next((a["VpcId"] for a in gateway.get("Attachments") or () if a.get("VpcId")), "")


def _nat_gateways(answers: Any) -> tuple[NatGateway, ...]:
    return tuple(
        NatGateway(
            answer["NatGatewayId"],
            answer.get("VpcId") or "",
            answer.get("ConnectivityType") or "",
            answer.get("AvailabilityMode") or "",
            tuple(
                appliance.get("ApplianceArn") or ""
                for appliance in answer.get("AttachedAppliances") or ()
                if _is_in_force(appliance)
            ),
            answer.get("SubnetId") or "",
        )
        for answer in answers or ()
        if answer.get("NatGatewayId") and answer.get("State") not in GONE
    )


def _is_in_force(appliance: Answer) -> bool:
    return appliance.get("Type") == PROXY and appliance.get("AttachmentState") == "attached"


def _endpoints(answers: Any) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(
            answer["VpcEndpointId"],
            answer.get("VpcId") or "",
            answer.get("VpcEndpointType") or "",
            answer.get("ServiceName") or "",
            answer.get("State") or "",
            is_open_policy(answer.get("PolicyDocument")),
        )
        for answer in answers or ()
        if answer.get("VpcEndpointId")
    )


def is_open_policy(document: str | None) -> bool:
    """Whether it allows everybody everything without a condition; so does none at all, and what
    cannot be read is taken for open."""
    try:
        statements = json.loads(document or "")["Statement"]
    except (ValueError, KeyError, TypeError):
        return True
    statements = statements if isinstance(statements, list) else [statements]
    return any(_allows_everything(s) for s in statements if isinstance(s, Mapping))


def _allows_everything(statement: Answer) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        principal = principal.get("AWS")
    return (
        statement.get("Effect") == "Allow"
        and "*" in _listed(principal)
        and any(action.rpartition(":")[2] == "*" for action in _listed(statement.get("Action")))
        and "*" in _listed(statement.get("Resource"))
        and not statement.get("Condition")
    )


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _transit_gateway_attachments(answers: Any) -> tuple[TransitGatewayAttachment, ...]:
    return tuple(
        TransitGatewayAttachment(
            answer["TransitGatewayAttachmentId"],
            answer.get("TransitGatewayId") or "",
            answer.get("TransitGatewayOwnerId") or "",
            answer.get("ResourceType") or "",
            answer.get("ResourceId") or "",
            answer.get("ResourceOwnerId") or "",
            answer.get("State") or "",
        )
        for answer in answers or ()
        if answer.get("TransitGatewayAttachmentId")
    )


internet_gateways: Collector[tuple[InternetGateway, ...]] = Collector(
    "ec2.internet_gateways",
    tuple[InternetGateway, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_INTERNET_GATEWAYS, DESCRIBE_EGRESS_ONLY_GATEWAYS),
    _fetch_internet_gateways,
    _internet_gateways,
)

nat_gateways: Collector[tuple[NatGateway, ...]] = Collector(
    "ec2.nat_gateways",
    tuple[NatGateway, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_NAT_GATEWAYS,),
    lambda aws: aws.pages(DESCRIBE_NAT_GATEWAYS),
    _nat_gateways,
)

endpoints: Collector[tuple[Endpoint, ...]] = Collector(
    "ec2.endpoints",
    tuple[Endpoint, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_VPC_ENDPOINTS,),
    lambda aws: aws.pages(DESCRIBE_VPC_ENDPOINTS),
    _endpoints,
)

transit_gateway_attachments: Collector[tuple[TransitGatewayAttachment, ...]] = Collector(
    "ec2.transit_gateway_attachments",
    tuple[TransitGatewayAttachment, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS,),
    lambda aws: aws.pages(DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS),
    _transit_gateway_attachments,
)
