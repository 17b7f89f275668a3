"""An account's management events are recorded in every Region, for the security account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Phase, Reach, collectors
from collectors.services import account, cloudtrail, ec2, s3, securitylake
from collectors.services.cloudtrail import Coverage, EventDataStore, Trail
from roadmap.items.visibility.cloudtrail import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    NOW,
    ORGANIZATION,
    REGIONS,
    SECURITY,
    row,
    standalone,
)
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

GOOD = Trail(
    arn=f"arn:aws:cloudtrail:{HOME}:{MANAGEMENT}:trail/company",
    name="company",
    home_region=HOME,
    bucket="company-logs",
    is_organization_trail=True,
    is_multi_region=True,
    has_global_service_events=True,
    has_log_file_validation=True,
    kms_key_id="arn:aws:kms:us-east-1:444444444444:key/1",
    management_events=Coverage.ALL,
    is_logging=True,
    latest_delivery_at=NOW - timedelta(minutes=10),
)
OWN = replace(
    GOOD,
    arn=f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/mine",
    name="mine",
    bucket="my-logs",
    is_organization_trail=False,
)
STORE = EventDataStore(
    arn=f"arn:aws:cloudtrail:{OTHER}:{MANAGEMENT}:eventdatastore/1",
    name="lake",
    status="ENABLED",
    is_multi_region=True,
    is_organization_store=True,
    management_events=Coverage.ALL,
)
LAKE = securitylake.DataLake(
    status="COMPLETED",
    arn="arn:aws:securitylake:us-east-1:333333333333:data-lake/default",
    sources={ACCOUNT: (securitylake.MANAGEMENT_EVENTS,)},
)


# What tells whether an account uses a Region.
PROBES = [c for c in collectors().values() if c.phase == Phase.PRESENCE]


def seen(*trails: Trail, **more: Any) -> Subject:
    """An account that shows these trails in every Region; nothing else records anything."""
    return central_subject(facts(*trails) | more.pop("facts", {}), **more)


def facts(*trails: Trail) -> dict[tuple[Any, ...], Any]:
    return {
        **everywhere(ACCOUNT, cloudtrail.trails, trails),
        (SECURITY, s3.buckets): (),
        (LOGS, s3.buckets): (s3.Bucket("company-logs", HOME),),
        **everywhere(MANAGEMENT, cloudtrail.event_data_stores, ()),
        **everywhere(SECURITY, securitylake.data_lake, securitylake.DataLake()),
        **everywhere(LOGS, securitylake.data_lake, securitylake.DataLake()),
        **{
            (ACCOUNT, probe, *([region] if probe.reach == Reach.REGIONAL else [])): ()
            for probe in PROBES
            for region in REGIONS
        },
    }


CASES = {
    "organization trail, central": ([GOOD], Status.PASS, set()),
    "besides, a stopped trail of its own": (
        [GOOD, replace(OWN, is_logging=False)],
        Status.PASS,
        set(),
    ),
    "no file validation": (
        [replace(GOOD, has_log_file_validation=False)],
        Status.PASS,
        {"trail_no_validation"},
    ),
    "no KMS key": ([replace(GOOD, kms_key_id="")], Status.PASS, {"trail_no_kms"}),
    "bucket of nobody in security": (
        [replace(GOOD, bucket="elsewhere")],
        Status.PARTIAL,
        {"trail_not_central"},
    ),
    "organization trail leaves out events": (
        [replace(GOOD, management_events=Coverage.PART)],
        Status.PARTIAL,
        {"trail_narrow"},
    ),
    "only an account trail": ([OWN], Status.PARTIAL, {"trail_not_central"}),
    "only an account trail, central": (
        [replace(OWN, bucket="company-logs")],
        Status.PARTIAL,
        set(),
    ),
    "stopped organization trail, working account trail": (
        [replace(GOOD, is_logging=False), OWN],
        Status.PARTIAL,
        {"trail_not_logging", "trail_not_central"},
    ),
    "account trail leaves out events": (
        [replace(OWN, management_events=Coverage.PART)],
        Status.FAIL,
        {"trail_narrow"},
    ),
    "organization trail of data events only": (
        [replace(GOOD, management_events=Coverage.NONE)],
        Status.FAIL,
        {"trail_narrow"},
    ),
    "no trail": ([], Status.FAIL, {"no_trail"}),
    "stopped": ([replace(GOOD, is_logging=False)], Status.FAIL, {"trail_not_logging"}),
    "cannot deliver": (
        [replace(GOOD, latest_delivery_error="AccessDenied")],
        Status.FAIL,
        {"trail_delivery_error"},
    ),
    "without global services": (
        [replace(GOOD, has_global_service_events=False)],
        Status.FAIL,
        {"no_trail"},
    ),
}


@pytest.mark.parametrize(("trails", "status", "codes"), CASES.values(), ids=CASES)
def test_trails_decide(trails: list[Trail], status: Status, codes: set[str]) -> None:
    verdict = judge(seen(*trails))
    assert verdict.status == status
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for _, _, codes in CASES.values()))


def test_an_organization_trail_satisfies_its_members_and_says_so() -> None:
    verdict = judge(seen(GOOD))
    assert (verdict.source, verdict.inherits_from) == (Source.INHERITED, ORGANIZATION)
    assert "company" in verdict.sentence
    assert f"{LOGS} (Log archive)" in verdict.sentence
    assert "all 2 Regions" in verdict.sentence


def test_the_management_account_inherits_its_own_trail_from_nobody() -> None:
    own = {**facts(), **everywhere(MANAGEMENT, cloudtrail.trails, (GOOD,))}
    verdict = judge(central_subject(own, account=row(MANAGEMENT)))
    assert (verdict.status, verdict.source) == (Status.PASS, Source.AUTOMATIC)


def test_a_stopped_organization_trail_is_reported_for_the_organization_once() -> None:
    problems = judge(seen(replace(GOOD, is_logging=False))).problems
    assert [(p.code, p.organization, p.region) for p in problems] == [
        ("trail_not_logging", True, HOME)
    ]


def test_a_failing_delivery_is_reported_in_each_region_of_the_account() -> None:
    problems = judge(seen(replace(GOOD, latest_delivery_error="AccessDenied"))).problems
    assert {(p.region, p.organization) for p in problems} == {(HOME, False), (OTHER, False)}


def test_a_single_region_trail_serves_its_home_region_only() -> None:
    verdict = judge(seen(replace(GOOD, is_multi_region=False)))
    assert verdict.status == Status.PARTIAL
    assert {r: p.status for r, p in verdict.regions.items()} == {
        HOME: Status.PASS,
        OTHER: Status.FAIL,
    }


SILENT = replace(GOOD, latest_delivery_at=NOW - timedelta(hours=30))


def test_a_trail_that_was_silent_too_long_fails_in_its_home_region() -> None:
    regions = judge(seen(SILENT)).regions
    assert regions[HOME].status == Status.FAIL
    assert regions[OTHER].status == Status.PASS


def test_a_silent_trail_fails_where_the_account_uses_the_region() -> None:
    used = {(ACCOUNT, ec2.instances, OTHER): (ec2.Instance("i-1"),)}
    assert judge(seen(SILENT, facts=used)).regions[OTHER].status == Status.FAIL


def test_where_nobody_knows_whether_a_region_is_used_a_silent_trail_is_in_doubt() -> None:
    denied = {(ACCOUNT, ec2.instances, OTHER): Outcome.ACCESS_DENIED}
    regions = judge(seen(SILENT, facts=denied)).regions
    assert (regions[OTHER].status, regions[OTHER].reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)
    assert judge(seen(GOOD, facts=denied)).status == Status.PASS


def test_the_patience_with_silent_trails_is_a_setting() -> None:
    assert judge(seen(SILENT, settings={"TRAIL_DELIVERY_MAX_HOURS": 48})).status == Status.PASS


def test_an_event_data_store_of_any_region_covers_all() -> None:
    store = {(MANAGEMENT, cloudtrail.event_data_stores, OTHER): (STORE,)}
    verdict = judge(seen(facts=store))
    assert (verdict.status, verdict.source) == (Status.PASS, Source.INHERITED)


@pytest.mark.parametrize(
    "flaw",
    [
        {"status": "STOPPED_INGESTION"},
        {"status": "NEW_STATUS"},
        {"is_multi_region": False},
        {"is_organization_store": False},
        {"management_events": Coverage.PART},
    ],
    ids=str,
)
def test_a_store_that_leaves_something_out_covers_nothing(flaw: dict[str, Any]) -> None:
    store = {(MANAGEMENT, cloudtrail.event_data_stores, OTHER): (replace(STORE, **flaw),)}
    assert judge(seen(facts=store)).status == Status.FAIL


def test_security_lake_covers_the_regions_it_collects_from() -> None:
    verdict = judge(seen(facts={(SECURITY, securitylake.data_lake, HOME): LAKE}))
    assert verdict.regions[HOME].status == Status.PASS
    assert verdict.regions[OTHER].status == Status.FAIL


@pytest.mark.parametrize("lake", [replace(LAKE, status="FAILED"), replace(LAKE, sources={})])
def test_security_lake_must_be_up_and_collect_from_the_account(
    lake: securitylake.DataLake,
) -> None:
    verdict = judge(seen(facts={(SECURITY, securitylake.data_lake, HOME): lake}))
    assert verdict.regions[HOME].status == Status.FAIL


UNSEEN = {
    "the account": (everywhere(ACCOUNT, cloudtrail.trails, Outcome.ASSUME_ROLE_DENIED), [GOOD]),
    "the owner of the bucket": (
        {(LOGS, s3.buckets): Outcome.ASSUME_ROLE_DENIED},
        [GOOD],
    ),
    "event data stores": (
        everywhere(MANAGEMENT, cloudtrail.event_data_stores, Outcome.ASSUME_ROLE_DENIED),
        [],
    ),
    "security lake": (
        everywhere(SECURITY, securitylake.data_lake, Outcome.ASSUME_ROLE_DENIED),
        [OWN],
    ),
}


@pytest.mark.parametrize(("missing", "trails"), UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_saw_is_unknown_with_the_reason(
    missing: dict[tuple[Any, ...], Any], trails: list[Trail]
) -> None:
    verdict = judge(seen(*trails, facts=missing))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ASSUME_ROLE_DENIED)
    assert not verdict.problems


NARROW = replace(GOOD, management_events=Coverage.PART)


@pytest.mark.parametrize("trail", [OWN, NARROW], ids=["account trail", "narrow"])
def test_a_trail_that_is_partial_anyway_is_so_whoever_owns_its_bucket(trail: Trail) -> None:
    verdict = judge(seen(trail, facts={(LOGS, s3.buckets): Outcome.ACCESS_DENIED}))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)
    assert all(part.incomplete for part in verdict.regions.values())
    assert "trail_not_central" not in {problem.code for problem in verdict.problems}
    assert "no security account owns" not in verdict.sentence


def test_one_central_trail_is_enough_although_another_could_not_be_placed() -> None:
    other = replace(GOOD, arn=f"{GOOD.arn}-2", name="other", bucket="audit-logs")
    owned = {
        (SECURITY, s3.buckets): (s3.Bucket("audit-logs", HOME),),
        (LOGS, s3.buckets): Outcome.ACCESS_DENIED,
    }
    assert judge(seen(GOOD, other, facts=owned)).status == Status.PASS


def test_stores_are_in_doubt_while_the_management_accounts_regions_are_not_known() -> None:
    verdict = judge(seen(OWN, regions={ACCOUNT: REGIONS, SECURITY: REGIONS, LOGS: REGIONS}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_a_pass_needs_nothing_that_could_not_be_seen_besides() -> None:
    missing = {
        **everywhere(MANAGEMENT, cloudtrail.event_data_stores, Outcome.ACCESS_DENIED),
        **everywhere(SECURITY, securitylake.data_lake, Outcome.ACCESS_DENIED),
        (SECURITY, s3.buckets): Outcome.ACCESS_DENIED,
    }
    assert judge(seen(GOOD, facts=missing)).status == Status.PASS


def test_no_lake_is_where_the_security_account_has_no_such_region() -> None:
    few = account.Regions(enabled=(HOME,))
    unasked = {
        (SECURITY, account.regions): few,
        (SECURITY, securitylake.data_lake, OTHER): Outcome.NEVER_COLLECTED,
    }
    assert judge(seen(facts=unasked)).regions[OTHER].status == Status.FAIL


def test_a_service_that_a_region_does_not_offer_casts_no_doubt() -> None:
    unavailable = everywhere(SECURITY, securitylake.data_lake, Outcome.SERVICE_UNAVAILABLE)
    assert judge(seen(facts=unavailable)).status == Status.FAIL


def test_a_blocked_region_is_outside_the_scope() -> None:
    blocked = {(ACCOUNT, cloudtrail.trails, OTHER): Outcome.REGION_BLOCKED}
    verdict = judge(seen(GOOD, facts=blocked))
    assert verdict.status == Status.PASS
    assert set(verdict.regions) == {HOME}


def test_an_account_blocked_everywhere_is_unknown() -> None:
    blocked = everywhere(ACCOUNT, cloudtrail.trails, Outcome.REGION_BLOCKED)
    verdict = judge(seen(GOOD, facts=blocked))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.REGION_UNREACHABLE)


def test_one_region_that_could_not_be_read_leaves_the_verdict_open() -> None:
    missing = {(ACCOUNT, cloudtrail.trails, OTHER): Outcome.THROTTLED}
    verdict = judge(seen(GOOD, facts=missing))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_an_account_outside_any_organization_is_judged_from_itself() -> None:
    verdict = judge(seen(OWN, account=standalone()))
    assert (verdict.status, verdict.source) == (Status.PARTIAL, Source.AUTOMATIC)


def test_the_evidence_does_not_change_with_each_delivery() -> None:
    later = replace(GOOD, latest_delivery_at=NOW - timedelta(minutes=1))
    assert judge(seen(GOOD)) == judge(seen(later))
