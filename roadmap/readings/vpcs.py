"""Where something in a VPC stands: what its subnet's routes lead to, what its groups let through
and what is blocked for the whole VPC. Pure.

In a subnet that another account shares, routes and blocks are the owner's: they are read from the
owner's facts, and Missing where the owner was not collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import ec2
from roadmap.readings.workload import Place
from roadmap.subject import Subject

T = TypeVar("T")

INTERNET_GATEWAY = "igw-"
NAT_GATEWAY = "nat-"


class Network:
    """What an account has of networks in one Region. Whatever is looked up raises Missing where
    it was not collected."""

    def __init__(self, subject: Subject, region: str) -> None:
        self.subject = subject
        self.region = region
        self.account_id = subject.account.account_id
        self.place = Place(self.account_id, subject.account.partition, region)

    def arn(self, rest: str) -> str:
        return self.place.arn("ec2", rest)

    @cached_property
    def interfaces(self) -> Sequence[ec2.Interfaces]:
        """The account's own; those that others have in its VPCs are theirs to answer for."""
        found = self.subject.facts.get(ec2.interfaces, self.region)
        return [interfaces for interfaces in found if not interfaces.owner_id]

    @cached_property
    def _subnets(self) -> dict[str, ec2.Subnet]:
        return {s.subnet_id: s for s in self.subject.facts.get(ec2.subnets, self.region)}

    @cached_property
    def _groups(self) -> dict[str, ec2.SecurityGroup]:
        groups = self.subject.facts.get(ec2.security_groups, self.region)
        return {group.group_id: group for group in groups}

    def subnet(self, subnet_id: str) -> ec2.Subnet:
        found = self._subnets.get(subnet_id)
        if found is None:
            message = f"Subnet {subnet_id or 'of an interface'} was not among those listed."
            raise Missing(Outcome.NEVER_COLLECTED, message)
        return found

    def owner_of(self, subnet_id: str) -> str:
        return self.subnet(subnet_id).owner_id or self.account_id

    def routes(self, subnet_id: str) -> Sequence[ec2.Route]:
        """Of the subnet's own route table, else of its VPC's main one."""
        owner = self.owner_of(subnet_id)
        vpc = self.subnet(subnet_id).vpc_id
        tables = self.subject.facts.observation(ec2.route_tables, self.region, owner).get()
        explicit = [table for table in tables if subnet_id in table.subnet_ids]
        main = [table for table in tables if table.is_main and table.vpc_id == vpc]
        for table in (*explicit, *main):
            return table.routes
        message = f"The route table of {subnet_id} was not among those listed."
        raise Missing(Outcome.NEVER_COLLECTED, message)

    def block(self, subnet_id: str) -> ec2.VpcBlock:
        """VPC Block Public Access of the subnet's owner."""
        owner = self.owner_of(subnet_id)
        return self.subject.facts.observation(ec2.vpc_block, self.region, owner).get()

    def is_ingress_blocked(self, subnet_id: str) -> bool:
        vpc = self.subnet(subnet_id).vpc_id
        return self.block(subnet_id).blocks_ingress(vpc, subnet_id)

    def leads_to_internet_gateway(self, subnet_id: str, *, ipv6_only: bool = False) -> bool:
        return any(
            route.target.startswith(INTERNET_GATEWAY)
            and route.is_default
            and (not ipv6_only or is_ipv6(route))
            for route in self.routes(subnet_id)
        )

    def groups(self, group_ids: Iterable[str]) -> list[ec2.SecurityGroup | None]:
        """None stands for a group that was not among those listed."""
        return [self._groups.get(group_id) for group_id in group_ids]


def is_ipv6(route: ec2.Route) -> bool:
    """A prefix list nobody could read may hold networks of either kind."""
    return ":" in route.destination or route.destination.startswith("pl-")


# Interfaces of gateways, endpoints and load balancers that AWS runs: they send nothing of their
# own. AWS spells some of them in two ways, so they are compared without case and underscores.
RUN_BY_AWS = frozenset(
    {
        "natgateway", "networkloadbalancer", "gatewayloadbalancer", "gatewayloadbalancerendpoint",
        "vpcendpoint", "transitgateway", "globalacceleratormanaged",
    }
)  # fmt: skip


def is_run_by_aws(interface: ec2.Interfaces) -> bool:
    return interface.kind.replace("_", "").lower() in RUN_BY_AWS


@dataclass(frozen=True)
class Vpc:
    """A VPC in which the account has interfaces. ``owner_id`` may be another account's."""

    network: Network
    vpc_id: str
    interfaces: Sequence[ec2.Interfaces]

    @property
    def subnet_ids(self) -> list[str]:
        return sorted({interface.subnet_id for interface in self.interfaces})

    @cached_property
    def owner_id(self) -> str:
        """Raises Missing."""
        return self.network.owner_of(self.subnet_ids[0])

    def owned(self, collector: Collector[T]) -> Observation[T]:
        """What the VPC's owner has in the Region."""
        return self.network.subject.facts.observation(collector, self.network.region, self.owner_id)

    @property
    def arn(self) -> str:
        return self.network.arn(f"vpc/{self.vpc_id}")

    def targets(self, *, defaults_only: bool) -> list[str]:
        """What the routes of its subnets lead to. Raises Missing."""
        found = {
            route.target
            for subnet in self.subnet_ids
            for route in self.network.routes(subnet)
            if route.is_default or not defaults_only
        }
        return sorted(found)


def beyond_nat(vpc: Vpc, nat_gateway: str) -> list[str]:
    """What the default routes of the subnet lead to that a NAT gateway stands in; nothing where
    it stands in none. Raises Missing."""
    found = vpc.owned(ec2.nat_gateways).get()
    subnets = [one.subnet_id for one in found if one.nat_gateway_id == nat_gateway]
    return [
        route.target
        for subnet in filter(None, subnets)
        for route in vpc.network.routes(subnet)
        if route.is_default and not route.target.startswith(NAT_GATEWAY)
    ]


def vpcs_of(network: Network, interfaces: Iterable[ec2.Interfaces]) -> list[Vpc]:
    """The VPCs of the interfaces, excepted ones left out."""
    found: dict[str, list[ec2.Interfaces]] = {}
    for interface in interfaces:
        found.setdefault(interface.vpc_id, []).append(interface)
    vpcs = [Vpc(network, vpc_id, inside) for vpc_id, inside in sorted(found.items())]
    return [vpc for vpc in vpcs if not network.subject.is_excepted(vpc.arn)]


def offered(observation: Observation[tuple[T, ...]]) -> tuple[T, ...]:
    """What there is; nothing where AWS does not offer the service. Raises Missing."""
    if observation.outcome == Outcome.SERVICE_UNAVAILABLE:
        return ()
    return observation.get()


def inspected_by(vpc: Vpc, transit_gateway: str) -> list[ec2.TransitGatewayAttachment]:
    """Attachments through which the transit gateway may lead traffic to an inspection: to a VPC of
    INSPECTION_VPCS, or to a firewall of its own. Its route tables are not looked at.

    Only the owner of a transit gateway sees all its attachments. Raises Missing where neither
    the VPC's owner nor that of the gateway was collected.
    """
    own = vpc.owned(ec2.transit_gateway_attachments).get()
    found = [one for one in own if one.transit_gateway_id == transit_gateway]
    owners = {one.transit_gateway_owner_id for one in found} - {"", vpc.owner_id}
    facts, region = vpc.network.subject.facts, vpc.network.region
    for owner in sorted(owners):
        seen = facts.observation(ec2.transit_gateway_attachments, region, owner).get()
        found += [one for one in seen if one.transit_gateway_id == transit_gateway]
    inspecting = vpc.network.subject.settings["INSPECTION_VPCS"]
    return [
        one
        for one in found
        if one.is_available
        and (one.resource_id in inspecting or one.resource_type == "network-function")
    ]


def attested_vpcs(subject: Subject) -> frozenset[str]:
    """The VPCs of which somebody says so, as long as the answer holds."""
    answer = subject.holding("done")
    return frozenset(answer.details.get("vpc_ids") or ()) if answer else frozenset()
