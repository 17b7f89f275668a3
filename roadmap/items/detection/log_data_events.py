"""A trail records reads and writes of objects and calls of functions.

Reads the trails that serve the account and their selectors (cloudtrail:DescribeTrails,
GetEventSelectors) and what Security Lake collects, per Region. A trail that is stopped or cannot
deliver serves nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from collectors.data_events import FUNCTIONS, S3_OBJECTS, DataEvents
from collectors.outcomes import Missing
from collectors.services import account, cloudtrail, securitylake
from roadmap.readings.log_sources import asks, lake_collects, serving_trails, unless_declined
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    partly,
    passed,
    region_verdict,
)

# What is recorded, its name in a sentence, and Security Lake's source for it.
KINDS: Mapping[str, tuple[str, str]] = {
    S3_OBJECTS: ("S3 objects", securitylake.S3_OBJECTS),
    FUNCTIONS: ("Lambda functions", securitylake.FUNCTIONS),
}


class Extent(StrEnum):
    """How much of a kind's events is recorded."""

    ALL = "all"
    ONE_WAY = "only reads or only writes"
    LISTED = "of listed resources or selected events only"
    NONE = "none"


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    trails = subject.facts.by_region(cloudtrail.trails)
    parts = each_region(trails, lambda region: _in_region(subject, region))
    said = over_regions(parts)
    short = any(part.status in (Status.PARTIAL, Status.FAIL) for part in parts.values())
    return region_verdict(
        parts,
        said,
        facts={"regions": {region: dict(part.facts) for region, part in parts.items()}},
        problems=[Problem("data_events_off", detail=said)] if short else [],
    )


def _in_region(subject: Subject, region: str) -> Verdict:
    """Raises Missing, unless Security Lake has everything whatever the trails record."""
    try:
        trails = serving_trails(subject, region)
    except Missing:
        if all(lake_collects(subject, source, region) for _, source in KINDS.values()):
            return replace(_whole(list(KINDS)), facts={"security_lake": list(KINDS)})
        raise
    recorded = [events for trail in trails for events in trail.data_events]
    by_trail = {kind: _extent([e for e in recorded if e.kind == kind]) for kind in KINDS}
    short = [kind for kind, extent in by_trail.items() if extent != Extent.ALL]
    by_lake = [kind for kind in short if lake_collects(subject, KINDS[kind][1], region)]
    facts = {
        "trails": [trail.arn for trail in trails if trail.data_events],
        **{kind: str(extent) for kind, extent in by_trail.items()},
        "security_lake": by_lake,
    }
    extents = by_trail | dict.fromkeys(by_lake, Extent.ALL)
    if set(extents.values()) == {Extent.ALL}:
        return replace(_whole(by_lake), facts=facts)
    return replace(_less(extents), facts=facts)


def _extent(events: Sequence[DataEvents]) -> Extent:
    whole = [e for e in events if not e.is_narrowed and not e.resources]
    reads, writes = any(e.reads for e in whole), any(e.writes for e in whole)
    if reads and writes:
        return Extent.ALL
    if reads or writes:
        return Extent.ONE_WAY
    return Extent.LISTED if any(e.reads or e.writes for e in events) else Extent.NONE


def _whole(by_lake: Sequence[str]) -> Verdict:
    both = "Data events of S3 objects and Lambda functions are recorded"
    if not by_lake:
        return passed(f"{both} by a trail", "trail records both")
    if len(by_lake) == len(KINDS):
        return passed(f"{both} by Security Lake", "security lake collects both")
    return passed(f"{both} by a trail and Security Lake", "trail and security lake together")


def _less(extents: Mapping[str, Extent]) -> Verdict:
    if set(extents.values()) == {Extent.NONE}:
        return failed("No data event is recorded", "no data events")
    said = ", ".join(f"{KINDS[kind][0]} {extent}" for kind, extent in extents.items())
    said = f"Data events are recorded in part: {said}"
    if Extent.ONE_WAY in extents.values():
        return partly(said, "reads or writes only")
    if Extent.LISTED in extents.values():
        return partly(said, "listed resources only")
    return partly(said, "one type only")


item = Item(
    __name__,
    order="4.5.3",
    title="S3 and Lambda data events",
    guidance=(
        "By default a trail records that a bucket was made and not that its objects were read. "
        "With data events for S3 and Lambda on, it can be said what was taken, object by object."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        cloudtrail.trails,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "data_events_off": FindingKind("Data events off", Severity.MEDIUM),
    },
    attests=asks("which objects were read and which functions called, and by whom"),
    parent="detection.extra_logs",
    imports={
        "prowler": (
            "cloudtrail_s3_dataevents_read_enabled",
            "cloudtrail_s3_dataevents_write_enabled",
            "awslambda_function_invoke_api_operations_cloudtrail_logging_enabled",
        ),
        "scoutsuite": ("cloudtrail-no-data-logging",),
    },
    fix=Fix(
        "Add data events for S3 objects and Lambda functions to the organization trail.",
        "Logging data events",
    ),
    source_url="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",
)
