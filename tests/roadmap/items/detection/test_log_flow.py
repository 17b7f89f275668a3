"""Flow logs of every VPC record all traffic, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import ec2, securitylake
from collectors.services.ec2 import FlowLog, Interfaces, Subnet, Vpc
from roadmap.items.detection.log_flow import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.detection.logs import HOME, OTHER, at_home, lake, seen
from tests.roadmap.items.subjects import ACCOUNT, LOGS, attested, codes
from tests.roadmap.items.visibility.central import everywhere

GOOD = FlowLog("fl-1", "vpc-1", "ACTIVE", "SUCCESS", "ALL", "arn:aws:s3:::flows")
REJECTED = replace(GOOD, flow_log_id="fl-2", traffic="REJECT")
ACCEPTED = replace(GOOD, flow_log_id="fl-3", traffic="ACCEPT")
FAILING = replace(GOOD, delivery="FAILED", error="Access error")
SUBNETS = (Subnet("subnet-1", "vpc-1"), Subnet("subnet-2", "vpc-1"), Subnet("subnet-9", "vpc-2"))
USED = (Interfaces("vpc-1"), Interfaces("vpc-2"))
ONE, TWO = (Vpc("vpc-1"),), (Vpc("vpc-1"), Vpc("vpc-2"))


def of(log: FlowLog, resource: str) -> FlowLog:
    return replace(log, resource_id=resource, flow_log_id=f"{log.flow_log_id}-{resource}")


def subject(
    vpcs: Any, logs: Any, more: dict[tuple[Any, ...], Any] | None = None, **rest: Any
) -> Subject:
    facts = at_home(
        {ec2.vpcs: vpcs, ec2.interfaces: USED, ec2.flow_logs: logs, ec2.subnets: SUBNETS}
    )
    return seen(facts, more or {}, item=item, **rest)


CASES: dict[str, tuple[Any, Any, Any, Status, set[str]]] = {
    "all traffic": (ONE, (GOOD,), {}, Status.PASS, set()),
    "accepted and rejected by two logs": (ONE, (ACCEPTED, REJECTED), {}, Status.PASS, set()),
    "one of two VPCs": (TWO, (GOOD,), {}, Status.PARTIAL, {"no_flow_log"}),
    "rejected alone": (ONE, (REJECTED,), {}, Status.PARTIAL, {"no_flow_log"}),
    "accepted alone": (ONE, (ACCEPTED,), {}, Status.PARTIAL, {"no_flow_log"}),
    "none": (ONE, (), {}, Status.FAIL, {"no_flow_log"}),
    "cannot deliver": (ONE, (FAILING,), {}, Status.FAIL, {"log_delivery_failed"}),
    "one cannot deliver, another does": (
        ONE,
        (GOOD, replace(FAILING, flow_log_id="fl-4")),
        {},
        Status.PASS,
        {"log_delivery_failed"},
    ),
    "rejected alone, and one cannot deliver": (
        ONE,
        (REJECTED, FAILING),
        {},
        Status.PARTIAL,
        {"no_flow_log", "log_delivery_failed"},
    ),
    "not active": (ONE, (replace(GOOD, status="INACTIVE"),), {}, Status.FAIL, {"no_flow_log"}),
    "nothing said of delivery": (
        ONE,
        (replace(GOOD, delivery=""),),
        {},
        Status.FAIL,
        {"no_flow_log"},
    ),
    "a traffic type nobody knows yet": (
        ONE,
        (replace(GOOD, traffic="TOMORROW"),),
        {},
        Status.FAIL,
        {"no_flow_log"},
    ),
    "all subnets": (
        ONE,
        (of(GOOD, "subnet-1"), of(GOOD, "subnet-2")),
        {},
        Status.PASS,
        set(),
    ),
    "one of two subnets": (ONE, (of(GOOD, "subnet-1"),), {}, Status.FAIL, {"no_flow_log"}),
    "one subnet in part": (
        ONE,
        (of(GOOD, "subnet-1"), of(REJECTED, "subnet-2")),
        {},
        Status.PARTIAL,
        {"no_flow_log"},
    ),
    "the VPC in part, its subnets the rest": (
        ONE,
        (REJECTED, of(ACCEPTED, "subnet-1"), of(ACCEPTED, "subnet-2")),
        {},
        Status.PASS,
        set(),
    ),
    "a subnet's log cannot deliver": (
        ONE,
        (of(FAILING, "subnet-1"),),
        {},
        Status.FAIL,
        {"log_delivery_failed"},
    ),
    "another VPC's subnet": (ONE, (of(GOOD, "subnet-9"),), {}, Status.FAIL, {"no_flow_log"}),
    "security lake": (ONE, (), lake(securitylake.FLOW_LOGS), Status.PASS, set()),
    "security lake of another source": (
        ONE,
        (),
        lake(securitylake.QUERY_LOGS),
        Status.FAIL,
        {"no_flow_log"},
    ),
    "no VPC": ((), (), {}, Status.NOT_APPLICABLE, set()),
    "only an empty VPC": ((Vpc("vpc-empty"),), (), {}, Status.NOT_APPLICABLE, set()),
}


@pytest.mark.parametrize(("vpcs", "logs", "more", "status", "expected"), CASES.values(), ids=CASES)
def test_what_each_vpc_has_decides(
    vpcs: Any, logs: Any, more: Any, status: Status, expected: set[str]
) -> None:
    found = judge(subject(vpcs, logs, more))

    assert (found.status, codes(found)) == (status, expected)


def test_a_log_in_part_counts_half() -> None:
    found = judge(subject(TWO, (GOOD, of(REJECTED, "vpc-2"))))

    assert found.facts["logged"] == 1.5
    assert found.sentence == "1 of 2 VPCs logged, 1 in part; not vpc-2."


def test_a_failing_delivery_is_a_finding_of_the_flow_log() -> None:
    (problem,) = judge(subject(ONE, (FAILING,))).problems

    assert problem.resource == f"arn:aws:ec2:{HOME}:{ACCOUNT}:vpc-flow-log/fl-1"
    assert (problem.name, problem.detail) == ("fl-1", "Access error")


def test_a_vpc_in_which_only_other_accounts_have_something_counts() -> None:
    shared = {(ACCOUNT, ec2.interfaces, HOME): (Interfaces("vpc-1", owner_id=LOGS),)}
    found = judge(subject(ONE, (), shared))

    assert (found.status, codes(found)) == (Status.FAIL, {"no_flow_log"})


def test_an_excepted_vpc_leaves_the_count() -> None:
    found = judge(subject(TWO, (GOOD,), excepted="*vpc/vpc-2"))
    assert (found.status, found.problems) == (Status.PASS, [])


def test_an_excepted_flow_log_is_not_reported_and_its_vpc_is_not_logged_all_the_same() -> None:
    found = judge(subject(ONE, (FAILING,), excepted="*vpc-flow-log/fl-1"))
    assert (found.status, found.problems) == (Status.FAIL, [])


@pytest.mark.parametrize("collector", [ec2.flow_logs, ec2.interfaces, ec2.subnets], ids=str)
def test_a_region_that_was_not_seen_leaves_a_pass_open(collector: Any) -> None:
    denied = {
        (ACCOUNT, ec2.vpcs, OTHER): ONE,
        (ACCOUNT, ec2.interfaces, OTHER): USED,
        (ACCOUNT, ec2.flow_logs, OTHER): (of(GOOD, "subnet-1"),),
        (ACCOUNT, collector, OTHER): Outcome.ACCESS_DENIED,
    }
    found = judge(subject(ONE, (GOOD,), denied))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_a_lake_that_could_not_be_seen_leaves_a_gap_open() -> None:
    unseen = everywhere(LOGS, securitylake.data_lake, Outcome.ACCESS_DENIED)
    assert judge(subject(ONE, (), unseen)).status == Status.UNKNOWN


def test_a_decision_to_do_without_stands_for_the_log() -> None:
    answer = attested(item.key, "declined", "team")
    assert judge(subject(ONE, (), attestations=[answer])).reason == Reason.DECLINED
