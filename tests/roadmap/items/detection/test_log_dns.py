"""DNS queries of every VPC are logged, or it is decided to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import ec2, route53resolver, securitylake
from collectors.services.ec2 import Interfaces, Vpc
from collectors.services.route53resolver import QueryLog
from roadmap.items.detection.log_dns import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.logs import HOME, OTHER, at_home, lake, seen
from tests.roadmap.items.subjects import ACCOUNT, LOGS, SECURITY, attested, codes, row
from tests.roadmap.items.visibility.central import everywhere

GOOD = QueryLog("vpc-1", "rslvr-qlc-1", "ACTIVE", "NONE", "arn:aws:s3:::queries")
USED = (Interfaces("vpc-1"), Interfaces("vpc-2"), Interfaces("vpc-9"))
ONE, TWO = (Vpc("vpc-1"),), (Vpc("vpc-1"), Vpc("vpc-2", "main"))


def subject(
    vpcs: Any, logs: Any, more: dict[tuple[Any, ...], Any] | None = None, **rest: Any
) -> Subject:
    facts = at_home({ec2.vpcs: vpcs, ec2.interfaces: USED, route53resolver.query_logs: logs})
    return seen(facts, more or {}, item=item, **rest)


CASES: dict[str, tuple[Any, Any, Any, Status, set[str]]] = {
    "logged": (ONE, (GOOD,), {}, Status.PASS, set()),
    "one of two": (TWO, (GOOD,), {}, Status.PARTIAL, {"no_dns_log"}),
    "not logged": (ONE, (), {}, Status.FAIL, {"no_dns_log"}),
    "cannot write": (
        ONE,
        (replace(GOOD, status="ACTION_NEEDED", error="ACCESS_DENIED"),),
        {},
        Status.FAIL,
        {"log_delivery_failed"},
    ),
    "two logs, one of which cannot write": (
        ONE,
        (GOOD, replace(GOOD, config_id="rslvr-qlc-2", error="DESTINATION_NOT_FOUND")),
        {},
        Status.PASS,
        {"log_delivery_failed"},
    ),
    "a status nobody knows yet": (
        ONE,
        (replace(GOOD, status="TOMORROW"),),
        {},
        Status.FAIL,
        {"no_dns_log"},
    ),
    "security lake": (ONE, (), lake(securitylake.QUERY_LOGS), Status.PASS, set()),
    "security lake of another source": (
        ONE,
        (),
        lake(securitylake.FLOW_LOGS),
        Status.FAIL,
        {"no_dns_log"},
    ),
    "a VPC without interfaces": (
        (Vpc("vpc-1"), Vpc("vpc-empty")),
        (GOOD,),
        {},
        Status.PASS,
        set(),
    ),
    "only a VPC without interfaces": (
        (Vpc("vpc-empty"),),
        (),
        {},
        Status.NOT_APPLICABLE,
        set(),
    ),
    "a VPC that another account shares": (
        (Vpc("vpc-1"), Vpc("vpc-9", owner_id=SECURITY)),
        (GOOD,),
        {},
        Status.PASS,
        set(),
    ),
    "no VPC": ((), (), {}, Status.NOT_APPLICABLE, set()),
}


@pytest.mark.parametrize(("vpcs", "logs", "more", "status", "expected"), CASES.values(), ids=CASES)
def test_what_each_vpc_has_decides(
    vpcs: Any, logs: Any, more: Any, status: Status, expected: set[str]
) -> None:
    found = judge(subject(vpcs, logs, more))

    assert (found.status, codes(found)) == (status, expected)


def test_the_vpc_is_named_with_its_region() -> None:
    found = judge(subject(TWO, (GOOD,)))

    (problem,) = found.problems
    assert problem.resource == f"arn:aws:ec2:{HOME}:{ACCOUNT}:vpc/vpc-2"
    assert (problem.name, problem.region) == ("main", HOME)
    assert found.sentence == "1 of 2 VPCs logged; not main."
    assert found.facts["destinations"] == ["arn:aws:s3:::queries"]


def test_logs_of_one_vpc_that_cannot_write_are_one_finding_which_names_each() -> None:
    gone = replace(GOOD, error="DESTINATION_NOT_FOUND")
    waiting = replace(GOOD, config_id="rslvr-qlc-2", status="ACTION_NEEDED", error="")
    (problem,) = judge(subject(ONE, (gone, waiting))).problems

    assert problem.detail == "rslvr-qlc-1: DESTINATION_NOT_FOUND and rslvr-qlc-2: ACTION_NEEDED."


def test_what_was_seen_is_not_said_to_be_all() -> None:
    denied = {(ACCOUNT, ec2.vpcs, OTHER): Outcome.ACCESS_DENIED}
    told = f"Could not be told: {OTHER} (access denied)."

    one = judge(subject(ONE, (GOOD,), denied)).sentence
    assert one == f"The one VPC that was seen is logged. {told}"
    two = judge(subject(TWO, (GOOD, replace(GOOD, vpc_id="vpc-2")), denied)).sentence
    assert two == f"All 2 VPCs that were seen are logged. {told}"
    assert judge(subject((), (), denied)).sentence == f"No VPC to log was seen. {told}"


def test_a_vpc_in_which_only_other_accounts_have_something_counts() -> None:
    shared = (Interfaces("vpc-shared", owner_id=LOGS),)
    more = {(ACCOUNT, ec2.interfaces, HOME): shared}
    found = judge(subject((Vpc("vpc-shared"),), (), more))

    assert (found.status, codes(found)) == (Status.FAIL, {"no_dns_log"})


def test_empty_vpcs_count_where_the_company_wants_them_logged() -> None:
    settings = {"LOG_SKIP_EMPTY_VPCS": False}
    found = judge(subject((Vpc("vpc-empty"),), (), settings=settings))

    assert (found.status, codes(found)) == (Status.FAIL, {"no_dns_log"})


def test_the_company_says_how_many_are_enough() -> None:
    half = {"LOG_PASS_PCT": 50, "LOG_PARTIAL_PCT": 10}
    most = {"LOG_PASS_PCT": 100, "LOG_PARTIAL_PCT": 60}

    assert judge(subject(TWO, (GOOD,), settings=half)).status == Status.PASS
    assert judge(subject(TWO, (GOOD,), settings=most)).status == Status.FAIL


def test_an_excepted_vpc_leaves_the_count() -> None:
    about = subject(TWO, (GOOD,), excepted="arn:aws:ec2:*:vpc/vpc-2")
    found = judge(about)

    assert (found.status, found.problems) == (Status.PASS, [])
    assert found.facts["resources"] == 1
    assert list(about.excepted) == [f"arn:aws:ec2:{HOME}:{ACCOUNT}:vpc/vpc-2"]


@pytest.mark.parametrize(
    "collector", [ec2.vpcs, ec2.interfaces, route53resolver.query_logs], ids=str
)
def test_a_region_that_was_not_seen_leaves_a_pass_open(collector: Any) -> None:
    denied = {
        (ACCOUNT, ec2.vpcs, OTHER): ONE,
        (ACCOUNT, ec2.interfaces, OTHER): USED,
        (ACCOUNT, collector, OTHER): Outcome.ACCESS_DENIED,
    }
    found = judge(subject(ONE, (GOOD,), denied))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert found.facts["unseen"] == {OTHER: "access_denied"}
    assert f"Could not be told: {OTHER} (access denied)." in found.sentence


def test_and_leaves_a_fail_a_fail() -> None:
    found = judge(subject(ONE, (), {(ACCOUNT, ec2.vpcs, OTHER): Outcome.THROTTLED}))

    assert (found.status, found.incomplete) == (Status.FAIL, True)


def test_where_nothing_was_seen_the_reason_is_that_of_all_regions() -> None:
    found = judge(seen(everywhere(ACCOUNT, ec2.vpcs, Outcome.ACCESS_DENIED)))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_blocked_region_has_nothing_to_log() -> None:
    blocked = {(ACCOUNT, ec2.vpcs, OTHER): Outcome.REGION_BLOCKED}
    assert judge(subject(ONE, (GOOD,), blocked)).status == Status.PASS


def test_blocked_everywhere_is_unknown() -> None:
    found = judge(seen(everywhere(ACCOUNT, ec2.vpcs, Outcome.REGION_BLOCKED)))

    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.REGION_UNREACHABLE)


def test_offered_nowhere_is_not_applicable() -> None:
    found = judge(seen(everywhere(ACCOUNT, ec2.vpcs, Outcome.SERVICE_UNAVAILABLE)))

    assert (found.status, found.reason) == (Status.NOT_APPLICABLE, Reason.SERVICE_UNAVAILABLE)


def test_a_lake_that_could_not_be_seen_leaves_a_gap_open_and_a_log_alone() -> None:
    unseen = everywhere(LOGS, securitylake.data_lake, Outcome.ACCESS_DENIED)

    assert judge(subject(ONE, (), unseen)).status == Status.UNKNOWN
    assert judge(subject(ONE, (GOOD,), unseen)).status == Status.PASS


def test_a_lake_that_aws_does_not_offer_is_none() -> None:
    absent = everywhere(LOGS, securitylake.data_lake, Outcome.SERVICE_UNAVAILABLE)
    assert judge(subject(ONE, (), absent)).status == Status.FAIL


@pytest.mark.parametrize("level", ["account", "team", "organization"])
def test_a_decision_to_do_without_stands_for_the_log(level: str) -> None:
    answer = attested(item.key, "declined", level)
    found = judge(subject(ONE, (), attestations=[answer]))

    assert (found.status, found.reason) == (Status.NOT_APPLICABLE, Reason.DECLINED)
    assert (found.source, found.problems) == (Source.ATTESTED, ())
    assert found.sentence == f"Declined for the {level}: Checked."
    assert found.facts["decision"] == {"level": level, "reason": "Checked."}


def test_it_holds_where_nothing_was_collected() -> None:
    answer = attested(item.key, "declined", "organization")
    assert judge(seen(attestations=[answer])).reason == Reason.DECLINED


def test_whoever_declined_is_named() -> None:
    answer = replace(attested(item.key, "declined"), author="Ada")
    found = judge(subject(ONE, (), attestations=[answer]))

    assert found.sentence == "Declined for the account by Ada: Checked."


def test_once_it_has_expired_the_log_decides_again() -> None:
    answer = attested(item.key, "declined", days_left=-1)
    found = judge(subject(ONE, (), attestations=[answer]))

    assert (found.status, codes(found)) == (Status.FAIL, {"no_dns_log"})
    assert found.sentence.endswith("Declining it has expired.")


@pytest.mark.parametrize("claim", ["done", "partly", "not_done"])
def test_no_other_answer_changes_what_was_seen(claim: str) -> None:
    answer = attested(item.key, claim)

    assert judge(subject(ONE, (), attestations=[answer])).status == Status.FAIL
    assert judge(subject(ONE, (GOOD,), attestations=[answer])).status == Status.PASS


def test_an_account_that_wants_the_log_is_not_spoken_for_by_the_organization() -> None:
    answers = [attested(item.key, "declined", "organization"), attested(item.key, "done")]
    assert judge(subject(ONE, (), attestations=answers)).status == Status.FAIL


def test_regions_nobody_told_of_are_missing() -> None:
    with pytest.raises(Missing):
        judge(seen(account=row(), regions={}))
