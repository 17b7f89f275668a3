"""Requests to every load balancer are logged, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import elb, elbv2, logs
from collectors.services.elb import ClassicLoadBalancer
from collectors.services.elbv2 import LoadBalancer
from collectors.services.logs import Delivery
from roadmap.items.detection.log_load_balancer import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.detection.logs import HOME, OTHER, at_home, seen
from tests.roadmap.items.subjects import ACCOUNT, attested, codes

WEB = LoadBalancer("arn:lb:web", "web", "application", has_access_log=True, log_bucket="logs")
BARE = LoadBalancer("arn:lb:bare", "bare", "application")
TCP = LoadBalancer("arn:lb:tcp", "tcp", "network")
TLS = replace(TCP, has_tls_listener=True)
INSPECTED = LoadBalancer("arn:lb:gwy", "inspected", "gateway")
CLASSIC = ClassicLoadBalancer("old", has_access_log=True, log_bucket="logs")
DELIVERED = Delivery("arn:lb:bare", "ALB_ACCESS_LOGS", "arn:aws:logs:::dest")


def subject(
    balancers: Any, classic: Any = (), deliveries: Any = (), more: Any = None, **rest: Any
) -> Subject:
    facts = at_home(
        {
            elbv2.load_balancers: balancers,
            elb.load_balancers: classic,
            logs.deliveries: deliveries,
        }
    )
    return seen(facts, more or {}, item=item, **rest)


CASES: dict[str, tuple[Any, Any, Any, Status, set[str]]] = {
    "logged": ((WEB,), (), (), Status.PASS, set()),
    "one of two": ((WEB, BARE), (), (), Status.PARTIAL, {"no_lb_log"}),
    "not logged": ((BARE,), (), (), Status.FAIL, {"no_lb_log"}),
    "delivered by CloudWatch Logs": ((BARE,), (), (DELIVERED,), Status.PASS, set()),
    "other logs delivered": (
        (BARE,),
        (),
        (replace(DELIVERED, log_type="ALB_CONNECTION_LOGS"),),
        Status.FAIL,
        {"no_lb_log"},
    ),
    "another one's log delivered": (
        (BARE,),
        (),
        (replace(DELIVERED, resource_arn="arn:lb:other"),),
        Status.FAIL,
        {"no_lb_log"},
    ),
    "a network one without TLS": ((TCP,), (), (), Status.NOT_APPLICABLE, set()),
    "a network one with TLS": ((TLS,), (), (), Status.FAIL, {"no_lb_log"}),
    "a gateway one": ((INSPECTED,), (), (), Status.NOT_APPLICABLE, set()),
    "a kind nobody knows yet": (
        (replace(BARE, kind="TOMORROW"),),
        (),
        (),
        Status.FAIL,
        {"no_lb_log"},
    ),
    "a classic one, logged": ((), (CLASSIC,), (), Status.PASS, set()),
    "a classic one, not logged": (
        (),
        (ClassicLoadBalancer("old"),),
        (),
        Status.FAIL,
        {"no_lb_log"},
    ),
    "none": ((), (), (), Status.NOT_APPLICABLE, set()),
}


@pytest.mark.parametrize(
    ("balancers", "classic", "deliveries", "status", "expected"), CASES.values(), ids=CASES
)
def test_what_each_load_balancer_writes_decides(
    balancers: Any, classic: Any, deliveries: Any, status: Status, expected: set[str]
) -> None:
    found = judge(subject(balancers, classic, deliveries))

    assert (found.status, codes(found)) == (status, expected)


def test_a_delivery_without_a_destination_counts() -> None:
    found = judge(subject((BARE,), (), (replace(DELIVERED, destination=""),)))
    assert found.facts["destinations"] == ["a log delivery"]


def test_a_classic_load_balancer_is_named_by_its_arn() -> None:
    (problem,) = judge(subject((), (ClassicLoadBalancer("old"),))).problems
    assert problem.resource == (f"arn:aws:elasticloadbalancing:{HOME}:{ACCOUNT}:loadbalancer/old")


@pytest.mark.parametrize(
    "collector", [elbv2.load_balancers, elb.load_balancers, logs.deliveries], ids=str
)
def test_a_region_that_was_not_seen_leaves_a_pass_open(collector: Any) -> None:
    denied = {
        (ACCOUNT, elbv2.load_balancers, OTHER): (BARE,),
        (ACCOUNT, collector, OTHER): Outcome.ACCESS_DENIED,
    }
    found = judge(subject((WEB,), more=denied))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_deliveries_do_not_matter_where_everything_has_its_log() -> None:
    denied = {(ACCOUNT, logs.deliveries, HOME): Outcome.ACCESS_DENIED}
    assert judge(subject((WEB,), (CLASSIC,), more=denied)).status == Status.PASS


def test_an_excepted_load_balancer_leaves_the_count() -> None:
    found = judge(subject((WEB, BARE), excepted="arn:lb:bare"))
    assert (found.status, found.problems) == (Status.PASS, [])


def test_a_decision_to_do_without_stands_for_the_log() -> None:
    answer = attested(item.key, "declined")
    assert judge(subject((BARE,), attestations=[answer])).reason == Reason.DECLINED
