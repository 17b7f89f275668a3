"""What scanners found serves where Cairn has no access, and is held against what Cairn sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import dynamodb
from roadmap.evaluation.imports import lacks_access, with_imports
from roadmap.registry import ImportUse, items
from roadmap.scans import Counted, Failure, Scan
from roadmap.subject import Excepted
from roadmap.verdicts import (
    Problem,
    Reason,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    region_verdict,
    unknown,
)
from tests.roadmap.conftest import make_item
from tests.roadmap.items.subjects import ACCOUNT, NOW, REGIONS, row, scan, scanned, subject

CHECKS = {"prowler": ("open_port", "no_mfa"), "cloudmapper": ("OPEN_PORT",)}
BOTH = (Source.AUTOMATIC, Source.IMPORTED)
ITEM = make_item("inventory.any", imports=CHECKS, sources=BOTH)
DENIED = unknown(Reason.ACCESS_DENIED, "AWS refused.")
HOME, OTHER = REGIONS
ARN = "arn:aws:ec2:eu-west-1:222222222222:security-group/sg-1"
FAILURE = Failure("prowler", "open_port", HOME, ARN, NOW - timedelta(days=1))


def judged(
    verdict: Verdict, *found: Scan, item: Any = ITEM, failing: Any = (), **more: Any
) -> Verdict:
    about = subject(scans=scanned(item, *found, failing=failing), **more)
    return with_imports(item, about, verdict)


def at(days_ago: float, *numbers: int) -> Counted:
    return Counted(NOW - timedelta(days=days_ago), *numbers)


RESULTS: dict[str, tuple[Sequence[Scan], Status, str]] = {
    "all passed": ([scan(open_port=(3, 0), no_mfa=(1, 0))], Status.PASS, "imported: all passed"),
    "all failed": ([scan(open_port=(0, 2))], Status.FAIL, "imported: all failed"),
    "mixed in a check": ([scan(open_port=(1, 1))], Status.PARTIAL, "imported: mixed"),
    "mixed over checks": (
        [scan(open_port=(1, 0), no_mfa=(0, 1))], Status.PARTIAL, "imported: mixed",
    ),
    "mixed over scanners": (
        [
            scan(open_port=(1, 0)),
            Scan(
                "cloudmapper",
                regions=dict.fromkeys(REGIONS, NOW),
                results={"OPEN_PORT": {HOME: at(0, 0, 1)}},
            ),
        ],
        Status.PARTIAL,
        "imported: mixed",
    ),
    "muted ones fail": (
        [
            Scan(
                "prowler",
                regions=dict.fromkeys(REGIONS, NOW),
                results={"open_port": {HOME: at(1, 0, 2, 2)}},
            )
        ],
        Status.FAIL,
        "imported: all failed",
    ),
    "a scanner of failures that saw all and named none": (
        [scan(tool="cloudmapper")], Status.PASS, "imported: all passed",
    ),
    "results of no Region": (
        [
            Scan(
                "prowler",
                regions=dict.fromkeys(REGIONS, NOW),
                results={"open_port": {"global": at(1, 1)}},
            )
        ],
        Status.PASS,
        "imported: all passed",
    ),
    "results out of scope do not count beside those in it": (
        [
            Scan(
                "prowler",
                regions=dict.fromkeys(REGIONS, NOW),
                results={"open_port": {HOME: at(1, 1), "ap-south-1": at(1, 0, 1)}},
            )
        ],
        Status.PASS,
        "imported: all passed",
    ),
    "a service without Regions is told of in a Region out of scope": (
        [
            Scan(
                "prowler",
                regions=dict.fromkeys(REGIONS, NOW),
                results={"open_port": {"ap-south-1": at(1, 0, 1)}},
            )
        ],
        Status.FAIL,
        "imported: all failed",
    ),
    "almost too old": ([scan(13.9, open_port=(1, 0))], Status.PASS, "imported: all passed"),
}  # fmt: skip


@pytest.mark.parametrize(("found", "status", "rule"), RESULTS.values(), ids=RESULTS)
def test_results_serve_where_cairn_is_refused(
    found: Sequence[Scan], status: Status, rule: str
) -> None:
    verdict = judged(DENIED, *found)
    assert (verdict.status, verdict.rule, verdict.source) == (status, rule, Source.IMPORTED)
    assert verdict.facts == {"automatic": {"reason": "access_denied", "sentence": "AWS refused."}}


def test_what_cloudmapper_says_is_public_serves_with_its_instances_alone() -> None:
    item = items()["surface.no_public"]
    tool = "cloudmapper_public"
    exposed = scan(tool=tool, ec2=(0, 1)), scan(tool=tool, elbv2=(0, 1))
    for found, status in zip(exposed, (Status.FAIL, Status.PASS), strict=True):
        verdict = judged(DENIED, found, item=item)
        assert (verdict.status, verdict.source) == (status, Source.IMPORTED)
    assert verdict.sentence.startswith("CloudMapper public says pass")


UNFIT: dict[str, Sequence[Scan]] = {
    "none": [],
    "too old": [scan(14, open_port=(1, 0))],
    "seen whole too long ago": [
        replace(scan(1, open_port=(1, 0)), regions=dict.fromkeys(REGIONS, NOW - timedelta(days=14)))
    ],
    "one Region not seen whole": [scan(regions=[HOME], open_port=(1, 0))],
    "no check of the item": [scan(something_else=(9, 9))],
    "nothing decided": [
        Scan(
            "prowler",
            regions=dict.fromkeys(REGIONS, NOW),
            results={"open_port": {HOME: at(1, 0, 0, 0, 7)}},
        )
    ],
    "a result from before": [
        Scan(
            "prowler",
            regions=dict.fromkeys(REGIONS, NOW),
            results={"open_port": {HOME: at(15, 1)}},
        )
    ],
    "of one Region each": [
        scan(regions=[HOME], open_port=(1, 0)),
        scan(tool="cloudmapper", regions=[OTHER]),
    ],
}


@pytest.mark.parametrize("found", UNFIT.values(), ids=UNFIT)
def test_scans_that_are_old_short_or_silent_do_not_serve(found: Sequence[Scan]) -> None:
    assert judged(DENIED, *found) is DENIED


def test_where_the_regions_are_not_known_no_scan_is_known_to_cover_them() -> None:
    assert judged(DENIED, scan(open_port=(1, 0)), regions={}) is DENIED
    assert judged(DENIED, scan(regions=[], open_port=(1, 0)), regions={ACCOUNT: []}) is DENIED


def test_a_region_that_policies_block_need_not_be_covered() -> None:
    about = subject(
        {(ACCOUNT, dynamodb.tables, OTHER): Outcome.REGION_BLOCKED},
        scans=scanned(ITEM, scan(regions=[HOME], open_port=(1, 0))),
    )
    about.facts.by_region(dynamodb.tables)
    assert with_imports(ITEM, about, DENIED).status == Status.PASS


def test_how_new_a_scan_must_be_is_a_setting() -> None:
    old = scan(20, open_port=(1, 0))
    assert judged(DENIED, old, settings={"IMPORT_FALLBACK_DAYS": 30}).status == Status.PASS


REASONS = {
    Reason.ACCESS_DENIED: True,
    Reason.ASSUME_ROLE_DENIED: True,
    Reason.REGION_UNREACHABLE: True,
    Reason.NEVER_COLLECTED: False,
    Reason.STALE: False,
    Reason.THROTTLED: False,
    Reason.API_ERROR: False,
    Reason.JOB_TIMEOUT: False,
    Reason.PARTIAL_COLLECTION: False,
    Reason.NOT_CONFIGURED: False,
    Reason.NOT_ATTESTED: False,
    Reason.UNDETERMINED: False,
}


@pytest.mark.parametrize(("reason", "lacks"), REASONS.items(), ids=REASONS)
def test_only_a_refusal_is_want_of_access(reason: Reason, lacks: bool) -> None:
    verdict = unknown(reason, "Why.")
    assert lacks_access(verdict) is lacks
    assert (judged(verdict, scan(open_port=(1, 0))).status == Status.PASS) is lacks


PARTS = {
    "one Region refused": ({HOME: passed("Fine"), OTHER: DENIED}, True),
    "another throttled": ({HOME: DENIED, OTHER: unknown(Reason.THROTTLED, "Wait.")}, False),
}


@pytest.mark.parametrize(("parts", "lacks"), PARTS.values(), ids=PARTS)
def test_an_account_seen_in_part_lacks_access_if_all_of_the_rest_was_refused(
    parts: dict[str, Verdict], lacks: bool
) -> None:
    verdict = region_verdict(parts, "Some.")
    assert verdict.reason == Reason.PARTIAL_COLLECTION
    assert lacks_access(verdict) is lacks


DECIDED = [passed("Fine."), partly("Half."), failed("Bad.")]


@pytest.mark.parametrize("automatic", DECIDED, ids=lambda verdict: str(verdict.status))
@pytest.mark.parametrize(
    ("told", "status"),
    [((2, 0), Status.PASS), ((1, 1), Status.PARTIAL), ((0, 2), Status.FAIL)],
    ids=lambda value: str(value) if isinstance(value, Status) else "",
)
def test_where_both_know_cairn_decides_and_a_difference_is_reported(
    automatic: Verdict, told: tuple[int, int], status: Status
) -> None:
    verdict = judged(automatic, scan(open_port=told))
    assert (verdict.status, verdict.source) == (automatic.status, Source.AUTOMATIC)
    reported = [problem.code for problem in verdict.problems]
    assert reported == ([] if automatic.status == status else ["source_disagreement"])


def test_the_difference_says_who_says_what() -> None:
    (problem,) = judged(passed("Fine."), scan(open_port=(1, 2))).problems
    assert (problem.resource, problem.region) == ("", "global")
    assert problem.detail == (
        "Cairn says pass. Prowler says partial (23 Nov 2026): of 3 results of 1 check, 2 failed."
    )


NOT_BOTH = {
    "the scan is too old": (passed("Fine."), [scan(14, open_port=(0, 1))]),
    "the scan does not cover the account": (
        passed("Fine."), [scan(regions=[HOME], open_port=(0, 1))],
    ),
    "Cairn saw only part": (passed("Fine.", incomplete=True), [scan(open_port=(0, 1))]),
    "a person decided": (passed("Fine.", source=Source.ATTESTED), [scan(open_port=(0, 1))]),
    "nothing applies": (
        not_applicable(Reason.NO_RESOURCES, "None."), [scan(open_port=(0, 1))],
    ),
    "unknown for another reason": (unknown(Reason.STALE, "Old."), [scan(open_port=(0, 1))]),
}  # fmt: skip


@pytest.mark.parametrize(("verdict", "found"), NOT_BOTH.values(), ids=NOT_BOTH)
def test_without_two_that_decided_nothing_disagrees(
    verdict: Verdict, found: Sequence[Scan]
) -> None:
    assert judged(verdict, *found) is verdict


def test_an_exception_for_the_account_itself_covers_the_difference() -> None:
    excepted = [Excepted(ITEM.key, row().root_arn)]
    assert judged(passed("Fine."), scan(open_port=(0, 1)), exceptions=excepted).problems == ()


OLD = replace(FAILURE, seen_at=NOW - timedelta(days=2))
EXCEPTED: dict[str, tuple[tuple[int, int], Failure, Status]] = {
    "the only failure": ((1, 1), FAILURE, Status.PASS),
    "one of two": ((0, 2), FAILURE, Status.FAIL),
    "all there is": ((0, 1), FAILURE, Status.UNKNOWN),
    "one that the newest run did not count": ((1, 1), OLD, Status.PARTIAL),
    "one of another Region": ((1, 1), replace(FAILURE, region=OTHER), Status.PARTIAL),
}


@pytest.mark.parametrize(("told", "failure", "status"), EXCEPTED.values(), ids=EXCEPTED)
def test_resources_under_an_exception_leave_the_count(
    told: tuple[int, int], failure: Failure, status: Status
) -> None:
    found = judged(
        DENIED,
        scan(open_port=told),
        failing=[failure],
        exceptions=[Excepted(ITEM.key, "arn:aws:ec2:*:security-group/sg-1")],
    )
    assert found.status == status


OPEN = Problem("table_open", "arn:t/1")


def test_a_scan_in_cairns_place_resolves_none_of_its_findings() -> None:
    verdict = judged(unknown(Reason.ACCESS_DENIED, "No.", problems=[OPEN]), scan(open_port=(1, 0)))
    assert (verdict.incomplete, verdict.problems) == (True, [OPEN])


@pytest.mark.parametrize("use", [ImportUse.RULE, ImportUse.CONTEXT])
def test_what_is_read_by_the_rule_or_for_context_never_serves(use: ImportUse) -> None:
    item = make_item("inventory.any", imports=CHECKS, sources=BOTH, import_use=use)
    for verdict in (DENIED, passed("Fine.")):
        assert judged(verdict, scan(open_port=(0, 1)), item=item) is verdict


def test_an_item_that_takes_no_imports_is_decided_by_none() -> None:
    item = make_item("inventory.any", imports=CHECKS)
    assert judged(DENIED, scan(open_port=(1, 0)), item=item) is DENIED


def test_the_catalogue_marks_what_must_not_serve() -> None:
    marked = {
        key: item.import_use for key, item in items().items() if item.import_use != "fallback"
    }
    assert marked == {
        "visibility.initial_scan": ImportUse.RULE,
        "detection.regular_scans": ImportUse.RULE,
        "identity.secret_hooks": ImportUse.RULE,
        "identity.unused_roles": ImportUse.CONTEXT,
        "refinement.realtime": ImportUse.CONTEXT,
    }


def test_what_served_is_kept_and_what_agrees_is_not() -> None:
    about = subject(scans=scanned(ITEM, scan(2, open_port=(1, 1))))
    with_imports(ITEM, about, partly("Half."))
    assert (about.scans.kept, about.settings.read) == ({}, {})
    with_imports(ITEM, about, DENIED)
    (kept,) = about.scans.kept.values()
    at = NOW - timedelta(days=2)
    assert kept == {
        "tool": "prowler",
        "version": "5.13.0",
        "scan_id": "",
        "regions": dict.fromkeys(REGIONS, at),
        "checks": {
            "open_port": {
                "passed": 1, "failed": 1, "muted": 0, "undecided": 0, "failed_in": [HOME],
                "at": at,
            }
        },
        "at": at,
        "until": at + timedelta(days=14),
    }  # fmt: skip
    assert about.settings.read == {"IMPORT_FALLBACK_DAYS": 14}
