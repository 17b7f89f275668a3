"""Requests to every bucket are logged.

Reads where buckets write server access logs (s3:GetBucketLogging), and for the others whether data
events cover them (cloudtrail:GetEventSelectors, Security Lake). Buckets that take the logs of
others, of buckets or of trails, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.data_events import S3_OBJECTS
from collectors.outcomes import Missing, Outcome
from collectors.services import account, cloudtrail, s3, securitylake
from roadmap.readings.log_sources import (
    Logged,
    asks,
    lake_collects,
    of_parts,
    serving_trails,
    unless_declined,
)
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    buckets = subject.facts.get(s3.bucket_logs)
    targets = {bucket.target for bucket in buckets} | set(_trail_buckets(subject))
    looks = {b.name: _looker(subject, b) for b in buckets if b.name not in targets}
    return of_parts(subject, "bucket", looks)


def _trail_buckets(subject: Subject) -> Iterator[str]:
    """Of the trails that could be seen."""
    for observation in subject.facts.by_region(cloudtrail.trails).values():
        if observation.outcome == Outcome.COLLECTED:
            yield from (trail.bucket for trail in observation.get())


def _looker(subject: Subject, bucket: s3.BucketLog) -> Callable[[], Iterator[Logged]]:
    return lambda: _of_bucket(subject, bucket)


def _of_bucket(subject: Subject, bucket: s3.BucketLog) -> Iterator[Logged]:
    arn = f"arn:{subject.account.partition}:s3:::{bucket.name}"
    if bucket.outcome != Outcome.COLLECTED:
        raise Missing(bucket.outcome, bucket.message)
    destination = bucket.target or _data_events_go_to(subject, bucket.region, arn)
    if destination:
        yield Logged(arn, bucket.name, 1, destination)
        return
    problem = Problem("no_bucket_log", arn, bucket.name, bucket.region or "global")
    yield Logged(arn, bucket.name, 0, problems=(problem,))


def _data_events_go_to(subject: Subject, region: str, arn: str) -> str:
    """The trail or lake that has the data events of the bucket; empty if none has. Raises Missing
    where one of them could not be seen and the other has not."""
    missing: Missing | None = None
    try:
        if trail := _covering_trail(subject, region, arn):
            return trail
    except Missing as caught:
        missing = caught
    if lake_collects(subject, securitylake.S3_OBJECTS, region):
        return "Security Lake"
    if missing is not None:
        raise missing
    return ""


def _covering_trail(subject: Subject, region: str, arn: str) -> str:
    """The name of a trail that records reads and writes of all objects; empty if none does."""
    for trail in serving_trails(subject, region):
        covering = [
            events
            for events in trail.data_events
            if events.kind == S3_OBJECTS and events.covers(f"{arn}/")
        ]
        if any(e.reads for e in covering) and any(e.writes for e in covering):
            return trail.name or trail.arn
    return ""


item = Item(
    __name__,
    order="4.5.4",
    title="S3 access logs",
    guidance=(
        "Server access logs show requests that reach a bucket without a principal of the account,"
        " such as those of anonymous readers. Where data events cover the bucket they serve as "
        "well; buckets that take logs need none."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        s3.bucket_logs,
        cloudtrail.trails,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_bucket_log": FindingKind("Bucket without access log", Severity.LOW),
    },
    attests=asks("who sent requests to a bucket, strangers included"),
    parent="detection.extra_logs",
    imports={
        "prowler": ("s3_bucket_server_access_logging_enabled",),
        "securityhub": ("S3.9",),
        "scoutsuite": ("s3-bucket-no-logging",),
    },
    fix=Fix(
        "Enable server access logging of buckets, or cover them with data events.",
        "Logging requests with server access logging",
    ),
    source_url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
)
