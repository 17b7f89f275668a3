"""The calls of a principal can be listed, over all accounts and far enough back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import athena, cloudtrail, glue, logs, securitylake
from collectors.services.cloudtrail import Coverage, EventDataStore, Trail
from collectors.services.glue import TrailTable
from collectors.services.logs import TrailLogs
from collectors.services.securitylake import MANAGEMENT_EVENTS, DataLake
from roadmap.items.detection.principal_search import item, judge
from roadmap.subject import Company, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    REGIONS,
    SECURITY,
    attested,
    row,
    standalone,
    subject,
)
from tests.roadmap.items.visibility.central import HOME, OTHER, SECURITY_ACCOUNTS, everywhere

Facts = dict[tuple[Any, ...], Any]
MEMBERS = {one: row(one) for one in (MANAGEMENT, ACCOUNT)}
COMPANY = Company(accounts={**MEMBERS, "5": row("5", state="SUSPENDED")})
TRAIL = Trail(
    "arn:aws:cloudtrail:us-east-1:111111111111:trail/company",
    home_region=HOME,
    bucket="trail",
    is_organization_trail=True,
    is_multi_region=True,
    is_logging=True,
    management_events=Coverage.ALL,
)
GROUP = f"arn:aws:logs:us-east-1:{MANAGEMENT}:log-group:company:*"
LOG_GROUP = TrailLogs(TRAIL.arn, True, log_group=GROUP)
TABLE = TrailTable("logs", "calls", "s3://trail/AWSLogs/o-a1b2c3d4e5/", "CloudTrail")
STORE = EventDataStore("arn:store", "lake", "ENABLED", True, True, Coverage.ALL, 365)
LAKE = DataLake("COMPLETED", "arn:lake", dict.fromkeys(MEMBERS, (MANAGEMENT_EVENTS,)))


def seen(
    *tables: TrailTable,
    groups: Any = ("primary",),
    trail: Trail | None = TRAIL,
    lake: DataLake | None = None,
    stores: tuple[EventDataStore, ...] = (),
    trail_logs: TrailLogs | None = None,
    more: Facts | None = None,
    **rest: Any,
) -> Subject:
    values = {
        (MANAGEMENT, cloudtrail.organization_trails): (trail,) if trail else (),
        (MANAGEMENT, logs.organization_trail_logs): (trail_logs,) if trail_logs else (),
        **everywhere(MANAGEMENT, cloudtrail.event_data_stores, ()),
        (MANAGEMENT, cloudtrail.event_data_stores, OTHER): stores,
    }
    for owner in (SECURITY, LOGS):
        values |= everywhere(owner, glue.trail_tables, ())
        values |= everywhere(owner, athena.work_groups, groups)
        values |= everywhere(owner, securitylake.data_lake, DataLake())
    values[LOGS, glue.trail_tables, OTHER] = tables
    if lake:
        values |= everywhere(SECURITY, securitylake.data_lake, lake)
    return subject(
        values | (more or {}),
        rest.pop("account", row(MANAGEMENT)),
        settings={"SECURITY_ACCOUNTS": SECURITY_ACCOUNTS, **rest.pop("settings", {})},
        company=COMPANY,
        **rest,
    )


def at(location: str) -> TrailTable:
    return replace(TABLE, location=location)


SHORT = {"log_history_short"}
NONE = {"no_log_search"}
PART = "store leaves part out"
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "a table over the bucket": (seen(TABLE), Status.PASS, "searchable store", set()),
    "a table over the whole bucket": (
        seen(at("s3://trail")),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "Parquet in the bucket": (
        seen(replace(TABLE, location="s3://trail/parquet/", format="Parquet")),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "Security Lake": (seen(lake=LAKE), Status.PASS, "searchable store", set()),
    "an event data store": (seen(stores=(STORE,)), Status.PASS, "searchable store", set()),
    "a log group for ever": (seen(trail_logs=LOG_GROUP), Status.PASS, "searchable store", set()),
    "a log group for long enough": (
        seen(trail_logs=replace(LOG_GROUP, retention_days=180)),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "an answer": (
        seen(attestations=[attested(item.key, "done", "organization")]),
        Status.PASS,
        "search attested",
        set(),
    ),
    "a log group for three months": (
        seen(trail_logs=replace(LOG_GROUP, retention_days=90)),
        Status.PARTIAL,
        "history too short",
        SHORT,
    ),
    "an event data store for a week": (
        seen(stores=(replace(STORE, retention_days=7),)),
        Status.PARTIAL,
        "history too short",
        SHORT,
    ),
    "an event data store that does not say how long": (
        seen(stores=(replace(STORE, retention_days=0),)),
        Status.PARTIAL,
        "history too short",
        SHORT,
    ),
    "a lake for a month": (
        seen(lake=replace(LAKE, retention_days=30)),
        Status.PARTIAL,
        "history too short",
        SHORT,
    ),
    "a table of one account": (
        seen(at(f"s3://trail/AWSLogs/o-a1b2c3d4e5/{ACCOUNT}/CloudTrail/")),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a table of one Region": (
        seen(at("s3://trail/AWSLogs/CloudTrail/us-east-1/")),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a trail of one Region": (
        seen(TABLE, trail=replace(TRAIL, is_multi_region=False)),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a trail that leaves events out": (
        seen(trail_logs=LOG_GROUP, trail=replace(TRAIL, management_events=Coverage.PART)),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a lake that leaves accounts out": (
        seen(lake=replace(LAKE, sources={ACCOUNT: (MANAGEMENT_EVENTS,)})),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "a lake of one Region": (
        seen(more={(SECURITY, securitylake.data_lake, HOME): LAKE}),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "an event data store of one Region": (
        seen(stores=(replace(STORE, is_multi_region=False),)),
        Status.PARTIAL,
        PART,
        set(),
    ),
    "an event data store of part of the events, for a week": (
        seen(stores=(replace(STORE, management_events=Coverage.PART, retention_days=7),)),
        Status.PARTIAL,
        PART,
        SHORT,
    ),
    "nothing": (seen(), Status.FAIL, "event history only", NONE),
    "a table without a work group": (
        seen(TABLE, groups=()),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a table over another bucket": (
        seen(at("s3://trail-old/AWSLogs/")),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a table in a format nobody knows": (
        seen(replace(TABLE, format="")),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a table, and a trail that is stopped": (
        seen(TABLE, trail=replace(TRAIL, is_logging=False)),
        Status.FAIL,
        "event history only",
        set(),
    ),
    "a table, and a trail of one account": (
        seen(TABLE, trail=replace(TRAIL, is_organization_trail=False)),
        Status.FAIL,
        "event history only",
        set(),
    ),
    "a table, and a trail of data events alone": (
        seen(TABLE, trail=replace(TRAIL, management_events=Coverage.NONE)),
        Status.FAIL,
        "event history only",
        set(),
    ),
    "an answer in part": (
        seen(attestations=[attested(item.key, "partly", "organization")]),
        Status.PARTIAL,
        "search attested in part",
        set(),
    ),
    "a lake that failed": (
        seen(lake=replace(LAKE, status="FAILED")),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a lake of other logs": (
        seen(lake=replace(LAKE, sources={ACCOUNT: ("VPC_FLOW",)})),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "an event data store that is stopped": (
        seen(stores=(replace(STORE, status="STOPPED_INGESTION"),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "an event data store of one account": (
        seen(stores=(replace(STORE, is_organization_store=False),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "an event data store of no management events": (
        seen(stores=(replace(STORE, management_events=Coverage.NONE),)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a log group of another account": (
        seen(trail_logs=replace(LOG_GROUP, is_read=False)),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a log group that is gone": (
        seen(trail_logs=replace(LOG_GROUP, log_group="")),
        Status.FAIL,
        "event history only",
        NONE,
    ),
    "a log group of a trail that is stopped": (
        seen(trail_logs=LOG_GROUP, trail=replace(TRAIL, is_logging=False)),
        Status.FAIL,
        "event history only",
        set(),
    ),
    "a lake, and no account known but its own": (
        replace(seen(lake=LAKE), company=Company()),
        Status.PASS,
        "searchable store",
        set(),
    ),
    "a table under an exception": (
        seen(TABLE, exceptions=[Excepted(item.key, "arn:aws:glue:*:table/logs/*")]),
        Status.FAIL,
        "event history only",
        NONE,
    ),
}


@pytest.mark.parametrize(("about", "status", "line", "codes"), CASES.values(), ids=CASES)
def test_what_can_be_searched_decides(
    about: Subject, status: Status, line: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, line)
    assert {problem.code for problem in verdict.problems} == codes
    assert all(problem.organization for problem in verdict.problems)


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_names_the_store_and_how_far_it_reaches() -> None:
    assert judge(seen(TABLE)).sentence == (
        "Table logs.calls of 444444444444 lists the calls of a principal, as far back as its "
        "bucket keeps files."
    )
    assert judge(seen(trail_logs=LOG_GROUP)).sentence.endswith("principal, without an end.")
    assert "365 days back" in judge(seen(stores=(STORE,))).sentence
    short = judge(seen(trail_logs=replace(LOG_GROUP, retention_days=90))).sentence
    assert short == "Log group company reaches only 90 days back, of 180 that are wanted."


def test_the_sentence_names_what_a_store_leaves_out_and_who_says_so() -> None:
    narrow = judge(seen(TABLE, trail=replace(TRAIL, management_events=Coverage.PART)))
    assert "covers part of the management events only" in narrow.sentence
    of_one = judge(seen(TABLE, trail=replace(TRAIL, is_multi_region=False)))
    assert f"covers {HOME} only" in of_one.sentence
    for claim in ("done", "partly"):
        said = replace(attested(item.key, claim, "organization"), author="Ada")
        assert "says Ada." in judge(seen(attestations=[said])).sentence


def test_work_groups_do_not_matter_where_there_is_no_table() -> None:
    more = {(LOGS, athena.work_groups, HOME): Outcome.ACCESS_DENIED}
    assert judge(seen(more=more)).status == Status.FAIL
    assert judge(seen(TABLE, more=more)).incomplete is False


def test_the_setting_says_how_far_back() -> None:
    about = seen(
        trail_logs=replace(LOG_GROUP, retention_days=90), settings={"LOG_SEARCH_MIN_DAYS": 90}
    )
    assert judge(about).status == Status.PASS


@pytest.mark.parametrize(("claim", "days_left"), [("done", -1), ("partly", -1), ("not_done", 30)])
def test_any_other_answer_changes_nothing(claim: str, days_left: int) -> None:
    given = attested(item.key, claim, "organization", days_left=days_left)
    assert judge(seen(attestations=[given])).status == Status.FAIL


HANDED_DOWN: dict[str, tuple[Subject, bool]] = {
    "the organization trail can be searched": (seen(TABLE), True),
    "the organization trail cannot be searched": (seen(), True),
    "searched without a trail": (seen(trail=None, lake=LAKE), True),
    "short, but for all": (seen(trail_logs=replace(LOG_GROUP, retention_days=90)), True),
    "no organization trail": (seen(trail=None), False),
    "a table of one account": (
        seen(at(f"s3://trail/AWSLogs/o-a1b2c3d4e5/{ACCOUNT}/CloudTrail/")),
        False,
    ),
    "a lake that leaves accounts out": (
        seen(lake=replace(LAKE, sources={ACCOUNT: (MANAGEMENT_EVENTS,)})),
        False,
    ),
    "no organization trail, and a lake nobody saw": (
        seen(trail=None, more={(SECURITY, securitylake.data_lake, HOME): Outcome.ACCESS_DENIED}),
        False,
    ),
    "a trail nobody saw": (
        seen(more={(MANAGEMENT, cloudtrail.organization_trails): Outcome.ACCESS_DENIED}),
        True,
    ),
}


@pytest.mark.parametrize(("about", "expected"), HANDED_DOWN.values(), ids=HANDED_DOWN)
def test_accounts_take_the_verdict_unless_they_differ(about: Subject, expected: bool) -> None:
    assert judge(about).is_handed_down is expected


def test_without_a_security_account_nobody_looked() -> None:
    about = seen()
    nobody = replace(about.facts.organization, security_account_ids=())
    verdict = judge(replace(about, facts=nobody.of(MANAGEMENT)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_what_only_a_person_says_is_attested() -> None:
    given = [attested(item.key, "done", "organization")]
    assert judge(seen(attestations=given)).source == Source.ATTESTED
    assert judge(seen(TABLE, attestations=given)).source == Source.AUTOMATIC


LOOKED_AT: list[tuple[str, Collector[Any], str]] = [
    (MANAGEMENT, cloudtrail.organization_trails, ""),
    (MANAGEMENT, logs.organization_trail_logs, ""),
    (MANAGEMENT, cloudtrail.event_data_stores, OTHER),
    (SECURITY, glue.trail_tables, HOME),
    (SECURITY, securitylake.data_lake, HOME),
]


@pytest.mark.parametrize(("owner", "collector", "region"), LOOKED_AT, ids=str)
def test_what_nobody_saw_is_unknown(owner: str, collector: Collector[Any], region: str) -> None:
    key = (owner, collector, region) if region else (owner, collector)
    verdict = judge(seen(more={key: Outcome.ACCESS_DENIED}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_table_whose_work_groups_nobody_saw_is_unknown() -> None:
    more = {(LOGS, athena.work_groups, OTHER): Outcome.ACCESS_DENIED}
    assert judge(seen(TABLE, more=more)).reason == Reason.ACCESS_DENIED


def test_what_is_seen_stands_though_more_is_unseen() -> None:
    more = {(SECURITY, securitylake.data_lake, HOME): Outcome.ACCESS_DENIED}
    verdict = judge(seen(TABLE, more=more))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


def test_a_table_over_a_trail_of_all_regions_passes_where_those_in_use_are_not_known() -> None:
    known = {SECURITY: REGIONS, LOGS: REGIONS}
    verdict = judge(seen(TABLE, regions=known))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    of_one = replace(TRAIL, is_multi_region=False)
    verdict = judge(seen(TABLE, trail=of_one, regions=known))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_a_region_without_security_lake_hides_nothing() -> None:
    more = {(SECURITY, securitylake.data_lake, HOME): Outcome.SERVICE_UNAVAILABLE}
    assert judge(seen(more=more)).status == Status.FAIL


def test_outside_any_organization_there_is_no_central_search() -> None:
    verdict = judge(seen(account=standalone()))
    assert (verdict.status, verdict.rule) == (Status.FAIL, "not in an organization")


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(subject({}, row(MANAGEMENT)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
