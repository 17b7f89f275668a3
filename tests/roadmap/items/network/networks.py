"""An account with one VPC, private and without a way to the internet; tests change what they are
about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from collectors.registry import Collector
from collectors.services import ec2, elbv2, network_firewall, rds, redshift, route53resolver
from collectors.services.ec2 import (
    Interfaces,
    NatGateway,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    VpcBlock,
)
from collectors.services.network_firewall import Firewall, Policy
from roadmap.subject import Subject
from tests.roadmap.items.subjects import ACCOUNT, subject

HERE, THERE = "eu-west-1", "us-east-1"
PLAIN = Interfaces("vpc-1", "subnet-1", "interface", group_ids=("sg-1",), ids=("eni-1",))
SUBNET = Subnet("subnet-1", "vpc-1", ACCOUNT)
TABLE = RouteTable("rtb-1", "vpc-1", ACCOUNT, is_main=True)
GROUP = SecurityGroup("sg-1", "vpc-1", "web")
DROPS = Policy("", "STRICT_ORDER", ("aws:forward_to_sfe",), ("aws:drop_strict",))
FIREWALL = Firewall("arn:firewall", "egress", "vpc-1", ("vpce-1",), status="READY", policy=DROPS)

Changes = dict[Collector[Any], Any]

FACTS: Changes = {
    ec2.interfaces: (PLAIN,),
    ec2.instances: (),
    ec2.subnets: (SUBNET,),
    ec2.route_tables: (TABLE,),
    ec2.security_groups: (GROUP,),
    ec2.vpc_block: VpcBlock("off"),
    ec2.endpoints: (),
    ec2.transit_gateway_attachments: (),
    ec2.internet_gateways: (),
    ec2.nat_gateways: (),
    network_firewall.firewalls: (),
    route53resolver.firewall_associations: (),
    elbv2.load_balancers: (),
    rds.instances: (),
    redshift.clusters: (),
}


def seen(
    changes: Changes | None = None,
    *,
    values: dict[tuple[Any, ...], Any] | None = None,
    regions: tuple[str, ...] = (HERE,),
    **more: Any,
) -> Subject:
    facts = FACTS | (changes or {})
    found = {(ACCOUNT, collector, HERE): value for collector, value in facts.items()}
    return subject(found | (values or {}), regions={ACCOUNT: regions}, **more)


def elsewhere(account: str, collector: Collector[Any], value: Any) -> dict[tuple[Any, ...], Any]:
    """What another account has in the Region."""
    return {(account, collector, HERE): value}


def behind_nat(target: str) -> Changes:
    """Its subnet leads to a NAT gateway, which stands in one that leads to the target."""
    own = replace(TABLE, routes=(Route("0.0.0.0/0", "nat-1"),))
    beyond = RouteTable(
        "rtb-2", "vpc-1", subnet_ids=("subnet-2",), routes=(Route("0.0.0.0/0", target),)
    )
    return {
        ec2.nat_gateways: (NatGateway("nat-1", "vpc-1", subnet_id="subnet-2"),),
        ec2.subnets: (SUBNET, replace(SUBNET, subnet_id="subnet-2")),
        ec2.route_tables: (own, beyond),
    }


def leading_to(*targets: str, destination: str = "0.0.0.0/0") -> Changes:
    routes = tuple(Route(destination, target) for target in targets)
    return {ec2.route_tables: (replace(TABLE, routes=routes),)}
