"""Where something in a VPC stands: what its subnet's routes lead to, what its groups let through
and what is blocked for the whole VPC. Pure.

In a subnet that another account shares, routes and blocks are the owner's: they are read from the
owner's facts, and Missing where the owner was not collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from collectors.outcomes import Missing, Outcome
from collectors.services import ec2
from roadmap.subject import Subject
from roadmap.workload import Place

INTERNET_GATEWAY = "igw-"


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
        return self.subject.facts.get(ec2.interfaces, self.region)

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
