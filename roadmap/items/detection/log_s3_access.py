"""Requests to every bucket are logged."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

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
    findings={
        "no_bucket_log": FindingKind("Bucket without access log", Severity.LOW),
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
