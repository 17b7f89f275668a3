"""Where the organization has no trail, or stores leave accounts out, each account is judged by what
covers it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import cloudtrail, logs, securitylake
from collectors.services.cloudtrail import Coverage, Trail
from collectors.services.logs import TrailLogs
from roadmap.items.detection.principal_search import item, judge_alone
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.test_principal_search import (
    LAKE,
    SHORT,
    STORE,
    TRAIL,
    at,
    seen,
)
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, SECURITY, attested, row
from tests.roadmap.items.visibility.central import HOME, OTHER, everywhere

Facts = dict[tuple[Any, ...], Any]
OWN = Trail(
    f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/own",
    "own",
    HOME,
    "shared-logs",
    is_multi_region=True,
    is_logging=True,
    management_events=Coverage.ALL,
)
SHARED = at("s3://shared-logs/AWSLogs/")
GROUP = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:own:*"
OWN_GROUP = TrailLogs(OWN.arn, log_group=GROUP)
NONE = {"no_log_search"}


def alone(
    *tables: Any,
    own: Any = (OWN,),
    groups: Any = (),
    about: str = ACCOUNT,
    more: Facts | None = None,
    **rest: Any,
) -> Subject:
    facts: Facts = {
        **everywhere(about, cloudtrail.trails, own),
        **everywhere(about, logs.trail_logs, ()),
        (about, logs.trail_logs, HOME): groups,
    }
    return seen(
        *tables,
        trail=rest.pop("trail", None),
        account=row(about),
        more=facts | (more or {}),
        **rest,
    )


def in_region(region: str) -> Trail:
    return replace(OWN, arn=f"arn:{region}", home_region=region, is_multi_region=False)


def of_account(account: str) -> Any:
    return at(f"s3://shared-logs/AWSLogs/{account}/CloudTrail/")


PART = "store leaves part out"
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "a table over the bucket of its own trail": (
        alone(SHARED),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a table of this account in it": (
        alone(of_account(ACCOUNT)),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a table of another account in it": (
        alone(of_account(MANAGEMENT)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a table of this account over the organization's bucket": (
        alone(at(f"s3://trail/AWSLogs/o-1/{ACCOUNT}/CloudTrail/"), own=(), trail=TRAIL),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a table of one Region": (
        alone(at(f"s3://shared-logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/")),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "trails of one Region for each": (
        alone(SHARED, own=(in_region(HOME), in_region(OTHER))),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a trail of one Region": (alone(SHARED, own=(in_region(HOME),)), Status.PARTIAL, PART, set()),
    "a trail that leaves events out": (
        alone(SHARED, own=(replace(OWN, management_events=Coverage.PART),)),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a trail that is stopped": (
        alone(SHARED, own=(replace(OWN, is_logging=False),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "no trail": (alone(SHARED, own=()), Status.FAIL, "event history only", NONE),
    "a table under an exception": (
        alone(SHARED, exceptions=[Excepted(item.key, "*:table/logs/*")]),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a lake that has this account": (
        alone(own=(), lake=replace(LAKE, sources={ACCOUNT: (securitylake.MANAGEMENT_EVENTS,)})),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a lake that has others": (
        alone(own=(), lake=replace(LAKE, sources={MANAGEMENT: (securitylake.MANAGEMENT_EVENTS,)})),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a lake that has this account in one Region": (
        alone(own=(), more={(SECURITY, securitylake.data_lake, HOME): LAKE}),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a lake for a month": (
        alone(own=(), lake=replace(LAKE, retention_days=30)),
        Status.PARTIAL,
        "history too short",
        SHORT,
    ),
    "a store of the management account alone": (
        alone(own=(), stores=(replace(STORE, is_organization_store=False),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "the same, where it is the account": (
        alone(own=(), about=MANAGEMENT, stores=(replace(STORE, is_organization_store=False),)),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a log group of its own trail": (
        alone(groups=(OWN_GROUP,)),
        Status.PARTIAL,
        "history not asked",
        set(),
    ),
    "a log group of its own trail of one Region": (
        alone(own=(in_region(HOME),), groups=(replace(OWN_GROUP, trail=f"arn:{HOME}"),)),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a log group of another account": (
        alone(groups=(replace(OWN_GROUP, is_read=False),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "an answer": (
        alone(attestations=[attested(item.key, "done", "organization")]),
        Status.PASS,
        "search attested",
        set(),
    ),
}


@pytest.mark.parametrize(("about", "status", "line", "codes"), CASES.values(), ids=CASES)
def test_what_covers_the_account_decides(
    about: Subject, status: Status, line: str, codes: set[str]
) -> None:
    verdict = judge_alone(about)
    assert (verdict.status, verdict.rule) == (status, line), verdict.sentence
    assert {problem.code for problem in verdict.problems} == codes
    assert verdict.source == (Source.ATTESTED if line == "search attested" else Source.AUTOMATIC)


def test_an_account_that_cannot_be_searched_is_its_own_finding() -> None:
    (problem,) = judge_alone(alone()).problems
    assert (problem.code, problem.organization) == ("no_log_search", False)


def test_how_long_log_groups_of_members_keep_records_is_not_asked() -> None:
    verdict = judge_alone(alone(groups=(OWN_GROUP,)))
    assert verdict.incomplete
    assert verdict.sentence == (
        "Log group own lists the calls of a principal, but Cairn does not ask how far back."
    )


def test_of_the_management_account_s_own_trail_it_is() -> None:
    own = replace(OWN, arn=f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/own")
    logged = TrailLogs(own.arn, log_group=GROUP, retention_days=365)
    verdict = judge_alone(
        alone(own=(own,), about=MANAGEMENT, groups=(logged,), trail_logs=logged),
    )
    assert (verdict.status, verdict.rule) == (Status.PASS, "searchable store")


UNSEEN: dict[str, Facts] = {
    "its trails": {(ACCOUNT, cloudtrail.trails, OTHER): Outcome.ACCESS_DENIED},
    "its log groups": {(ACCOUNT, logs.trail_logs, OTHER): Outcome.ACCESS_DENIED},
    "the organization's trails": {
        (MANAGEMENT, cloudtrail.organization_trails): Outcome.ACCESS_DENIED
    },
    "a lake": {(SECURITY, securitylake.data_lake, HOME): Outcome.ACCESS_DENIED},
}


@pytest.mark.parametrize("more", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_saw_is_unknown(more: Facts) -> None:
    verdict = judge_alone(alone(more=more))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    found = judge_alone(alone(SHARED, more=more))
    assert (found.status, found.incomplete) == (Status.PASS, True)


def test_the_organization_s_trail_is_seen_from_the_account_too() -> None:
    unseen = {(MANAGEMENT, cloudtrail.organization_trails): Outcome.ACCESS_DENIED}
    shadow = replace(TRAIL, bucket="shared-logs")
    verdict = judge_alone(alone(SHARED, own=(shadow,), more=unseen))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


def test_blocked_regions_hide_nothing() -> None:
    more = {(ACCOUNT, one, OTHER): Outcome.REGION_BLOCKED for one in (cloudtrail.trails,)}
    assert judge_alone(alone(more=more)).status == Status.FAIL
