"""Amazon EC2: the instances and VPCs of a Region, and the Regions an account may use.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope

DESCRIBE_REGIONS = Operation("ec2", "describe_regions", "ec2:DescribeRegions")
DESCRIBE_INSTANCES = Operation("ec2", "describe_instances", "ec2:DescribeInstances", "Reservations")
DESCRIBE_VPCS = Operation("ec2", "describe_vpcs", "ec2:DescribeVpcs", "Vpcs")


@dataclass(frozen=True)
class Instance:
    """``state`` is AWS's word. ``http_tokens`` and ``http_endpoint`` are its metadata options,
    empty where AWS did not say. User data is never read."""

    instance_id: str
    name: str = ""
    state: str = ""
    vpc_id: str = ""
    has_public_address: bool = False
    http_tokens: str = ""
    http_endpoint: str = ""

    @property
    def is_there(self) -> bool:
        """Terminated instances are listed for about an hour more."""
        return self.state not in ("terminated", "shutting-down")


@dataclass(frozen=True)
class Vpc:
    vpc_id: str
    name: str = ""
    is_default: bool = False


def _instances(reservations: Any) -> tuple[Instance, ...]:
    return tuple(
        _instance(instance)
        for reservation in reservations or ()
        for instance in reservation.get("Instances") or ()
    )


def _instance(answer: Mapping[str, Any]) -> Instance:
    options = answer.get("MetadataOptions") or {}
    interfaces = answer.get("NetworkInterfaces") or ()
    return Instance(
        instance_id=answer.get("InstanceId") or "",
        name=name_tag(answer),
        state=(answer.get("State") or {}).get("Name") or "",
        vpc_id=answer.get("VpcId") or "",
        has_public_address=bool(answer.get("PublicIpAddress"))
        or any((interface.get("Association") or {}).get("PublicIp") for interface in interfaces),
        http_tokens=options.get("HttpTokens") or "",
        http_endpoint=options.get("HttpEndpoint") or "",
    )


def name_tag(answer: Mapping[str, Any]) -> str:
    tags = answer.get("Tags") or ()
    return next((tag.get("Value") or "" for tag in tags if tag.get("Key") == "Name"), "")


def _vpcs(answers: Any) -> tuple[Vpc, ...]:
    return tuple(
        Vpc(answer.get("VpcId") or "", name_tag(answer), answer.get("IsDefault") is True)
        for answer in answers or ()
    )


instances: Collector[tuple[Instance, ...]] = Collector(
    "ec2.instances",
    tuple[Instance, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_INSTANCES,),
    lambda aws: aws.pages(DESCRIBE_INSTANCES),
    _instances,
    Phase.PRESENCE,
)

vpcs: Collector[tuple[Vpc, ...]] = Collector(
    "ec2.vpcs",
    tuple[Vpc, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_VPCS,),
    lambda aws: aws.pages(DESCRIBE_VPCS),
    _vpcs,
    Phase.PRESENCE,
)
