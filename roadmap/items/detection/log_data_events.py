"""A trail records reads and writes of objects and calls of functions."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

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
    findings={
        "data_events_off": FindingKind("Data events off", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
        Attestable(
            Level.TEAM,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
        Attestable(
            Level.ORGANIZATION,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
    ),
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
