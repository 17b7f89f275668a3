"""Requests to every distribution are logged."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.5.6",
    title="CloudFront access logs",
    guidance=(
        "What CloudFront answers from its cache never reaches the workload, and neither does its "
        "log. Standard logs, real-time logs or a log delivery of the distribution keep those "
        "requests."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_cdn_log": FindingKind("Distribution without access log", Severity.LOW),
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
        "prowler": ("cloudfront_distributions_logging_enabled",),
        "securityhub": ("CloudFront.5",),
    },
    fix=Fix(
        "Enable standard or real-time logs of each distribution.",
        "Access logs (standard logs)",
    ),
    source_url="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html",
)
