"""Workloads are private, and what goes out passes an inspection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import ec2, elbv2, network_firewall, rds, redshift
from collectors.services.ec2 import (
    Endpoint,
    Exclusion,
    Instance,
    Interfaces,
    InternetGateway,
    NatGateway,
    TransitGatewayAttachment,
    VpcBlock,
)
from collectors.tags import Tags
from roadmap.items.network.private_subnets import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status
from tests.roadmap.items.network.networks import (
    FIREWALL,
    HERE,
    PLAIN,
    SUBNET,
    TABLE,
    THERE,
    Changes,
    behind_nat,
    elsewhere,
    leading_to,
    seen,
)
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, attested

EC2 = f"arn:aws:ec2:{HERE}:{ACCOUNT}:"
PUBLIC = replace(PLAIN, has_public_ip=True)
BALANCER = replace(PLAIN, load_balancer="app/web/1")
BALANCER_ARN = f"arn:aws:elasticloadbalancing:{HERE}:{ACCOUNT}:loadbalancer/app/web/1"
DATABASE = rds.DbInstance("orders", publicly_accessible=False)
IGW = leading_to("igw-1")
ALLOWED = Tags(("cairn:public",), (("cairn:public", "approved"),))


def interfaces(*found: Interfaces) -> Changes:
    return {ec2.interfaces: found}


def balancer(scheme: str) -> Changes:
    return {elbv2.load_balancers: (elbv2.LoadBalancer(BALANCER_ARN, "web", scheme=scheme),)}


def many(total: int) -> tuple[str, ...]:
    return tuple(f"eni-{n}" for n in range(total))


GOOD = (Status.PASS, "private and proxied")
UNPROXIED = (Status.PARTIAL, "private, some VPC not proxied")
BAD = (Status.FAIL, "too many in public places")
GATEWAYS = [
    "nat_gateway", "natGateway", "network_load_balancer", "gateway_load_balancer",
    "gateway_load_balancer_endpoint", "vpc_endpoint", "transit_gateway",
    "global_accelerator_managed",
]  # fmt: skip
CASES: dict[str, tuple[Changes, tuple[Status, str]]] = {
    "private without a way out": ({}, GOOD),
    "a public address": (interfaces(PUBLIC), BAD),
    "a subnet that routes to the internet": (IGW, BAD),
    "a subnet that routes to some of the internet": (
        leading_to("igw-1", destination="198.51.100.0/24"), GOOD,
    ),
    "IPv6 in a private subnet": (interfaces(replace(PLAIN, has_ipv6=True)), GOOD),
    "blocked inwards": ({**IGW, ec2.vpc_block: VpcBlock("block-ingress")}, UNPROXIED),
    "blocked inwards, excluded": (
        {
            **IGW,
            ec2.vpc_block: VpcBlock(
                "block-ingress", exclusions=(Exclusion("vpc-1", "allow-bidirectional"),)
            ),
        },
        BAD,
    ),
    "a load balancer that faces the internet": (
        interfaces(replace(BALANCER, has_public_ip=True)) | IGW, GOOD,
    ),
    "a load balancer with IPv6 that does": (
        interfaces(replace(BALANCER, has_ipv6=True)) | IGW | balancer("internet-facing"), GOOD,
    ),
    "a load balancer with IPv6 that does not": (
        interfaces(replace(BALANCER, has_ipv6=True)) | IGW | balancer("internal"), BAD,
    ),
    "a load balancer with IPv6 nobody knows": (
        interfaces(replace(BALANCER, has_ipv6=True)) | IGW, BAD,
    ),
    "an internal load balancer in a public subnet": (interfaces(BALANCER) | IGW, BAD),
    "tagged as allowed": (interfaces(replace(PUBLIC, tags=ALLOWED)) | IGW, GOOD),
    "tagged otherwise": (
        interfaces(replace(PUBLIC, tags=Tags(("cairn:public",), (("cairn:public", "no"),)))), BAD,
    ),
    "its instance tagged as allowed": (
        interfaces(PUBLIC)
        | {ec2.instances: (Instance("i-1", interface_ids=("eni-1",), tags=ALLOWED),)},
        GOOD,
    ),
    "another instance tagged as allowed": (
        interfaces(PUBLIC)
        | {ec2.instances: (Instance("i-2", interface_ids=("eni-2",), tags=ALLOWED),)},
        BAD,
    ),
    "of a load balancer's kind, internal": (
        interfaces(replace(BALANCER, kind="load_balancer")) | IGW, BAD,
    ),
    "of a kind nobody knows": (interfaces(replace(PUBLIC, kind="tomorrow")), BAD),
    **{kind: (interfaces(replace(PUBLIC, kind=kind)) | IGW, GOOD) for kind in GATEWAYS},
    "four of five private": (
        interfaces(replace(PLAIN, ids=many(4)), replace(PUBLIC, ids=("eni-9",))),
        (Status.PARTIAL, "nearly all in private places"),
    ),
    "three of four private": (
        interfaces(replace(PLAIN, ids=many(3)), replace(PUBLIC, ids=("eni-9",))), BAD,
    ),
    "NAT gateway": (leading_to("nat-1") | {ec2.nat_gateways: (NatGateway("nat-1"),)}, UNPROXIED),
    "NAT gateway with a proxy": (
        leading_to("nat-1") | {ec2.nat_gateways: (NatGateway("nat-1", proxies=("arn:proxy",)),)},
        GOOD,
    ),
    "NAT gateway in a subnet that leads to a firewall": (
        behind_nat("vpce-1") | {network_firewall.firewalls: (FIREWALL,)}, GOOD,
    ),
    "NAT gateway in a subnet that leads to the internet": (
        behind_nat("igw-1") | {network_firewall.firewalls: (FIREWALL,)}, UNPROXIED,
    ),
    "NAT gateway in no subnet, a regional one": (
        leading_to("nat-1") | {ec2.nat_gateways: (NatGateway("nat-1"),)}, UNPROXIED,
    ),
    "proxy at another NAT gateway": (
        leading_to("nat-1") | {ec2.nat_gateways: (NatGateway("nat-2", proxies=("arn:proxy",)),)},
        UNPROXIED,
    ),
    "firewall": (leading_to("vpce-1") | {network_firewall.firewalls: (FIREWALL,)}, GOOD),
    "firewall of another maker": (
        leading_to("vpce-1") | {ec2.endpoints: (Endpoint("vpce-1", type="GatewayLoadBalancer"),)},
        GOOD,
    ),
    "an endpoint of another kind": (
        leading_to("vpce-1") | {ec2.endpoints: (Endpoint("vpce-1", type="Interface"),)}, UNPROXIED,
    ),
    "one of two ways inspected": (
        leading_to("vpce-1", "nat-1") | {network_firewall.firewalls: (FIREWALL,)}, UNPROXIED,
    ),
    "a core network": (leading_to("arn:aws:networkmanager::1:core-network/c"), UNPROXIED),
    "an instance": (leading_to("eni-7"), UNPROXIED),
    "egress only": (leading_to("eigw-1", destination="::/0"), UNPROXIED),
    "private database": ({rds.instances: (DATABASE,)}, GOOD),
    "public database": (
        {rds.instances: (replace(DATABASE, publicly_accessible=True),)}, BAD,
    ),
    "public warehouse": (
        {redshift.clusters: (redshift.Cluster("dw", publicly_accessible=True),)}, BAD,
    ),
    "nothing but a load balancer": (interfaces(replace(BALANCER, has_public_ip=True)), GOOD),
    "nothing": (interfaces(), (Status.NOT_APPLICABLE, "no interface in the Region")),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES)
def test_places_and_ways_out_decide(changes: Changes, expected: tuple[Status, str]) -> None:
    part = judge(seen(changes)).regions[HERE]
    assert (part.status, part.rule) == expected


PUBLIC_TAGS: dict[str, tuple[str, Status]] = {
    "the tag, whatever its value": ("cairn:public", Status.PASS),
    "another value": ("cairn:public=yes", Status.FAIL),
    "another key that it carries": ("edge", Status.PASS),
    "another key that it carries, with a value": ("edge=yes", Status.UNKNOWN),
    "a key that it does not carry": ("dmz=yes", Status.FAIL),
    "none": ("", Status.FAIL),
}


@pytest.mark.parametrize(("tag", "status"), PUBLIC_TAGS.values(), ids=PUBLIC_TAGS)
def test_another_tag_of_what_may_be_public_is_judged_by_the_keys_that_were_kept(
    tag: str, status: Status
) -> None:
    tags = Tags(("cairn:public", "edge"), (("cairn:public", "approved"),))
    about = seen(interfaces(replace(PUBLIC, tags=tags)), settings={"PUBLIC_ALLOWED_TAG": tag})
    assert judge(about).status == status


def test_where_only_public_things_are_the_sentence_says_so() -> None:
    sentence = judge(seen(interfaces(replace(BALANCER, has_public_ip=True)))).sentence
    assert sentence.startswith("Nothing is there but what is meant to be public")


def attachment(**changes: Any) -> TransitGatewayAttachment:
    own = TransitGatewayAttachment(
        "tgw-attach-1", "tgw-1", MANAGEMENT, "vpc", "vpc-1", ACCOUNT, "available"
    )
    return replace(own, **changes)


INSPECTION = attachment(
    attachment_id="tgw-attach-2", resource_id="vpc-9", resource_owner_id=MANAGEMENT
)
BEHIND = leading_to("tgw-1") | {ec2.transit_gateway_attachments: (attachment(),)}
SETTINGS = {"INSPECTION_VPCS": ["vpc-9"]}


@pytest.mark.parametrize(
    ("far", "expected"),
    [
        (INSPECTION, GOOD),
        (replace(INSPECTION, resource_id="fw", resource_type="network-function"), GOOD),
        (replace(INSPECTION, resource_id="vpc-8"), UNPROXIED),
        (replace(INSPECTION, state="deleted"), UNPROXIED),
        (replace(INSPECTION, transit_gateway_id="tgw-9"), UNPROXIED),
    ],
    ids=["inspection VPC", "firewall of its own", "another VPC", "deleted", "another gateway"],
)
def test_a_transit_gateway_leads_to_what_is_attached(
    far: TransitGatewayAttachment, expected: tuple[Status, str]
) -> None:
    values = elsewhere(MANAGEMENT, ec2.transit_gateway_attachments, (attachment(), far))
    part = judge(seen(BEHIND, values=values, settings=SETTINGS)).regions[HERE]
    assert (part.status, part.rule) == expected


def test_a_transit_gateway_whose_owner_was_not_seen_is_unknown() -> None:
    assert judge(seen(BEHIND, settings=SETTINGS)).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("claim", "vpc", "days_left", "status"),
    [
        ("done", "vpc-1", 30, Status.PASS),
        ("done", "vpc-9", 30, Status.PARTIAL),
        ("partly", "vpc-1", 30, Status.PARTIAL),
        ("done", "vpc-1", -1, Status.PARTIAL),
    ],
)
def test_people_vouch_for_a_forward_proxy(
    claim: str, vpc: str, days_left: int, status: Status
) -> None:
    answer = attested(item.key, claim, "team", days_left=days_left, vpc_ids=[vpc])
    assert judge(seen(leading_to("nat-1"), attestations=[answer])).status == status


def test_no_answer_lifts_what_is_misplaced() -> None:
    answer = attested(item.key, "done", "team", vpc_ids=["vpc-1"])
    assert judge(seen(interfaces(PUBLIC), attestations=[answer])).status == Status.FAIL


UNSEEN: list[Collector[Any]] = [
    ec2.interfaces, ec2.instances, ec2.subnets, ec2.route_tables, rds.instances, redshift.clusters,
]  # fmt: skip


@pytest.mark.parametrize("collector", UNSEEN, ids=str)
def test_what_was_not_seen_is_unknown(collector: Collector[Any]) -> None:
    verdict = judge(seen({collector: Outcome.ACCESS_DENIED}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(
    ("changes", "collector"),
    [
        (IGW, ec2.vpc_block),
        (leading_to("nat-1"), ec2.nat_gateways),
        (leading_to("vpce-1"), ec2.endpoints),
        (leading_to("vpce-1"), network_firewall.firewalls),
        (leading_to("tgw-1"), ec2.transit_gateway_attachments),
        (interfaces(replace(BALANCER, has_ipv6=True)), elbv2.load_balancers),
    ],
    ids=["internet gateway", "NAT", "endpoint", "firewall", "transit gateway", "balancer"],
)
def test_some_things_only_matter_where_they_decide(
    changes: Changes, collector: Collector[Any]
) -> None:
    assert judge(seen({**changes, collector: Outcome.ACCESS_DENIED})).status == Status.UNKNOWN
    assert judge(seen({collector: Outcome.ACCESS_DENIED})).status == Status.PASS


def test_a_database_of_which_nothing_is_said_is_unknown() -> None:
    silent = replace(DATABASE, publicly_accessible=None)
    assert judge(seen({rds.instances: (silent,)})).status == Status.UNKNOWN


def test_a_service_that_is_not_offered_there_has_nothing() -> None:
    assert judge(seen({redshift.clusters: Outcome.SERVICE_UNAVAILABLE})).status == Status.PASS


def test_nothing_collected_is_unknown() -> None:
    assert judge(seen(regions=(THERE,))).reason == Reason.NEVER_COLLECTED


def test_exceptions_take_resources_out() -> None:
    database = f"arn:aws:rds:{HERE}:{ACCOUNT}:db:orders"
    changes = {
        **interfaces(PLAIN, replace(PUBLIC, ids=("eni-9",))),
        rds.instances: (replace(DATABASE, publicly_accessible=True),),
    }
    exceptions = [
        Excepted(item.key, f"{EC2}network-interface/eni-9"),
        Excepted(item.key, database),
    ]
    verdict = judge(seen(changes, exceptions=exceptions))
    assert (verdict.status, verdict.problems) == (Status.PASS, [])
    assert verdict.facts[HERE]["interfaces"] == 1


def test_an_excepted_vpc_may_go_out_uninspected() -> None:
    excepted = [Excepted(item.key, f"{EC2}vpc/vpc-1")]
    assert judge(seen(leading_to("nat-1"), exceptions=excepted)).status == Status.PASS


def test_routes_of_a_shared_subnet_are_its_owners() -> None:
    changes: Changes = {
        ec2.subnets: (replace(SUBNET, owner_id=MANAGEMENT),),
        ec2.route_tables: (),
    }
    values = {
        **elsewhere(MANAGEMENT, ec2.route_tables, (replace(TABLE, routes=IGW_ROUTES),)),
        **elsewhere(MANAGEMENT, ec2.vpc_block, VpcBlock("off")),
    }
    assert judge(seen(changes, values=values)).status == Status.FAIL
    assert judge(seen(changes)).status == Status.UNKNOWN


IGW_ROUTES = (ec2.Route("0.0.0.0/0", "igw-1"),)
MAPPING = {ec2.subnets: (replace(SUBNET, map_public_ip_on_launch=True),)}
FINDINGS: dict[str, tuple[Subject, list[tuple[str, str]]]] = {
    "misplaced": (
        seen(interfaces(PUBLIC)), [("misplaced_interface", f"{EC2}network-interface/eni-1")],
    ),
    "unproxied": (seen(leading_to("nat-1")), [("vpc_unproxied", f"{EC2}vpc/vpc-1")]),
    "addresses by itself": (
        seen(MAPPING), [("subnet_auto_public_ip", f"{EC2}subnet/subnet-1")],
    ),
    "an unused subnet": (
        seen({**interfaces(), **MAPPING}), [],
    ),
    "fine": (seen(), []),
}  # fmt: skip


@pytest.mark.parametrize(("about", "found"), FINDINGS.values(), ids=FINDINGS)
def test_what_is_found(about: Subject, found: list[tuple[str, str]]) -> None:
    assert [(p.code, p.resource) for p in judge(about).problems] == found


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == {code for _, found in FINDINGS.values() for code, _ in found}


def test_databases_weigh_more() -> None:
    public = {rds.instances: (replace(DATABASE, publicly_accessible=True),)}
    (problem,) = judge(seen(public)).problems
    assert (problem.severity, problem.resource) == (
        Severity.HIGH,
        f"arn:aws:rds:{HERE}:{ACCOUNT}:db:orders",
    )


def test_it_keeps_ways_out_and_what_is_misplaced() -> None:
    changes = {
        **leading_to("nat-1"),
        **interfaces(PLAIN, replace(PUBLIC, ids=("eni-9",))),
        ec2.internet_gateways: (InternetGateway("igw-1", "vpc-1"), InternetGateway("igw-2")),
    }
    facts = judge(seen(changes)).facts[HERE]
    assert facts["vpcs"]["vpc-1"] == {
        "default_route": ["nat-1"],
        "proxy": "none",
        "interfaces": 2,
    }
    assert facts["misplaced"] == {
        f"{EC2}network-interface/eni-9": "It has a public address in subnet-1."
    }
    assert facts["gateways"] == ["igw-1 of vpc-1"]


def test_the_sentence_says_where_traffic_goes() -> None:
    assert judge(seen(leading_to("nat-1"))).sentence == (
        "Nothing is in a public place, but nobody inspects what leaves vpc-1 (its default route "
        "leads to nat-1) in eu-west-1."
    )


def test_it_is_declared_with_what_it_reads() -> None:
    about = seen({**BEHIND, **balancer("internal")}, settings=SETTINGS)
    judge(about)
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}
