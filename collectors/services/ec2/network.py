"""Amazon EC2: where interfaces stand, where subnets lead, and what security groups let through.

An account may hold thousands of interfaces, routes and rules. Interfaces that are alike are kept
together, and of routes and rules only those that concern the internet.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing
from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.ec2.presence import asked_keys, of_people
from collectors.tags import Tags, kept
from inventory.policy_settings import SETTINGS

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_NETWORK_INTERFACES = Operation(
    "ec2", "describe_network_interfaces", "ec2:DescribeNetworkInterfaces", "NetworkInterfaces"
)
DESCRIBE_SUBNETS = Operation("ec2", "describe_subnets", "ec2:DescribeSubnets", "Subnets")
DESCRIBE_ROUTE_TABLES = Operation(
    "ec2", "describe_route_tables", "ec2:DescribeRouteTables", "RouteTables"
)
DESCRIBE_SECURITY_GROUPS = Operation(
    "ec2", "describe_security_groups", "ec2:DescribeSecurityGroups", "SecurityGroups"
)
GET_PREFIX_LIST_ENTRIES = Operation(
    "ec2", "get_managed_prefix_list_entries", "ec2:GetManagedPrefixListEntries", "Entries"
)

A_PAGE = 1000

# Networks wider than this are kept of security groups, as lengths of their prefixes: the widest
# that a setting may ask about.
KEPT_BELOW = SETTINGS["PUBLIC_CIDR_MAX_PREFIX"].highest
# Routes and IPv6 rules as wide as these are taken for routes and rules to everywhere.
DEFAULT_BELOW = 8
ALL_IPV6 = 3  # 2000::/3 is all of IPv6 that is in use
PRIVATE = tuple(
    IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
ALL_PROTOCOLS = "-1"

# The keys under which a route names its target.
TARGETS = (
    "GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "TransitGatewayId",
    "NetworkInterfaceId", "InstanceId", "VpcPeeringConnectionId", "CarrierGatewayId",
    "LocalGatewayId", "CoreNetworkArn", "OdbNetworkArn",
)  # fmt: skip
WAYS_OUT = ("igw-", "eigw-", "nat-", "cagw-")


@dataclass(frozen=True, order=True)
class Interfaces:
    """Network interfaces of the account in one subnet that are alike. ``kind`` is AWS's
    InterfaceType; ``load_balancer`` is such as ``app/name/id`` for those that Elastic Load
    Balancing made. ``instance_id`` is told only where they have a public IPv4 or any IPv6
    address.

    ``owner_id`` is another account's where that has interfaces in a VPC whose subnets are shared
    with it: of those nothing else is told but the VPC."""

    vpc_id: str = ""
    subnet_id: str = ""
    kind: str = ""
    load_balancer: str = ""
    group_ids: tuple[str, ...] = ()
    has_public_ip: bool = False
    has_ipv6: bool = False
    tags: Tags = field(default_factory=Tags)
    instance_id: str = ""
    owner_id: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """``owner_id`` is another account's where the subnet is shared with this one."""

    subnet_id: str
    vpc_id: str = ""
    owner_id: str = ""
    map_public_ip_on_launch: bool = False


@dataclass(frozen=True)
class Route:
    """``destination`` is a network; for a prefix list the widest in it, or the list's id where
    nobody could read it. ``target`` is the id of what it leads to."""

    destination: str
    target: str

    @property
    def is_default(self) -> bool:
        """Whether it leads everywhere, or nobody could tell."""
        return width(self.destination, unknown=0) < _default_below(self.destination)


@dataclass(frozen=True)
class RouteTable:
    """Of the routes those that lead everywhere or to a gateway to the internet; those without a
    working target are left out."""

    route_table_id: str
    vpc_id: str = ""
    owner_id: str = ""
    is_main: bool = False
    subnet_ids: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Rule:
    """``cidr`` is empty for a prefix list nobody could read. Ports are None where all are meant;
    of ICMP they are types."""

    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidr: str = ""
    prefix_list_id: str = ""

    def is_open(self, below: int) -> bool | None:
        """Whether it is about more of the internet than a network of ``below`` bits; None where
        that is not known."""
        if not self.cidr:
            return None
        if ":" in self.cidr:
            return width(self.cidr, unknown=0) <= ALL_IPV6
        return width(self.cidr, unknown=0) < below

    def admits(self, port: int) -> bool:
        if self.protocol not in (ALL_PROTOCOLS, "tcp", "udp", "6", "17"):
            return False
        if self.protocol == ALL_PROTOCOLS or self.from_port is None or self.to_port is None:
            return True
        return self.from_port <= port <= self.to_port


@dataclass(frozen=True)
class SecurityGroup:
    """Rules about wide networks only. ``egress`` are those that let all protocols out.
    ``owner_id`` is another account's where the group is shared with this one."""

    group_id: str
    vpc_id: str = ""
    name: str = ""
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    owner_id: str = ""


def width(cidr: str, *, unknown: int) -> int:
    """The length of the prefix: the smaller, the wider."""
    try:
        return int(ip_network(cidr, strict=False).prefixlen)
    except ValueError:
        return unknown


def _default_below(cidr: str) -> int:
    return ALL_IPV6 + 1 if ":" in cidr else DEFAULT_BELOW


def _is_private(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return isinstance(network, IPv4Network) and any(network.subnet_of(own) for own in PRIVATE)


def _fetch_interfaces(aws: Aws) -> Answer:
    """The owner of a VPC sees those that others have in the subnets it shares with them."""
    return {
        "account": aws.account_id,
        "interfaces": aws.pages(
            DESCRIBE_NETWORK_INTERFACES, IncludeManagedResources=True, MaxResults=A_PAGE
        ),
        "asked": asked_keys(aws),
    }


def _interfaces(answer: Answer) -> tuple[Interfaces, ...]:
    alike: dict[Interfaces, list[str]] = {}
    of_others: set[Interfaces] = set()
    for interface in answer["interfaces"] or ():
        owner = interface.get("OwnerId") or ""
        if owner not in ("", answer["account"]):
            of_others.add(Interfaces(interface.get("VpcId") or "", owner_id=owner))
            continue
        traits = _traits(interface, answer["asked"])
        alike.setdefault(traits, []).append(interface.get("NetworkInterfaceId") or "")
    own = (replace(traits, ids=tuple(sorted(alike[traits]))) for traits in sorted(alike))
    return (*own, *sorted(of_others))


def _traits(interface: Answer, asked: Collection[str]) -> Interfaces:
    has_public_ip = bool((interface.get("Association") or {}).get("PublicIp")) or any(
        (address.get("Association") or {}).get("PublicIp")
        for address in interface.get("PrivateIpAddresses") or ()
    )
    has_ipv6 = bool(interface.get("Ipv6Addresses"))
    attachment = interface.get("Attachment") or {}
    groups = interface.get("Groups") or ()
    return Interfaces(
        vpc_id=interface.get("VpcId") or "",
        subnet_id=interface.get("SubnetId") or "",
        kind=interface.get("InterfaceType") or "",
        load_balancer=_load_balancer(interface),
        group_ids=tuple(sorted(group["GroupId"] for group in groups if group.get("GroupId"))),
        has_public_ip=has_public_ip,
        has_ipv6=has_ipv6,
        tags=kept(of_people(interface.get("TagSet")), asked),
        instance_id=(attachment.get("InstanceId") or "") if has_public_ip or has_ipv6 else "",
    )


def _load_balancer(interface: Answer) -> str:
    """The requester cannot be made up; the description says for which load balancer."""
    if interface.get("RequesterId") != "amazon-elb":
        return ""
    return (interface.get("Description") or "").removeprefix("ELB ") or "unnamed"


def _subnets(answers: Any) -> tuple[Subnet, ...]:
    return tuple(
        Subnet(
            answer["SubnetId"],
            answer.get("VpcId") or "",
            answer.get("OwnerId") or "",
            answer.get("MapPublicIpOnLaunch") is True,
        )
        for answer in answers or ()
        if answer.get("SubnetId")
    )


def _fetch_route_tables(aws: Aws) -> Answer:
    tables = aws.pages(DESCRIBE_ROUTE_TABLES) or []
    lists = {
        route.get("DestinationPrefixListId")
        for table in tables
        for route in table.get("Routes") or ()
        if not _target(route).startswith("vpce-")
    }
    return {"tables": tables, "prefix_lists": _widest_of(aws, lists)}


def _route_tables(answer: Answer) -> tuple[RouteTable, ...]:
    return tuple(
        RouteTable(
            route_table_id=table["RouteTableId"],
            vpc_id=table.get("VpcId") or "",
            owner_id=table.get("OwnerId") or "",
            is_main=any(a.get("Main") is True for a in table.get("Associations") or ()),
            subnet_ids=tuple(
                a["SubnetId"] for a in table.get("Associations") or () if a.get("SubnetId")
            ),
            routes=tuple(_routes(table.get("Routes") or (), answer["prefix_lists"])),
        )
        for table in answer["tables"]
        if table.get("RouteTableId")
    )


def _routes(routes: Iterable[Answer], prefix_lists: Mapping[str, str]) -> Iterator[Route]:
    """Of several narrow routes to the same gateway, one."""
    seen: set[tuple[str, str]] = set()
    for answer in routes:
        target = _target(answer)
        if not target or target == "local" or answer.get("State") == "blackhole":
            continue
        listed = answer.get("DestinationPrefixListId") or ""
        if listed and target.startswith("vpce-"):
            continue  # The way to one AWS service through a gateway endpoint.
        network = answer.get("DestinationCidrBlock") or answer.get("DestinationIpv6CidrBlock")
        route = Route(network or prefix_lists.get(listed) or listed, target)
        if not (route.is_default or target.startswith(WAYS_OUT)):
            continue
        key = (target, route.destination if route.is_default else "")
        if key not in seen:
            seen.add(key)
            yield route


def _target(route: Answer) -> str:
    return next((str(route[key]) for key in TARGETS if route.get(key)), "")


def _widest_of(aws: Aws, prefix_list_ids: Iterable[str | None]) -> dict[str, str]:
    """Prefix list id → the widest network in it; without those that could not be read. An empty
    list admits nothing, which the narrowest network stands for."""
    found: dict[str, str] = {}
    for listed in sorted(filter(None, prefix_list_ids)):
        try:
            entries = aws.pages(GET_PREFIX_LIST_ENTRIES, PrefixListId=listed) or []
        except Missing:
            continue
        networks = [entry.get("Cidr") or "" for entry in entries]
        if all(networks):
            found[listed] = min(networks, key=_breadth, default="127.0.0.1/32")
    return found


def _breadth(cidr: str) -> int:
    """Like ``width``, with IPv6 on the same scale."""
    return width(cidr, unknown=0) // (4 if ":" in cidr else 1)


def _fetch_security_groups(aws: Aws) -> Answer:
    groups = aws.pages(DESCRIBE_SECURITY_GROUPS, MaxResults=A_PAGE) or []
    lists = {
        listed.get("PrefixListId")
        for group in groups
        for direction in ("IpPermissions", "IpPermissionsEgress")
        for permission in group.get(direction) or ()
        for listed in permission.get("PrefixListIds") or ()
    }
    return {"groups": groups, "prefix_lists": _widest_of(aws, lists)}


def _security_groups(answer: Answer) -> tuple[SecurityGroup, ...]:
    lists = answer["prefix_lists"]
    return tuple(
        SecurityGroup(
            group_id=group["GroupId"],
            vpc_id=group.get("VpcId") or "",
            name=group.get("GroupName") or "",
            ingress=tuple(_rules(group.get("IpPermissions") or (), lists)),
            egress=tuple(
                rule
                for rule in _rules(group.get("IpPermissionsEgress") or (), lists)
                if rule.protocol == ALL_PROTOCOLS
            ),
            owner_id=group.get("OwnerId") or "",
        )
        for group in answer["groups"]
        if group.get("GroupId")
    )


def _rules(permissions: Sequence[Answer], lists: Mapping[str, str]) -> Iterator[Rule]:
    for permission in permissions:
        # Without a word on the protocol every protocol may be meant.
        protocol = permission.get("IpProtocol") or ALL_PROTOCOLS
        ports = permission.get("FromPort"), permission.get("ToPort")
        if None in ports or -1 in ports:
            ports = None, None
        for cidr in _wide_networks(permission):
            yield Rule(protocol, *ports, cidr)
        for listed in permission.get("PrefixListIds") or ():
            name = listed.get("PrefixListId") or ""
            cidr = lists.get(name, "")
            if not cidr or _is_kept(cidr):
                yield Rule(protocol, *ports, cidr, name)


def _wide_networks(permission: Answer) -> Iterator[str]:
    for key, name in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for answer in permission.get(key) or ():
            cidr = answer.get(name) or ""
            if _is_kept(cidr):
                yield cidr


def _is_kept(cidr: str) -> bool:
    return width(cidr, unknown=0) < KEPT_BELOW and not _is_private(cidr)


def _regional(
    name: str, value: Any, operations: tuple[Operation, ...], fetch: Any, transform: Any
) -> Collector[Any]:
    return Collector(name, value, Scope.ACCOUNT, Reach.REGIONAL, operations, fetch, transform)


interfaces: Collector[tuple[Interfaces, ...]] = _regional(
    "ec2.interfaces",
    tuple[Interfaces, ...],
    (DESCRIBE_NETWORK_INTERFACES,),
    _fetch_interfaces,
    _interfaces,
)

subnets: Collector[tuple[Subnet, ...]] = _regional(
    "ec2.subnets",
    tuple[Subnet, ...],
    (DESCRIBE_SUBNETS,),
    lambda aws: aws.pages(DESCRIBE_SUBNETS),
    _subnets,
)

route_tables: Collector[tuple[RouteTable, ...]] = _regional(
    "ec2.route_tables",
    tuple[RouteTable, ...],
    (DESCRIBE_ROUTE_TABLES, GET_PREFIX_LIST_ENTRIES),
    _fetch_route_tables,
    _route_tables,
)

security_groups: Collector[tuple[SecurityGroup, ...]] = _regional(
    "ec2.security_groups",
    tuple[SecurityGroup, ...],
    (DESCRIBE_SECURITY_GROUPS, GET_PREFIX_LIST_ENTRIES),
    _fetch_security_groups,
    _security_groups,
)
