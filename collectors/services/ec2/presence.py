"""Amazon EC2: the instances and VPCs of a Region, and the Regions an account may use.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.tags import Tags, kept, parted

if TYPE_CHECKING:
    from collectors.aws import Aws

DESCRIBE_REGIONS = Operation("ec2", "describe_regions", "ec2:DescribeRegions")
DESCRIBE_INSTANCES = Operation("ec2", "describe_instances", "ec2:DescribeInstances", "Reservations")
DESCRIBE_VPCS = Operation("ec2", "describe_vpcs", "ec2:DescribeVpcs", "Vpcs")


@dataclass(frozen=True)
class Instance:
    """``state`` is AWS's word. ``http_tokens`` and ``http_endpoint`` are its metadata options,
    empty where AWS did not say; ``launch_template`` is the id of the one it was started from.
    ``interface_ids`` are those of its network interfaces. User data is never read."""

    instance_id: str
    name: str = ""
    state: str = ""
    vpc_id: str = ""
    has_public_address: bool = False
    http_tokens: str = ""
    http_endpoint: str = ""
    hop_limit: int | None = None
    has_profile: bool = False
    launch_template: str = ""
    interface_ids: tuple[str, ...] = ()
    tags: Tags = field(default_factory=Tags)

    @property
    def is_there(self) -> bool:
        """Terminated instances are listed for about an hour more."""
        return self.state not in ("terminated", "shutting-down")


@dataclass(frozen=True)
class Vpc:
    """``owner_id`` is another account's where subnets of the VPC are shared with this one."""

    vpc_id: str
    name: str = ""
    is_default: bool = False
    owner_id: str = ""


def _fetch_instances(aws: Aws) -> Mapping[str, Any]:
    """Those that other services run in the account as well, such as EKS Auto Mode."""
    return {
        "reservations": aws.pages(DESCRIBE_INSTANCES, IncludeManagedResources=True),
        "asked": asked_keys(aws),
    }


def asked_keys(aws: Aws) -> tuple[str, ...]:
    """The keys of tags whose values are kept."""
    key, _ = parted(aws.settings["PUBLIC_ALLOWED_TAG"])
    return (key,)


def _instances(answer: Mapping[str, Any]) -> tuple[Instance, ...]:
    return tuple(
        _instance(instance, answer["asked"])
        for reservation in answer["reservations"] or ()
        for instance in reservation.get("Instances") or ()
    )


def _instance(answer: Mapping[str, Any], asked: Collection[str]) -> Instance:
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
        hop_limit=options.get("HttpPutResponseHopLimit"),
        has_profile=bool(answer.get("IamInstanceProfile")),
        launch_template=tag(answer, "aws:ec2launchtemplate:id"),
        interface_ids=tuple(
            interface["NetworkInterfaceId"]
            for interface in interfaces
            if interface.get("NetworkInterfaceId")
        ),
        tags=kept(of_people(answer.get("Tags")), asked),
    )


def of_people(tags: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Without those that only AWS can set."""
    return [tag for tag in tags or () if not (tag.get("Key") or "").startswith("aws:")]


def name_tag(answer: Mapping[str, Any]) -> str:
    return tag(answer, "Name")


def tag(answer: Mapping[str, Any], key: str) -> str:
    tags = answer.get("Tags") or ()
    return next((tag.get("Value") or "" for tag in tags if tag.get("Key") == key), "")


def _vpcs(answers: Any) -> tuple[Vpc, ...]:
    return tuple(
        Vpc(
            answer.get("VpcId") or "",
            name_tag(answer),
            answer.get("IsDefault") is True,
            answer.get("OwnerId") or "",
        )
        for answer in answers or ()
    )


instances: Collector[tuple[Instance, ...]] = Collector(
    "ec2.instances",
    tuple[Instance, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_INSTANCES,),
    _fetch_instances,
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
