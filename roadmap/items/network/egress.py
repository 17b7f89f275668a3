"""Traffic leaves a VPC only to destinations somebody allowed.

Five controls are looked at in each VPC with interfaces of the account: no way to the internet at
all; a firewall that filters on every way out, or a proxy that people vouch for; security groups
that do not let everything out; name lookups that are filtered; endpoints of S3 and DynamoDB with a
policy. A control nobody could see leaves the verdict open only where it would change it.

A firewall of another maker behind a Gateway Load Balancer, and a proxy at a NAT gateway, do not
show what they allow: people vouch for those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import account, ec2, network_firewall, route53resolver
from roadmap.readings.vpcs import (
    INTERNET_GATEWAY,
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
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    region_verdict,
    unknown_for,
    verdict_of,
)

EGRESS_ONLY_GATEWAY = "eigw-"
EVERYWHERE = 8  # networks wider than this count as everywhere
WITH_POLICY = ("s3", "dynamodb")


def judge(subject: Subject) -> Verdict:
    interfaces = subject.facts.by_region(ec2.interfaces)
    parts = each_region(interfaces, lambda region: _in_region(subject, region))
    return region_verdict(
        parts,
        over_regions(parts),
        facts={region: dict(part.facts) for region, part in parts.items() if part.facts},
        problems=[problem for part in parts.values() for problem in part.problems],
    )


def _in_region(subject: Subject, region: str) -> Verdict:
    network = Network(subject, region)
    vpcs = vpcs_of(network, (i for i in network.interfaces if not is_run_by_aws(i)))
    if not vpcs:
        return not_applicable(
            Reason.NO_RESOURCES, "No VPC with anything in it", "no VPC with interfaces"
        )
    controls = [_Controls(vpc) for vpc in vpcs]
    parts = {one.vpc.vpc_id: one.verdict() for one in controls}
    problems = [problem for one in controls for problem in one.problems(parts)]
    return verdict_of(
        parts,
        _sentence(parts),
        "combined over the VPCs",
        facts={
            one.vpc.vpc_id: {"rule": parts[one.vpc.vpc_id].rule, **one.facts()} for one in controls
        },
        problems=problems,
    )


def _sentence(parts: dict[str, Verdict]) -> str:
    """What the VPCs are, each thing once."""
    said: dict[str, list[str]] = {}
    for vpc_id, part in parts.items():
        said.setdefault(part.sentence.rstrip("."), []).append(vpc_id)
    return "; ".join(f"{listed(vpcs)}: {what}" for what, vpcs in said.items())


@dataclass
class _Controls:
    """The controls of a VPC; each is a bool, or raises Missing."""

    vpc: Vpc
    missing: list[Missing] = field(default_factory=list)

    def verdict(self) -> Verdict:
        """The verdict, if what could not be seen does not change it."""
        worst = self._assuming(False)
        if self.missing and self._assuming(True).status != worst.status:
            return unknown_for(self.missing[0])
        is_unseen = bool(self.missing) or None in map(_or_none, (self.endpoints, self.firewalls))
        return replace(worst, incomplete=is_unseen)

    def _assuming(self, unseen: bool) -> Verdict:
        def holds(control: Callable[[], bool]) -> bool:
            try:
                return control()
            except Missing as missing:
                self.missing.append(missing)
                return unseen

        if holds(self.is_isolated):
            return passed("no way to the internet", "isolated")
        if holds(self.is_filtered):
            return passed("a firewall filters what goes out", "filtered by a firewall")
        if self.is_attested():
            sentence = "a proxy with a list of allowed destinations, says its team"
            return passed(sentence, "attested proxy", source=Source.ATTESTED)
        strict, lookups = holds(self.has_strict_groups), holds(self.filters_lookups)
        if strict and lookups:
            sentence = "strict security groups and filtered name lookups"
            return passed(sentence, "strict groups and filtered lookups")
        if strict:
            return partly("strict security groups alone", "strict groups alone")
        if lookups:
            return partly("filtered name lookups alone", "filtered lookups alone")
        if holds(self.has_endpoint_policies):
            return partly("policies on its endpoints alone", "endpoint policies alone")
        return failed("nothing restricts what goes out", "nothing restricts egress")

    def is_isolated(self) -> bool:
        return all(
            self._is_blocked(subnet, route.target)
            for subnet in self.vpc.subnet_ids
            for route in self.vpc.network.routes(subnet)
        )

    def _is_blocked(self, subnet: str, target: str) -> bool:
        """VPC Block Public Access stops what leaves through the VPC's own gateways. The subnet of a
        NAT gateway may be what an exclusion is about."""
        if not target.startswith((INTERNET_GATEWAY, EGRESS_ONLY_GATEWAY, NAT_GATEWAY)):
            return False
        block = self.vpc.network.block(subnet)
        may_be_excluded = target.startswith(NAT_GATEWAY) and bool(block.exclusions)
        return block.blocks_both(self.vpc.vpc_id, subnet) and not may_be_excluded

    def is_filtered(self) -> bool:
        targets = self.vpc.targets(defaults_only=False)
        return bool(targets) and all(self._filters(target) for target in targets)

    def _filters(self, target: str) -> bool:
        if target.startswith("vpce-"):
            return any(target in one.endpoint_ids and one.filters for one in self.firewalls())
        if target.startswith("tgw-"):
            return any(one.filters for one in self._beyond(target))
        if target.startswith(NAT_GATEWAY):
            beyond = beyond_nat(self.vpc, target)
            return bool(beyond) and all(self._filters(one) for one in beyond)
        return False

    def firewalls(self) -> tuple[network_firewall.Firewall, ...]:
        return offered(self.vpc.owned(network_firewall.firewalls))

    def _beyond(self, transit_gateway: str) -> Iterator[network_firewall.Firewall]:
        """Firewalls to which a transit gateway may lead, at it or in an inspection VPC."""
        facts, region = self.vpc.network.subject.facts, self.vpc.network.region
        for attachment in inspected_by(self.vpc, transit_gateway):
            for owner in {attachment.resource_owner_id, attachment.transit_gateway_owner_id}:
                seen = facts.observation(network_firewall.firewalls, region, owner)
                for firewall in offered(seen):
                    is_at_gateway = firewall.transit_gateway_id == transit_gateway
                    if is_at_gateway or firewall.vpc_id == attachment.resource_id:
                        yield firewall

    def is_attested(self) -> bool:
        return self.vpc.vpc_id in attested_vpcs(self.vpc.network.subject)

    def has_strict_groups(self) -> bool:
        """A group that was not listed, or a prefix list nobody could read, is not strict."""
        return not self.loose_groups() and not any(
            group is None for group in self.vpc.network.groups(self.group_ids)
        )

    @property
    def group_ids(self) -> list[str]:
        return sorted({g for i in self.vpc.interfaces for g in i.group_ids})

    def loose_groups(self) -> list[ec2.SecurityGroup]:
        network = self.vpc.network
        return [
            group
            for group in network.groups(self.group_ids)
            if group is not None
            and any(rule.is_open(EVERYWHERE) is not False for rule in group.egress)
            and not network.subject.is_excepted(network.arn(f"security-group/{group.group_id}"))
        ]

    def filters_lookups(self) -> bool:
        associations = offered(self.vpc.owned(route53resolver.firewall_associations))
        return any(one.is_complete and one.vpc_id == self.vpc.vpc_id for one in associations)

    def endpoints(self) -> list[ec2.Endpoint]:
        """Those that lead to data: to S3 and DynamoDB."""
        return [
            endpoint
            for endpoint in self.vpc.owned(ec2.endpoints).get()
            if endpoint.vpc_id == self.vpc.vpc_id
            and endpoint.is_available
            and endpoint.service in WITH_POLICY
        ]

    def has_endpoint_policies(self) -> bool:
        found = self.endpoints()
        return any(one.service == "s3" for one in found) and not any(
            one.is_policy_open for one in found
        )

    def problems(self, parts: dict[str, Verdict]) -> Iterator[Problem]:
        network, part = self.vpc.network, parts[self.vpc.vpc_id]
        if part.rule in OPEN:
            detail = f"{part.sentence[:1].upper()}{part.sentence[1:]}."
            yield Problem("egress_open", self.vpc.arn, region=network.region, detail=detail)
            for group in _seen(self.loose_groups):
                arn = network.arn(f"security-group/{group.group_id}")
                yield Problem("sg_egress_all", arn, group.name, network.region)
        for endpoint in _seen(self.endpoints):
            if endpoint.is_policy_open:
                arn = network.arn(f"vpc-endpoint/{endpoint.vpc_endpoint_id}")
                yield Problem("endpoint_policy_open", arn, region=network.region)
        for firewall in _seen(self.firewalls):
            policy = firewall.policy
            if firewall.vpc_id == self.vpc.vpc_id and policy is not None and policy.only_alerts:
                yield Problem("firewall_alert_only", firewall.arn, firewall.name, network.region)

    def facts(self) -> dict[str, Any]:
        """The controls by name: whether they hold, None where nobody could see."""
        controls: dict[str, Callable[[], bool]] = {
            "isolated": self.is_isolated,
            "filtered": self.is_filtered,
            "attested": self.is_attested,
            "strict_groups": self.has_strict_groups,
            "filtered_lookups": self.filters_lookups,
            "endpoint_policies": self.has_endpoint_policies,
        }
        return {
            **{name: _or_none(control) for name, control in controls.items()},
            "targets": _or_none(lambda: self.vpc.targets(defaults_only=False)),
            "loose_groups": [group.group_id for group in _seen(self.loose_groups)],
            "endpoints": [endpoint.vpc_endpoint_id for endpoint in _seen(self.endpoints)],
        }


# The rules by which something may still leave for anywhere.
OPEN = (
    "strict groups alone",
    "filtered lookups alone",
    "endpoint policies alone",
    "nothing restricts egress",
)


def _or_none(control: Callable[[], Any]) -> Any:
    try:
        return control()
    except Missing:
        return None


def _seen(control: Callable[[], Any]) -> Any:
    """What there is, as far as anybody looked."""
    return _or_none(control) or ()


item = Item(
    __name__,
    order="9.2",
    title="Egress traffic restricted",
    guidance=(
        "Stolen data and the orders of malware both need a way out. A VPC has none, or one with a"
        " list of allowed destinations; less good, but useful, are strict security groups "
        "together with a DNS firewall, and endpoints with a policy."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        ec2.interfaces,
        ec2.subnets,
        ec2.route_tables,
        ec2.security_groups,
        ec2.vpc_block,
        ec2.endpoints,
        ec2.nat_gateways,
        ec2.transit_gateway_attachments,
        network_firewall.firewalls,
        route53resolver.firewall_associations,
        account.regions,
    ),
    findings={
        "egress_open": FindingKind("Outbound traffic unrestricted", Severity.MEDIUM),
        "sg_egress_all": FindingKind("Security group lets everything out", Severity.LOW),
        "endpoint_policy_open": FindingKind("Endpoint policy allows everything", Severity.INFO),
        "firewall_alert_only": FindingKind("Firewall only alerts", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.TEAM,
            "Which VPCs send their traffic through a proxy with a list of allowed destinations?",
            details=(Detail("vpc_ids", "VPC ids", DetailKind.LINES, required=True),),
        ),
    ),
    imports={
        "prowler": (
            "networkfirewall_in_all_vpc",
            "networkfirewall_policy_default_action_full_packets",
            "networkfirewall_policy_rule_group_associated",
        ),
        "securityhub": ("NetworkFirewall.3", "NetworkFirewall.4"),
    },
    fix=Fix(
        "Lead outbound traffic through a firewall with a list of allowed domains.",
        "What is AWS Network Firewall?",
    ),
    source_url="https://docs.aws.amazon.com/network-firewall/latest/developerguide/what-is-aws-network-firewall.html",
)
