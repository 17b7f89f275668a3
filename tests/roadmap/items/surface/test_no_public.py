"""No instance is reachable from the internet and no bucket open to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import ec2, organizations, s3control, shield, wafv2
from collectors.services.ec2 import (
    Exclusion,
    Instance,
    Interfaces,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    SharingBlock,
    Subnet,
    VpcBlock,
)
from collectors.services.s3control import BucketAccess, Buckets, Flags, UnseenBucket
from roadmap.items.surface.no_public import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status, Verdict
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, ORGANIZATION, row, subject

HERE, THERE = "eu-west-1", "us-east-1"
ARN = f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/i-1"
PRIVATE = Interfaces("vpc-1", "subnet-1", "interface", group_ids=("sg-1",), ids=("eni-1",))
PUBLIC = replace(PRIVATE, has_public_ip=True, instance_id="i-1")
IPV6 = replace(PRIVATE, has_ipv6=True, instance_id="i-1")
SUBNET = Subnet("subnet-1", "vpc-1", ACCOUNT)
MAIN = RouteTable("rtb-1", "vpc-1", ACCOUNT, is_main=True, routes=(Route("0.0.0.0/0", "igw-1"),))
WEB = Rule("tcp", 443, 443, "0.0.0.0/0")
SSH = Rule("tcp", 22, 22, "0.0.0.0/0")
GROUP = SecurityGroup("sg-1", "vpc-1", "web", (WEB,))
BUCKET = BucketAccess("leaky", HERE, is_policy_public=True)
BUCKET_ARN = "arn:aws:s3:::leaky"

FACTS: dict[Collector[Any], Any] = {
    ec2.instances: (Instance("i-1", "web", "running"),),
    ec2.interfaces: (PRIVATE,),
    ec2.subnets: (SUBNET,),
    ec2.route_tables: (MAIN,),
    ec2.security_groups: (GROUP,),
    ec2.vpc_block: VpcBlock("off"),
    ec2.sharing_block: SharingBlock("block-new-sharing", "account", "block-all-sharing", "account"),
    wafv2.web_acls: ("shop",),
}
NO_BUCKETS = Buckets()
SUBSCRIBED = shield.Subscription("ACTIVE")


def seen(
    interfaces: Any = (PUBLIC,),
    changes: dict[Collector[Any], Any] | None = None,
    *,
    buckets: Any = NO_BUCKETS,
    subscription: Any = SUBSCRIBED,
    values: dict[tuple[Any, ...], Any] | None = None,
    regions: tuple[str, ...] = (HERE,),
    **more: Any,
) -> Subject:
    """An account with an instance in its Region."""
    facts = FACTS | {ec2.interfaces: interfaces} | (changes or {})
    found: dict[tuple[Any, ...], Any] = {
        (ACCOUNT, collector, HERE): value for collector, value in facts.items()
    }
    found[ACCOUNT, s3control.bucket_access] = buckets
    found[ACCOUNT, shield.subscription] = subscription
    return subject(found | (values or {}), regions={ACCOUNT: regions}, **more)


def routed(*routes: Route) -> dict[Collector[Any], Any]:
    return {ec2.route_tables: (replace(MAIN, routes=routes),)}


def opened(*rules: Rule) -> dict[Collector[Any], Any]:
    return {ec2.security_groups: (replace(GROUP, ingress=rules),)}


EXPOSED = (Status.FAIL, "instance exposed")
ADDRESS = (Status.PARTIAL, "public addresses remain")
NOTHING = (Status.PASS, "nothing public")
V6 = Route("::/0", "igw-1")
CASES: dict[str, tuple[Subject, tuple[Status, str]]] = {
    "exposed": (seen(), EXPOSED),
    "exposed by a table of its own": (
        seen(
            changes={
                ec2.route_tables: (
                    replace(MAIN, routes=()),
                    replace(MAIN, route_table_id="rtb-2", is_main=False, subnet_ids=("subnet-1",)),
                )
            }
        ),
        EXPOSED,
    ),
    "private": (seen((PRIVATE,)), NOTHING),
    "no route": (seen(changes=routed()), ADDRESS),
    "route elsewhere": (seen(changes=routed(Route("0.0.0.0/0", "nat-1"))), ADDRESS),
    "narrow route": (seen(changes=routed(Route("198.51.100.0/24", "igw-1"))), ADDRESS),
    "the main table of another VPC": (
        seen(
            changes={
                ec2.route_tables: (
                    replace(MAIN, routes=()),
                    replace(MAIN, vpc_id="vpc-2"),
                )
            }
        ),
        ADDRESS,
    ),
    "closed groups": (seen(changes=opened()), ADDRESS),
    "not so wide a network": (
        seen(changes=opened(replace(WEB, cidr="64.0.0.0/8"))), ADDRESS,
    ),
    "a network as wide as the setting says": (
        seen(
            changes=opened(replace(WEB, cidr="64.0.0.0/8")),
            settings={"PUBLIC_CIDR_MAX_PREFIX": 9},
        ),
        EXPOSED,
    ),
    "a prefix list nobody could read": (seen(changes=opened(replace(WEB, cidr=""))), ADDRESS),
    "a group nobody listed": (seen(changes={ec2.security_groups: ()}), ADDRESS),
    "blocked": (seen(changes={ec2.vpc_block: VpcBlock("block-ingress")}), ADDRESS),
    "blocked both ways": (
        seen(changes={ec2.vpc_block: VpcBlock("block-bidirectional")}), ADDRESS,
    ),
    "blocked but excluded": (
        seen(
            changes={
                ec2.vpc_block: VpcBlock(
                    "block-ingress",
                    exclusions=(Exclusion("subnet-1", "allow-bidirectional"),),
                )
            }
        ),
        EXPOSED,
    ),
    "blocked, egress excluded": (
        seen(
            changes={
                ec2.vpc_block: VpcBlock(
                    "block-bidirectional", exclusions=(Exclusion("vpc-1", "allow-egress"),)
                )
            }
        ),
        ADDRESS,
    ),
    "a block nobody knows": (seen(changes={ec2.vpc_block: VpcBlock("tomorrow")}), EXPOSED),
    "IPv6 without a route for it": (seen((IPV6,)), NOTHING),
    "IPv6 with a route": (seen((IPV6,), routed(V6)), EXPOSED),
    "IPv6 behind an egress-only gateway": (
        seen((IPV6,), routed(Route("::/0", "eigw-1"))), NOTHING,
    ),
    "a load balancer's interface": (
        seen((replace(PUBLIC, instance_id="", load_balancer="app/web/1"),)), NOTHING,
    ),
    "no instance, a bucket": (
        seen((), {ec2.instances: ()}, buckets=Buckets(total=1)), NOTHING,
    ),
    "an ended instance": (
        seen((), {ec2.instances: (Instance("i-1", state="terminated"),)}),
        (Status.NOT_APPLICABLE, "no instance and no bucket"),
    ),
    "nothing at all": (
        seen((), {ec2.instances: ()}), (Status.NOT_APPLICABLE, "no instance and no bucket"),
    ),
    "public bucket": (
        seen((PRIVATE,), buckets=Buckets(total=1, opened=(BUCKET,))),
        (Status.FAIL, "bucket public"),
    ),
    "public bucket and address": (
        seen(changes=routed(), buckets=Buckets(total=1, opened=(BUCKET,))),
        (Status.FAIL, "bucket public"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "expected"), CASES.values(), ids=CASES)
def test_address_route_and_group_decide(about: Subject, expected: tuple[Status, str]) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == expected


RESTRICT, IGNORE = Flags(restrict_public_buckets=True), Flags(ignore_public_acls=True)
BY_ACL = BucketAccess("leaky", HERE, grants=("AllUsers READ",))
BY_POINT = BucketAccess("leaky", HERE, access_points=("open",))
BUCKETS: dict[str, tuple[BucketAccess, Flags, bool]] = {
    "policy": (BUCKET, Flags(), True),
    "policy, restricted by the account": (BUCKET, RESTRICT, False),
    "policy, restricted by the bucket": (replace(BUCKET, flags=RESTRICT), Flags(), False),
    "policy, ACLs ignored": (BUCKET, IGNORE, True),
    "ACL": (BY_ACL, Flags(), True),
    "ACL, ignored by the account": (BY_ACL, IGNORE, False),
    "ACL, ignored by the bucket": (replace(BY_ACL, flags=IGNORE), Flags(), False),
    "ACL, restricted": (BY_ACL, RESTRICT, True),
    "ACL, disabled": (replace(BY_ACL, are_acls_enabled=False), Flags(), False),
    "access point": (BY_POINT, Flags(), True),
    "access point, restricted by the account": (BY_POINT, RESTRICT, False),
    "access point, restricted by the bucket": (replace(BY_POINT, flags=RESTRICT), Flags(), False),
}


@pytest.mark.parametrize(("bucket", "account", "is_public"), BUCKETS.values(), ids=BUCKETS)
def test_a_bucket_is_public_unless_something_blocks_it(
    bucket: BucketAccess, account: Flags, is_public: bool
) -> None:
    verdict = judge(seen((PRIVATE,), buckets=Buckets(account, 1, (bucket,))))
    assert (verdict.status == Status.FAIL) == is_public
    assert [p.resource for p in verdict.problems if p.code == "bucket_public"] == (
        [BUCKET_ARN] if is_public else []
    )


ROOT_ID = "r-1"
RCP = organizations.RESOURCE_CONTROL_POLICY
DENY_STRANGERS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}


def controlled(*statements: dict[str, Any], about: str = ACCOUNT) -> dict[tuple[Any, ...], Any]:
    """An organization with a resource control policy at its root; without statements, none."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = organizations.Policy("p-1", RCP, name="perimeter", content=document)
    attached = {ROOT_ID: ("p-1",) if statements else ()}
    return {
        (MANAGEMENT, organizations.policies): organizations.Policies(
            (policy,), attached, (ROOT_ID,)
        ),
        (MANAGEMENT, organizations.listing): organizations.Listing(
            accounts=(organizations.Account(about, ou_ids=(ROOT_ID,)),)
        ),
        (about, organizations.attached_rcps): (),
    }


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([DENY_STRANGERS], Status.PASS),
        ([{**DENY_STRANGERS, "Action": "s3:PutObject"}], Status.FAIL),
        ([], Status.FAIL),
    ],
    ids=["strangers denied", "strangers may read", "no such policy"],
)
def test_a_resource_control_policy_may_keep_strangers_out(
    statements: list[dict[str, Any]], status: Status
) -> None:
    buckets = Buckets(total=1, opened=(BUCKET,))
    about = seen((PRIVATE,), buckets=buckets, values=controlled(*statements))
    verdict = judge(about)
    assert verdict.status == status
    assert verdict.facts["rcp_blocked"] == (["leaky"] if status == Status.PASS else [])
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}


def test_a_bucket_named_for_its_account_is_reached_by_that_name() -> None:
    ours = {**DENY_STRANGERS, "Resource": "arn:aws:s3:::*-${aws:ResourceAccount}/*"}
    for name, status in ((f"logs-{ACCOUNT}", Status.PASS), ("logs-999999999999", Status.FAIL)):
        buckets = Buckets(total=1, opened=(replace(BUCKET, name=name),))
        about = seen((PRIVATE,), buckets=buckets, values=controlled(ours))
        assert judge(about).status == status


def test_it_does_not_reach_the_management_account() -> None:
    here = {(MANAGEMENT, c, HERE): v for c, v in FACTS.items() if c != ec2.instances}
    values = here | {
        (MANAGEMENT, ec2.instances, HERE): (),
        (MANAGEMENT, s3control.bucket_access): Buckets(total=1, opened=(BUCKET,)),
        **controlled(DENY_STRANGERS, about=MANAGEMENT),
    }
    about = subject(values, row(MANAGEMENT), regions={MANAGEMENT: (HERE,)})
    assert judge(about).status == Status.FAIL


def blind(collector: Collector[Any], outcome: Outcome = Outcome.ACCESS_DENIED) -> Any:
    return {collector: outcome}


@pytest.mark.parametrize(
    "collector",
    [
        ec2.instances, ec2.interfaces, ec2.subnets, ec2.route_tables, ec2.security_groups,
        ec2.vpc_block,
    ],
    ids=str,
)  # fmt: skip
def test_what_could_not_be_seen_is_unknown(collector: Collector[Any]) -> None:
    verdict = judge(seen(changes=blind(collector), buckets=Buckets(total=1)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert "access denied" in verdict.sentence


def test_without_a_public_address_nothing_more_has_to_be_seen() -> None:
    collectors: list[Collector[Any]] = [ec2.subnets, ec2.route_tables, ec2.security_groups]
    changes: dict[Collector[Any], Any] = dict.fromkeys(collectors, Outcome.ACCESS_DENIED)
    assert judge(seen((PRIVATE,), changes)).status == Status.PASS


@pytest.mark.parametrize(
    "buckets",
    [
        Outcome.ACCESS_DENIED,
        Buckets(total=2, unseen=(UnseenBucket("shut", Outcome.ACCESS_DENIED, "No."),)),
    ],
    ids=["none seen", "one not seen"],
)
def test_buckets_nobody_saw_are_unknown(buckets: Any) -> None:
    verdict = judge(seen((PRIVATE,), buckets=buckets))
    assert (verdict.status, verdict.rule) == (Status.UNKNOWN, "not everything could be seen")
    assert verdict.incomplete


def test_what_is_seen_public_fails_whatever_else_is_not() -> None:
    unseen = (UnseenBucket("shut", Outcome.ACCESS_DENIED, "No."),)
    verdict = judge(seen((PRIVATE,), buckets=Buckets(Flags(), 2, (BUCKET,), unseen)))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


def test_one_exposed_instance_fails_the_account_though_other_regions_are_clean() -> None:
    clean = FACTS | {ec2.interfaces: (PRIVATE,)}
    there = {(ACCOUNT, collector, THERE): value for collector, value in clean.items()}
    verdict = judge(seen(values=there, regions=(HERE, THERE)))
    assert verdict.status == Status.FAIL
    assert verdict.regions[THERE].status == Status.PASS


def test_a_region_nobody_saw_keeps_a_clean_account_from_passing() -> None:
    verdict = judge(seen((PRIVATE,), regions=(HERE, THERE)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert THERE in verdict.sentence


def test_a_region_nobody_saw_leaves_public_addresses_partial() -> None:
    verdict = judge(seen(changes=routed(), regions=(HERE, THERE)))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)


def test_blocked_everywhere_is_unknown() -> None:
    blocked = seen(changes=blind(ec2.instances, Outcome.REGION_BLOCKED), buckets=Buckets(total=1))
    assert judge(blocked).status == Status.UNKNOWN


def test_exceptions_take_resources_out() -> None:
    exceptions = [Excepted(item.key, ARN), Excepted(item.key, BUCKET_ARN)]
    about = seen(buckets=Buckets(total=2, opened=(BUCKET,)), exceptions=exceptions)
    verdict = judge(about)
    assert verdict.status == Status.PASS
    assert verdict.problems == []
    assert set(about.excepted) == {ARN, BUCKET_ARN}


def test_of_several_interfaces_the_worst_counts() -> None:
    closed = replace(PUBLIC, group_ids=("sg-2",))
    verdict = judge(seen((closed, PUBLIC, closed)))
    assert [p.code for p in verdict.problems if p.resource == ARN] == ["instance_exposed"]


def shared(owner: Any) -> Subject:
    """A subnet that the management account shares, with its tables and block."""
    values = {
        (MANAGEMENT, ec2.route_tables, HERE): owner,
        (MANAGEMENT, ec2.vpc_block, HERE): VpcBlock("off"),
    }
    changes: dict[Collector[Any], Any] = {
        ec2.subnets: (replace(SUBNET, owner_id=MANAGEMENT),),
        ec2.route_tables: (),
        ec2.vpc_block: VpcBlock("block-ingress"),
    }
    return seen(changes=changes, values=values)


def test_routes_and_block_of_a_shared_subnet_are_its_owners() -> None:
    assert judge(shared((MAIN,))).status == Status.FAIL
    assert judge(shared((replace(MAIN, routes=()),))).status == Status.PARTIAL
    assert judge(shared(Outcome.NEVER_COLLECTED)).status == Status.UNKNOWN


UNBLOCKED = SharingBlock("unblocked", "account", "unblocked", "account")
FINDINGS: dict[str, tuple[Subject, set[str]]] = {
    "exposed": (seen(), {"instance_exposed", "vpc_bpa_off"}),
    "address": (seen(changes=routed()), {"instance_public_address", "vpc_bpa_off"}),
    "bucket": (
        seen(
            (PRIVATE,),
            {ec2.vpc_block: VpcBlock("block-ingress")},
            buckets=Buckets(total=1, opened=(BUCKET,)),
        ),
        {"bucket_public"},
    ),
    "sharing": (
        seen((PRIVATE,), {ec2.sharing_block: UNBLOCKED}),
        {"vpc_bpa_off", "image_sharing_unblocked", "snapshot_sharing_unblocked"},
    ),
    "sharing of tomorrow": (
        seen((PRIVATE,), {ec2.sharing_block: SharingBlock("tomorrow", "", "tomorrow", "")}),
        {"vpc_bpa_off", "image_sharing_unblocked", "snapshot_sharing_unblocked"},
    ),
    "no web firewall": (
        seen(changes={wafv2.web_acls: ()}), {"instance_exposed", "vpc_bpa_off", "no_waf"},
    ),
    "no web firewall, nothing reachable": (
        seen((PRIVATE,), {wafv2.web_acls: ()}), {"vpc_bpa_off"},
    ),
    "no Shield Advanced": (
        seen(subscription=shield.Subscription("INACTIVE")),
        {"instance_exposed", "vpc_bpa_off", "no_shield_advanced"},
    ),
    "no Shield Advanced, nothing reachable": (
        seen((PRIVATE,), subscription=shield.Subscription("INACTIVE")), {"vpc_bpa_off"},
    ),
    "no instance": (
        seen((), {ec2.instances: (), ec2.sharing_block: UNBLOCKED}), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "codes"), FINDINGS.values(), ids=FINDINGS)
def test_what_is_found(about: Subject, codes: set[str]) -> None:
    verdict = judge(about)
    assert {problem.code for problem in verdict.problems} == codes
    assert not verdict.incomplete


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for _, codes in FINDINGS.values()))


NO_INSTANCE: dict[Collector[Any], Any] = {ec2.instances: ()}
BESIDE: dict[str, tuple[dict[str, Any], Collector[Any], bool]] = {
    "sharing": ({"interfaces": (PRIVATE,)}, ec2.sharing_block, True),
    "block": ({"interfaces": (PRIVATE,)}, ec2.vpc_block, True),
    "sharing, no instance": ({"changes": NO_INSTANCE}, ec2.sharing_block, False),
    "web firewall": ({"changes": routed()}, wafv2.web_acls, True),
    "web firewall, nothing reachable": ({"interfaces": (PRIVATE,)}, wafv2.web_acls, False),
}


@pytest.mark.parametrize(("about", "collector", "matters"), BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_may_be_unseen_without_changing_the_verdict(
    about: dict[str, Any], collector: Collector[Any], matters: bool
) -> None:
    def told(value: Any) -> Verdict:
        changes = about.get("changes", {}) | {collector: value}
        return judge(seen(about.get("interfaces", (PUBLIC,)), changes))

    known = told(FACTS[collector])
    unseen = told(Outcome.ACCESS_DENIED)
    assert (unseen.status, unseen.incomplete) == (known.status, matters)
    assert not told(Outcome.SERVICE_UNAVAILABLE).incomplete


def test_shield_matters_where_something_is_reachable() -> None:
    denied: dict[str, Any] = {"subscription": Outcome.ACCESS_DENIED}
    assert judge(seen(changes=routed(), **denied)).incomplete
    assert not judge(seen((PRIVATE,), **denied)).incomplete


UNREAD: dict[str, tuple[dict[Collector[Any], Any], bool]] = {
    "a prefix list": (opened(replace(WEB, cidr="")), True),
    "a group": ({ec2.security_groups: ()}, True),
    "a prefix list without a route": ({**opened(replace(WEB, cidr="")), **routed()}, False),
    "everything is read": (opened(), False),
}


@pytest.mark.parametrize(("changes", "incomplete"), UNREAD.values(), ids=UNREAD)
def test_behind_what_nobody_could_read_an_instance_may_be_exposed(
    changes: dict[Collector[Any], Any], incomplete: bool
) -> None:
    verdict = judge(seen(changes=changes))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, incomplete)


def test_a_public_bucket_fails_whatever_the_regions_are() -> None:
    facts = {(ACCOUNT, s3control.bucket_access): Buckets(total=1, opened=(BUCKET,))}
    verdict = judge(subject(facts, regions={}))
    assert (verdict.status, verdict.rule, verdict.incomplete) == (
        Status.FAIL, "bucket public", True,
    )  # fmt: skip
    clean = judge(subject({(ACCOUNT, s3control.bucket_access): Buckets(total=1)}, regions={}))
    assert (clean.status, clean.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


@pytest.mark.parametrize(
    ("rule", "severity"),
    [(WEB, None), (SSH, Severity.CRITICAL), (Rule("-1", cidr="::/0"), Severity.CRITICAL)],
    ids=["web", "SSH", "everything"],
)
def test_ports_that_attackers_look_for_weigh_more(rule: Rule, severity: Severity | None) -> None:
    (problem,) = [
        p for p in judge(seen(changes=opened(rule))).problems if p.code == "instance_exposed"
    ]
    assert problem.severity == severity


def test_a_finding_says_through_which_group() -> None:
    (problem, *_) = judge(seen(changes=opened(SSH))).problems
    assert problem.detail == (
        "Through sg-1 (tcp 22 from 0.0.0.0/0), in subnet-1. Attackers look for port 22."
    )


def test_the_sentence_names_instances_and_buckets() -> None:
    sentence = judge(seen(buckets=Buckets(total=1, opened=(BUCKET,)))).sentence
    assert sentence == "The internet reaches i-1 in eu-west-1. A bucket is public (leaky)."
    assert judge(seen((PRIVATE,), buckets=Buckets(total=3))).sentence == (
        "No public address and no public bucket: 1 instance and 3 buckets were looked at."
    )


def test_it_keeps_the_tests_with_what_decided() -> None:
    facts = judge(seen(buckets=Buckets(total=1, opened=(BUCKET,)))).facts
    assert facts["regions"][HERE] == {
        "i-1": {
            "subnet": "subnet-1",
            "route": True,
            "blocked": False,
            "open": ["sg-1: tcp 443 from 0.0.0.0/0"],
            "unread": False,
        }
    }
    (leaky,) = facts["public_buckets"].values()
    assert (leaky["ways"], leaky["flags"]["restrict_public_buckets"]) == (["its policy"], False)
    assert facts["account_flags"]["ignore_public_acls"] is False
    assert facts["vpc_block"] == {HERE: {"mode": "off", "managed_by": ""}}
    assert facts["sharing_block"][HERE]["images"] == "block-new-sharing"


def test_it_is_declared_with_what_it_reads() -> None:
    about = seen()
    judge(about)
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}
