"""Requests to every distribution are logged, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import cloudfront, logs
from collectors.services.cloudfront import Distribution
from collectors.services.logs import Delivery
from roadmap.items.detection.log_cloudfront import DELIVERIES_IN, item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.detection.logs import OTHER, seen
from tests.roadmap.items.subjects import ACCOUNT, attested, codes, row

SHOP = Distribution("arn:cdn:shop", "E1", "shop.example.com", True, "logs.s3.amazonaws.com")
BARE = Distribution("arn:cdn:bare", "E2", "bare.example.com")
DELIVERED = Delivery("arn:cdn:bare", "ACCESS_LOGS", "arn:aws:logs:::dest")


def subject(found: Any, deliveries: Any = (), more: Any = None, **rest: Any) -> Subject:
    facts = {
        (ACCOUNT, cloudfront.distributions): found,
        (ACCOUNT, logs.deliveries, DELIVERIES_IN): deliveries,
    }
    return seen(facts, more or {}, item=item, **rest)


CASES: dict[str, tuple[Any, Any, Status, set[str]]] = {
    "logged": ((SHOP,), (), Status.PASS, set()),
    "one of two": ((SHOP, BARE), (), Status.PARTIAL, {"no_cdn_log"}),
    "not logged": ((BARE,), (), Status.FAIL, {"no_cdn_log"}),
    "delivered by CloudWatch Logs": ((BARE,), (DELIVERED,), Status.PASS, set()),
    "other logs delivered": (
        (BARE,),
        (replace(DELIVERED, log_type="CONNECTION_LOGS"),),
        Status.FAIL,
        {"no_cdn_log"},
    ),
    "another one's log delivered": (
        (BARE,),
        (replace(DELIVERED, resource_arn="arn:cdn:other"),),
        Status.FAIL,
        {"no_cdn_log"},
    ),
    "none": ((), (), Status.NOT_APPLICABLE, set()),
}


@pytest.mark.parametrize(("found", "deliveries", "status", "expected"), CASES.values(), ids=CASES)
def test_where_each_distribution_is_logged_decides(
    found: Any, deliveries: Any, status: Status, expected: set[str]
) -> None:
    verdict = judge(subject(found, deliveries))

    assert (verdict.status, codes(verdict)) == (status, expected)


def test_the_distribution_is_named() -> None:
    (problem,) = judge(subject((BARE,))).problems

    assert (problem.resource, problem.name) == ("arn:cdn:bare", "bare.example.com")
    assert problem.region == "global"


@pytest.mark.parametrize("outcome", [Outcome.ACCESS_DENIED, Outcome.REGION_BLOCKED])
def test_deliveries_that_were_not_seen_leave_a_gap_open_and_a_log_alone(outcome: Outcome) -> None:
    assert judge(subject((BARE,), outcome)).status == Status.UNKNOWN
    assert judge(subject((SHOP,), outcome)).status == Status.PASS


def test_deliveries_of_other_regions_are_not_of_distributions() -> None:
    elsewhere = {(ACCOUNT, logs.deliveries, OTHER): (DELIVERED,)}
    assert judge(subject((BARE,), more=elsewhere)).status == Status.FAIL


def test_other_partitions_have_no_such_deliveries() -> None:
    about = row(partition="aws-cn")
    assert judge(subject((BARE,), Outcome.NEVER_COLLECTED, account=about)).status == Status.FAIL


def test_distributions_that_were_not_listed_are_missing() -> None:
    with pytest.raises(Missing):
        judge(subject(Outcome.ACCESS_DENIED))


def test_an_excepted_distribution_leaves_the_count() -> None:
    found = judge(subject((SHOP, BARE), excepted="arn:cdn:bare"))
    assert (found.status, found.problems) == (Status.PASS, [])


def test_a_decision_to_do_without_stands_for_the_log() -> None:
    answer = attested(item.key, "declined")
    assert judge(subject((BARE,), attestations=[answer])).reason == Reason.DECLINED
