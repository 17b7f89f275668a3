"""Traffic leaves a VPC only to destinations somebody allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import ec2, network_firewall, route53resolver
from collectors.services.ec2 import (
    Endpoint,
    Exclusion,
    Interfaces,
    Rule,
    TransitGatewayAttachment,
    VpcBlock,
)
from collectors.services.network_firewall import Policy
from collectors.services.route53resolver import Association
from roadmap.items.network.egress import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.network.networks import (
    DROPS,
    FIREWALL,
    GROUP,
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

VPC = f"arn:aws:ec2:{HERE}:{ACCOUNT}:vpc/vpc-1"
ALL_OUT = {ec2.security_groups: (replace(GROUP, egress=(Rule("-1", cidr="0.0.0.0/0"),)),)}
LOOKUPS = {route53resolver.firewall_associations: (Association("1", "vpc-1", "rg-1", "COMPLETE"),)}
S3 = Endpoint("vpce-s3", "vpc-1", "Gateway", "com.amazonaws.eu-west-1.s3", "available", False)
DYNAMODB = replace(S3, vpc_endpoint_id="vpce-ddb", service_name="com.amazonaws.eu-west-1.dynamodb")
OPEN: Changes = {**leading_to("nat-1"), **ALL_OUT}


def through(firewall: Any) -> Changes:
    return {**leading_to("vpce-1"), **ALL_OUT, network_firewall.firewalls: (firewall,)}


def with_policy(policy: Policy) -> Changes:
    return through(replace(FIREWALL, policy=policy))


def endpoints(*found: Endpoint) -> Changes:
    return {**OPEN, ec2.endpoints: found}


NONE = (Status.FAIL, "nothing restricts egress")
ISOLATED = (Status.PASS, "isolated")
FILTERED = (Status.PASS, "filtered by a firewall")
STRICT = (Status.PARTIAL, "strict groups alone")
ENDPOINTS = (Status.PARTIAL, "endpoint policies alone")
CASES: dict[str, tuple[Changes, tuple[Status, str]]] = {
    "no way out": (ALL_OUT, ISOLATED),
    "a narrow way out": (leading_to("nat-1", destination="198.51.100.0/24") | ALL_OUT, NONE),
    "blocked both ways": ({**OPEN, ec2.vpc_block: VpcBlock("block-bidirectional")}, ISOLATED),
    "blocked both ways, out through a transit gateway": (
        {
            **OPEN,
            **leading_to("tgw-1"),
            ec2.vpc_block: VpcBlock("block-bidirectional"),
        },
        NONE,
    ),
    "blocked both ways, the subnet of a NAT gateway excluded": (
        {
            **OPEN,
            ec2.vpc_block: VpcBlock(
                "block-bidirectional", exclusions=(Exclusion("subnet-9", "allow-egress"),)
            ),
        },
        NONE,
    ),
    "blocked both ways, another subnet excluded": (
        {
            **leading_to("igw-1"),
            **ALL_OUT,
            ec2.vpc_block: VpcBlock(
                "block-bidirectional", exclusions=(Exclusion("subnet-9", "allow-egress"),)
            ),
        },
        ISOLATED,
    ),
    "NAT gateway in a subnet that leads to a firewall": (
        {**behind_nat("vpce-1"), **ALL_OUT, network_firewall.firewalls: (FIREWALL,)}, FILTERED,
    ),
    "NAT gateway in a subnet that leads to the internet": (
        {**behind_nat("igw-1"), **ALL_OUT, network_firewall.firewalls: (FIREWALL,)}, NONE,
    ),
    "blocked inwards": ({**OPEN, ec2.vpc_block: VpcBlock("block-ingress")}, NONE),
    "blocked both ways, excluded": (
        {
            **OPEN,
            ec2.vpc_block: VpcBlock(
                "block-bidirectional", exclusions=(Exclusion("vpc-1", "allow-egress"),)
            ),
        },
        NONE,
    ),
    "firewall": (through(FIREWALL), FILTERED),
    "firewall that only alerts": (
        with_policy(replace(DROPS, stateful_defaults=(), stateful_groups=1, alerting_groups=1)),
        NONE,
    ),
    "firewall without rules": (with_policy(replace(DROPS, stateful_defaults=())), NONE),
    "firewall with rules": (
        with_policy(replace(DROPS, stateful_defaults=(), stateful_groups=1)), FILTERED,
    ),
    "firewall that passes everything by": (
        with_policy(replace(DROPS, stateless_defaults=("aws:pass",))), NONE,
    ),
    "firewall not ready": (through(replace(FIREWALL, status="PROVISIONING")), NONE),
    "firewall beside the way": (
        {**OPEN, network_firewall.firewalls: (FIREWALL,)}, NONE,
    ),
    "one of two ways through a firewall": (
        {**through(FIREWALL), **leading_to("vpce-1", "nat-1")}, NONE,
    ),
    "an endpoint of another maker": (
        {**leading_to("vpce-9"), **ALL_OUT, network_firewall.firewalls: (FIREWALL,)}, NONE,
    ),
    "strict groups and filtered lookups": (
        {**leading_to("nat-1"), **LOOKUPS}, (Status.PASS, "strict groups and filtered lookups"),
    ),
    "strict groups": (leading_to("nat-1"), STRICT),
    "a group nobody listed": ({**leading_to("nat-1"), ec2.security_groups: ()}, NONE),
    "a group that lets out to a list nobody could read": (
        {
            **leading_to("nat-1"),
            ec2.security_groups: (replace(GROUP, egress=(Rule("-1", prefix_list_id="pl-1"),)),),
        },
        NONE,
    ),
    "a loose group nobody uses": (
        {
            **leading_to("nat-1"),
            ec2.security_groups: (
                GROUP, replace(GROUP, group_id="sg-2", egress=(Rule("-1", cidr="::/0"),)),
            ),
        },
        STRICT,
    ),
    "filtered lookups": ({**OPEN, **LOOKUPS}, (Status.PARTIAL, "filtered lookups alone")),
    "lookups of another VPC": (
        {
            **OPEN,
            route53resolver.firewall_associations: (Association("1", "vpc-9", "", "COMPLETE"),),
        },
        NONE,
    ),
    "lookups filtered soon": (
        {
            **OPEN,
            route53resolver.firewall_associations: (Association("1", "vpc-1", "", "UPDATING"),),
        },
        NONE,
    ),
    "endpoint with a policy": (endpoints(S3), ENDPOINTS),
    "endpoint without": (endpoints(replace(S3, is_policy_open=True)), NONE),
    "one of two endpoints": (endpoints(S3, replace(DYNAMODB, is_policy_open=True)), NONE),
    "both endpoints": (endpoints(S3, DYNAMODB), ENDPOINTS),
    "DynamoDB alone": (endpoints(DYNAMODB), NONE),
    "endpoint of another VPC": (endpoints(replace(S3, vpc_id="vpc-9")), NONE),
    "endpoint not there yet": (endpoints(replace(S3, state="pending")), NONE),
    "nothing": (OPEN, NONE),
    "nothing in it": ({ec2.interfaces: ()}, (Status.NOT_APPLICABLE, "no VPC with interfaces")),
    "only gateways in it": (
        {
            ec2.interfaces: (
                replace(PLAIN, kind="nat_gateway"),
                replace(PLAIN, kind="natGateway"),
                replace(PLAIN, kind="gateway_load_balancer_endpoint"),
            )
        },
        (Status.NOT_APPLICABLE, "no VPC with interfaces"),
    ),
    "an interface of a kind nobody knows": (
        {**OPEN, ec2.interfaces: (replace(PLAIN, kind="tomorrow"),)}, NONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES)
def test_controls_decide(changes: Changes, expected: tuple[Status, str]) -> None:
    part = decided(seen(changes))
    assert part == expected


def decided(about: Subject) -> tuple[Status, str]:
    """The verdict of the only VPC, which is that of the account."""
    verdict = judge(about)
    part = verdict.regions[HERE]
    return verdict.status, part.facts["vpc-1"]["rule"] if part.facts else part.rule


def attachment(**changes: Any) -> TransitGatewayAttachment:
    own = TransitGatewayAttachment(
        "tgw-attach-1", "tgw-1", MANAGEMENT, "vpc", "vpc-1", ACCOUNT, "available"
    )
    return replace(own, **changes)


INSPECTION = attachment(
    attachment_id="tgw-attach-2", resource_id="vpc-9", resource_owner_id=MANAGEMENT
)
BEHIND: Changes = {
    **leading_to("tgw-1"),
    **ALL_OUT,
    ec2.transit_gateway_attachments: (attachment(),),
}
CENTRAL = replace(FIREWALL, vpc_id="vpc-9")


@pytest.mark.parametrize(
    ("far", "firewall", "expected"),
    [
        (INSPECTION, CENTRAL, FILTERED),
        (INSPECTION, replace(CENTRAL, policy=Policy()), NONE),
        (INSPECTION, replace(CENTRAL, vpc_id="vpc-8"), NONE),
        (replace(INSPECTION, resource_id="vpc-8"), CENTRAL, NONE),
        (replace(INSPECTION, state="deleting"), CENTRAL, NONE),
        (replace(INSPECTION, transit_gateway_id="tgw-9"), CENTRAL, NONE),
        (
            replace(INSPECTION, resource_type="network-function", resource_id="fw"),
            replace(FIREWALL, vpc_id="", transit_gateway_id="tgw-1"),
            FILTERED,
        ),
    ],
    ids=[
        "inspection VPC with a firewall",
        "inspection VPC whose firewall filters nothing",
        "firewall in another VPC",
        "no inspection VPC",
        "attachment on its way out",
        "another transit gateway",
        "firewall of the transit gateway",
    ],
)
def test_a_transit_gateway_may_lead_to_a_firewall(
    far: TransitGatewayAttachment, firewall: Any, expected: tuple[Status, str]
) -> None:
    values = {
        **elsewhere(MANAGEMENT, ec2.transit_gateway_attachments, (attachment(), far)),
        **elsewhere(MANAGEMENT, network_firewall.firewalls, (firewall,)),
    }
    about = seen(BEHIND, values=values, settings={"INSPECTION_VPCS": ["vpc-9"]})
    assert decided(about) == expected


def test_a_transit_gateway_whose_owner_was_not_seen_is_unknown() -> None:
    verdict = judge(seen(BEHIND, settings={"INSPECTION_VPCS": ["vpc-9"]}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


ANSWER: dict[str, Any] = {"vpc_ids": ["vpc-1"]}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (attested(item.key, "done", "team", **ANSWER), Status.PASS),
        (attested(item.key, "done", "team", vpc_ids=["vpc-9"]), Status.FAIL),
        (attested(item.key, "done", "team"), Status.FAIL),
        (attested(item.key, "partly", "team", **ANSWER), Status.FAIL),
        (attested(item.key, "not_done", "team", **ANSWER), Status.FAIL),
        (attested(item.key, "done", "team", days_left=-1, **ANSWER), Status.FAIL),
    ],
    ids=["this VPC", "another VPC", "no VPC named", "in part", "not done", "expired"],
)
def test_people_vouch_for_a_proxy(answer: Any, status: Status) -> None:
    assert judge(seen(OPEN, attestations=[answer])).status == status


def test_what_people_vouch_for_is_told_as_theirs() -> None:
    about = seen(OPEN, attestations=[attested(item.key, "done", "team", **ANSWER)])
    assert decided(about) == (Status.PASS, "attested proxy")
    assert item.attests[0].details[0].name == "vpc_ids"
    assert Source.ATTESTED in item.sources


UNSEEN = [
    (OPEN, ec2.interfaces, Status.UNKNOWN),
    (OPEN, ec2.subnets, Status.UNKNOWN),
    (OPEN, ec2.route_tables, Status.UNKNOWN),
    (OPEN, ec2.vpc_block, Status.UNKNOWN),
    (OPEN, ec2.security_groups, Status.UNKNOWN),
    (OPEN, route53resolver.firewall_associations, Status.UNKNOWN),
    (OPEN, ec2.endpoints, Status.UNKNOWN),
    (OPEN, network_firewall.firewalls, Status.FAIL),
    (OPEN, ec2.nat_gateways, Status.UNKNOWN),
    (leading_to("vpce-1") | ALL_OUT, network_firewall.firewalls, Status.UNKNOWN),
    (ALL_OUT, ec2.vpc_block, Status.PASS),
    (leading_to("nat-1"), ec2.endpoints, Status.PARTIAL),
    (leading_to("nat-1") | LOOKUPS, ec2.endpoints, Status.PASS),
]


@pytest.mark.parametrize(
    ("changes", "collector", "status"), UNSEEN, ids=[f"{c}-{s}" for _, c, s in UNSEEN]
)
def test_what_was_not_seen_leaves_open_only_what_it_would_change(
    changes: Changes, collector: Collector[Any], status: Status
) -> None:
    verdict = judge(seen({**changes, collector: Outcome.ACCESS_DENIED}))
    assert verdict.status == status
    assert (verdict.reason == Reason.ACCESS_DENIED) == (status == Status.UNKNOWN)
    is_looked_at = collector != ec2.vpc_block or status == Status.UNKNOWN
    assert verdict.incomplete == is_looked_at


def test_a_service_that_is_not_offered_there_is_none() -> None:
    changes = {
        **OPEN,
        route53resolver.firewall_associations: Outcome.SERVICE_UNAVAILABLE,
        network_firewall.firewalls: Outcome.SERVICE_UNAVAILABLE,
    }
    assert decided(seen(changes)) == NONE


def test_nothing_collected_is_unknown() -> None:
    assert judge(seen(regions=(THERE,))).reason == Reason.NEVER_COLLECTED


def test_the_vpcs_of_a_region_are_combined() -> None:
    second = Interfaces("vpc-2", "subnet-2", "interface", group_ids=("sg-1",), ids=("eni-2",))
    changes = {
        **OPEN,
        ec2.interfaces: (PLAIN, second),
        ec2.subnets: (SUBNET, replace(SUBNET, subnet_id="subnet-2", vpc_id="vpc-2")),
    }
    changes[ec2.route_tables] = (
        *changes[ec2.route_tables],
        replace(TABLE, route_table_id="rtb-2", vpc_id="vpc-2"),
    )
    verdict = judge(seen(changes))
    assert verdict.status == Status.PARTIAL
    assert verdict.sentence == (
        "vpc-1: nothing restricts what goes out; vpc-2: no way to the internet in eu-west-1."
    )


def test_an_excepted_vpc_is_left_out() -> None:
    verdict = judge(seen(OPEN, exceptions=[Excepted(item.key, VPC)]))
    assert (verdict.status, verdict.problems) == (Status.NOT_APPLICABLE, [])


def test_an_excepted_group_is_not_loose() -> None:
    arn = f"arn:aws:ec2:{HERE}:{ACCOUNT}:security-group/sg-1"
    verdict = judge(seen(OPEN, exceptions=[Excepted(item.key, arn)]))
    assert verdict.status == Status.PARTIAL
    assert [p.code for p in verdict.problems] == ["egress_open"]


def test_in_a_shared_subnet_the_owners_controls_count() -> None:
    changes = {
        **OPEN,
        ec2.subnets: (replace(SUBNET, owner_id=MANAGEMENT),),
        ec2.route_tables: (),
    }
    routed = {**OPEN}[ec2.route_tables]
    values = {
        **elsewhere(MANAGEMENT, ec2.route_tables, routed),
        **elsewhere(MANAGEMENT, ec2.vpc_block, VpcBlock("off")),
        **elsewhere(MANAGEMENT, ec2.endpoints, ()),
        **elsewhere(MANAGEMENT, ec2.nat_gateways, ()),
        **elsewhere(MANAGEMENT, route53resolver.firewall_associations, *LOOKUPS.values()),
    }
    assert judge(seen(changes, values=values)).status == Status.PARTIAL
    assert judge(seen(changes)).status == Status.UNKNOWN


FINDINGS: dict[str, tuple[Changes, list[str]]] = {
    "open": (OPEN, ["egress_open", "sg_egress_all"]),
    "strict": (leading_to("nat-1"), ["egress_open"]),
    "isolated": (ALL_OUT, []),
    "filtered": (through(FIREWALL), []),
    "open endpoint": (
        {**ALL_OUT, ec2.endpoints: (replace(S3, is_policy_open=True),)}, ["endpoint_policy_open"],
    ),
    "firewall that only alerts": (
        with_policy(replace(DROPS, stateful_defaults=(), stateful_groups=1, alerting_groups=1)),
        ["egress_open", "sg_egress_all", "firewall_alert_only"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "codes"), FINDINGS.values(), ids=FINDINGS)
def test_what_is_found(changes: Changes, codes: list[str]) -> None:
    assert [problem.code for problem in judge(seen(changes)).problems] == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == {code for _, codes in FINDINGS.values() for code in codes}


def test_it_keeps_the_controls_of_each_vpc() -> None:
    facts = judge(seen({**OPEN, ec2.endpoints: Outcome.ACCESS_DENIED})).facts
    assert facts[HERE]["vpc-1"] == {
        "rule": "unknown",
        "isolated": False,
        "filtered": False,
        "attested": False,
        "strict_groups": False,
        "filtered_lookups": False,
        "endpoint_policies": None,
        "targets": ["nat-1"],
        "loose_groups": ["sg-1"],
        "endpoints": [],
    }


def test_it_is_declared_with_what_it_reads() -> None:
    about = seen(BEHIND, settings={"INSPECTION_VPCS": ["vpc-9"]})
    judge(about)
    judge(seen(OPEN))
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}
