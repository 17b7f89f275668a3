"""Workloads have no public address, and what goes out passes an inspection.

Reads interfaces, subnets and routes Region by Region. Left out are interfaces that are meant to be
public: those of gateways, endpoints, network load balancers and accelerators, of load balancers
that face the internet, and what carries the tag PUBLIC_ALLOWED_TAG. Anything else is misplaced
with a public address or in a subnet that routes to an internet gateway, unless VPC Block Public
Access lets nothing in.

A load balancer with a public IPv4 address faces the internet; of one with IPv6 addresses only its
scheme tells. A VPC whose default route leads through a transit gateway is inspected if the gateway
has an attachment of a VPC of INSPECTION_VPCS, or a firewall of its own: its route tables are not
read. Through a NAT gateway it is inspected if what the gateway's own subnet leads to is. Nothing
tells where a core network (Cloud WAN) leads: people vouch for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, ec2, elbv2, network_firewall, rds, redshift
from collectors.tags import Tags
from roadmap.readings.vpcs import (
    NAT_GATEWAY,
    Network,
    Vpc,
    attested_vpcs,
    beyond_nat,
    inspected_by,
    is_run_by_aws,
    offered,
    vpcs_of,
)
from roadmap.registry import Attestable, Detail, DetailKind, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed, over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
    region_verdict,
)

FIREWALL_ENDPOINT = "GatewayLoadBalancer"


def judge(subject: Subject) -> Verdict:
    interfaces = subject.facts.by_region(ec2.interfaces)
    parts = each_region(interfaces, lambda region: _Region(subject, region).verdict())
    return region_verdict(
        parts,
        over_regions(parts),
        facts={region: dict(part.facts) for region, part in parts.items() if part.facts},
        problems=[problem for part in parts.values() for problem in part.problems],
    )


@dataclass(frozen=True)
class _Misplaced:
    """An interface or a database in a public place."""

    arn: str
    why: str
    is_database: bool = False


class _Region:
    """What an account has in one Region. Raises Missing where that was not seen."""

    def __init__(self, subject: Subject, region: str) -> None:
        self.subject = subject
        self.region = region
        self.network = Network(subject, region)

    def verdict(self) -> Verdict:
        databases = list(self._public_databases())
        if not self.network.interfaces and not databases:
            return not_applicable(
                Reason.NO_RESOURCES, "No network interface", "no interface in the Region"
            )
        private = [i for i in self.network.interfaces if not self._is_meant_to_be_public(i)]
        misplaced = [*self._misplaced(private), *databases]
        vpcs = [_Way(vpc) for vpc in vpcs_of(self.network, private)]
        unproxied = [way for way in vpcs if not way.is_inspected]
        total = sum(len(self._counted(interface)) for interface in private) + len(databases)
        more: dict[str, Any] = {
            "facts": {
                "interfaces": total,
                "misplaced": {one.arn: one.why for one in misplaced},
                "vpcs": {way.vpc.vpc_id: way.facts() for way in vpcs},
                "gateways": self._gateways(),
            },
            "problems": [*self._problems(misplaced), *self._of_vpcs(unproxied), *self._subnets()],
        }
        if misplaced:
            return self._badly_placed(misplaced, total, more)
        if unproxied:
            ways = listed(f"{way.vpc.vpc_id} ({way.said})" for way in unproxied)
            sentence = f"Nothing is in a public place, but nobody inspects what leaves {ways}"
            return partly(sentence, "private, some VPC not proxied", **more)
        sentence = f"{_all(total)}, and what leaves is inspected"
        return passed(sentence, "private and proxied", **more)

    def _badly_placed(
        self, misplaced: list[_Misplaced], total: int, more: dict[str, Any]
    ) -> Verdict:
        names = listed(one.arn.rpartition("/")[2].rpartition(":")[2] for one in misplaced)
        verb = "is" if len(misplaced) == 1 else "are"
        sentence = f"{len(misplaced)} of {total} resources {verb} in a public place ({names})"
        least = self.subject.settings["PRIVATE_PARTIAL_PCT"]
        if ratio(total - len(misplaced), total, 100, least) == Status.PARTIAL:
            return partly(sentence, "nearly all in private places", **more)
        return failed(sentence, "too many in public places", **more)

    def _is_meant_to_be_public(self, interface: ec2.Interfaces) -> bool:
        if is_run_by_aws(interface) or self._may_be_public(interface.tags):
            return True
        if not interface.load_balancer or not (interface.has_public_ip or interface.has_ipv6):
            return False
        return interface.has_public_ip or self._faces_internet(interface.load_balancer)

    def _may_be_public(self, tags: Tags) -> bool:
        """By PUBLIC_ALLOWED_TAG. Raises Missing where its value was not kept."""
        wanted = self.subject.settings["PUBLIC_ALLOWED_TAG"]
        carried = tags.carry(wanted)
        if carried is None:
            message = f"Which resources carry {wanted} is read at the next collection."
            raise Missing(Outcome.NEVER_COLLECTED, message)
        return carried

    def _faces_internet(self, load_balancer: str) -> bool:
        found = self.subject.facts.get(elbv2.load_balancers, self.region)
        return any(
            one.arn.endswith(f"loadbalancer/{load_balancer}") and one.is_internet_facing
            for one in found
        )

    def _counted(self, interface: ec2.Interfaces) -> list[str]:
        """Those of the interfaces that count: not of tagged instances, not excepted."""
        return [
            name
            for name in interface.ids
            if name not in self._allowed
            and not self.subject.is_excepted(self.network.arn(f"network-interface/{name}"))
        ]

    @cached_property
    def _allowed(self) -> frozenset[str]:
        instances = self.subject.facts.get(ec2.instances, self.region)
        allowed = [one for one in instances if self._may_be_public(one.tags)]
        return frozenset(name for one in allowed for name in one.interface_ids)

    def _misplaced(self, interfaces: list[ec2.Interfaces]) -> Iterator[_Misplaced]:
        for interface in interfaces:
            why = self._why_misplaced(interface)
            if why:
                for name in self._counted(interface):
                    yield _Misplaced(self.network.arn(f"network-interface/{name}"), why)

    def _why_misplaced(self, interface: ec2.Interfaces) -> str:
        subnet = interface.subnet_id
        is_routed = self.network.leads_to_internet_gateway(subnet)
        if not (interface.has_public_ip or is_routed):
            return ""
        if self.network.is_ingress_blocked(subnet):
            return ""
        if interface.has_public_ip:
            return f"It has a public address in {subnet}."
        return f"{subnet} routes to an internet gateway."

    def _public_databases(self) -> Iterator[_Misplaced]:
        place = self.network.place
        for one in offered(self.subject.facts.observation(rds.instances, self.region)):
            arn = one.db_instance_arn or place.arn("rds", f"db:{one.db_instance_identifier}")
            yield from self._public(arn, one.publicly_accessible)
        for cluster in offered(self.subject.facts.observation(redshift.clusters, self.region)):
            arn = place.arn("redshift", f"cluster:{cluster.cluster_identifier}")
            yield from self._public(arn, cluster.publicly_accessible)

    def _public(self, arn: str, is_public: bool | None) -> Iterator[_Misplaced]:
        if self.subject.is_excepted(arn):
            return
        if is_public is None:
            message = f"AWS did not say whether {arn} is publicly accessible."
            raise Missing(Outcome.API_ERROR, message)
        if is_public:
            yield _Misplaced(arn, "It is publicly accessible.", True)

    def _problems(self, misplaced: list[_Misplaced]) -> Iterator[Problem]:
        for one in misplaced:
            severity = Severity.HIGH if one.is_database else None
            yield Problem(
                "misplaced_interface",
                one.arn,
                region=self.region,
                detail=one.why,
                severity=severity,
            )

    def _of_vpcs(self, unproxied: list[_Way]) -> Iterator[Problem]:
        for way in unproxied:
            detail = f"{way.said[:1].upper()}{way.said[1:]}."
            yield Problem("vpc_unproxied", way.vpc.arn, region=self.region, detail=detail)

    def _subnets(self) -> Iterator[Problem]:
        """The account's own subnets in which it has something."""
        used = {interface.subnet_id for interface in self.network.interfaces}
        for name in sorted(used):
            subnet = self.network.subnet(name)
            arn = self.network.arn(f"subnet/{name}")
            is_own = subnet.owner_id in ("", self.network.account_id)
            is_excepted = self.subject.is_excepted(arn)
            if subnet.map_public_ip_on_launch and is_own and not is_excepted:
                yield Problem("subnet_auto_public_ip", arn, region=self.region)

    def _gateways(self) -> list[str] | None:
        """The VPCs' ways to the internet. They decide nothing: routes do."""
        seen = self.subject.facts.observation(ec2.internet_gateways, self.region)
        if seen.value is None:
            return None
        return [f"{one.gateway_id} of {one.vpc_id}" for one in seen.value if one.vpc_id]


class _Way:
    """The way out of a VPC, and whether it passes an inspection. Raises Missing."""

    def __init__(self, vpc: Vpc) -> None:
        self.vpc = vpc
        self.targets = vpc.targets(defaults_only=True)
        self.is_attested = vpc.vpc_id in attested_vpcs(vpc.network.subject)
        self.direct = [] if self.is_attested else [t for t in self.targets if not self._proxies(t)]

    @property
    def is_inspected(self) -> bool:
        return not self.direct

    @property
    def said(self) -> str:
        return f"its default route leads to {listed(self.direct)}"

    def _proxies(self, target: str) -> bool:
        if target.startswith("vpce-"):
            return self._is_firewall(target)
        if target.startswith("tgw-"):
            return bool(inspected_by(self.vpc, target))
        if target.startswith(NAT_GATEWAY):
            gateways = self.vpc.owned(ec2.nat_gateways).get()
            if any(one.nat_gateway_id == target and one.proxies for one in gateways):
                return True
            beyond = beyond_nat(self.vpc, target)
            return bool(beyond) and all(self._proxies(one) for one in beyond)
        return False

    def _is_firewall(self, target: str) -> bool:
        firewalls = offered(self.vpc.owned(network_firewall.firewalls))
        if any(target in firewall.endpoint_ids for firewall in firewalls):
            return True
        return any(
            one.vpc_endpoint_id == target and one.type == FIREWALL_ENDPOINT
            for one in self.vpc.owned(ec2.endpoints).get()
        )

    def facts(self) -> dict[str, Any]:
        return {
            "default_route": self.targets,
            "proxy": self._proxy_class(),
            "interfaces": sum(len(interface.ids) for interface in self.vpc.interfaces),
        }

    def _proxy_class(self) -> str:
        if self.is_attested:
            return "attested"
        if not self.targets:
            return "no default route"
        return "none" if self.direct else "inspected"


def _all(total: int) -> str:
    if total == 0:
        return "Nothing is there but what is meant to be public"
    are = "The only resource is" if total == 1 else f"All {total} resources are"
    return f"{are} in private places"


item = Item(
    __name__,
    order="9.1",
    title="Resources private, outbound proxied",
    guidance=(
        "Only what is meant to be public stands in a public subnet: load balancers, gateways. "
        "Everything else is private, and its way out leads through a firewall, a proxy or an "
        "inspection network where it can be seen and stopped."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        ec2.interfaces,
        ec2.instances,
        ec2.subnets,
        ec2.route_tables,
        ec2.vpc_block,
        ec2.internet_gateways,
        ec2.nat_gateways,
        ec2.endpoints,
        ec2.transit_gateway_attachments,
        network_firewall.firewalls,
        elbv2.load_balancers,
        rds.instances,
        redshift.clusters,
        account.regions,
    ),
    findings={
        "misplaced_interface": FindingKind("Resource in a public place", Severity.MEDIUM),
        "subnet_auto_public_ip": FindingKind(
            "Subnet gives public addresses by itself", Severity.LOW
        ),
        "vpc_unproxied": FindingKind("Outbound traffic not inspected", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.TEAM,
            "Which VPCs send their traffic through a forward proxy?",
            details=(Detail("vpc_ids", "VPC ids", DetailKind.LINES, required=True),),
        ),
    ),
    imports={
        "prowler": (
            "vpc_subnet_separate_private_public",
            "vpc_subnet_no_public_ip_by_default",
            "rds_instance_no_public_access",
            "redshift_cluster_public_access",
            "networkfirewall_in_all_vpc",
            "awslambda_function_inside_vpc",
        ),
        "securityhub": ("EC2.15", "RDS.2", "Lambda.3"),
    },
    fix=Fix(
        "Move workloads to private subnets behind an inspected way out.",
        "Example: VPC with servers in private subnets and NAT",
    ),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-example-private-subnets-nat.html",
)
