"""Requests to every distribution are logged.

Reads distributions and their configuration (cloudfront:ListDistributions, GetDistributionConfig)
and log deliveries (logs:DescribeDeliveries), which CloudFront has in one Region only, and in
partitions other than aws not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.services import cloudfront, logs
from roadmap.readings.log_sources import Logged, asks, of_parts, unless_declined
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict

DELIVERIES_IN = "us-east-1"


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    found = subject.facts.get(cloudfront.distributions)
    return of_parts(
        subject, "distribution", {one.name or one.arn: _looker(subject, one) for one in found}
    )


def _looker(subject: Subject, one: cloudfront.Distribution) -> Callable[[], Iterator[Logged]]:
    return lambda: _of_distribution(subject, one)


def _of_distribution(subject: Subject, one: cloudfront.Distribution) -> Iterator[Logged]:
    if one.has_log:
        yield Logged(one.arn, one.name, 1, one.destination)
        return
    destination = _delivered_to(subject, one.arn)
    if destination:
        yield Logged(one.arn, one.name, 1, destination)
        return
    yield Logged(one.arn, one.name, 0, problems=(Problem("no_cdn_log", one.arn, one.name),))


def _delivered_to(subject: Subject, arn: str) -> str:
    """Where CloudWatch Logs delivers its access log; empty if nowhere."""
    if subject.account.partition != "aws":
        return ""
    deliveries = subject.facts.get(logs.deliveries, DELIVERIES_IN)
    found = (d for d in deliveries if d.resource_arn == arn and d.has_access_log)
    return next((d.destination or "a log delivery" for d in found), "")


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
    judge=judge,
    reads=(
        cloudfront.distributions,
        logs.deliveries,
    ),
    findings={
        "no_cdn_log": FindingKind("Distribution without access log", Severity.LOW),
    },
    attests=asks("who requested what from CloudFront, also where its cache answered"),
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
