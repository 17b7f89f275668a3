"""Requests to every load balancer are logged.

Reads load balancers with their attributes and listeners (elasticloadbalancing:Describe*) and log
deliveries (logs:DescribeDeliveries), per Region. Gateway load balancers have no such log, network
ones only of TLS listeners.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.services import elb, elbv2, logs
from roadmap.readings.log_sources import Logged, asks, of_regions, resource_arn, unless_declined
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    def look(region: str) -> Iterator[Logged]:
        return _in_region(subject, region)

    return of_regions(subject, "load balancer", elbv2.load_balancers, look)


def _in_region(subject: Subject, region: str) -> Iterator[Logged]:
    for balancer in subject.facts.get(elbv2.load_balancers, region):
        if not balancer.can_log:
            continue
        destination = balancer.log_bucket if balancer.has_access_log else ""
        if not balancer.has_access_log:
            destination = _delivered_to(subject, region, balancer.arn)
        is_logged = balancer.has_access_log or bool(destination)
        yield _of(balancer.arn, balancer.name, region, is_logged, destination)
    for classic in subject.facts.get(elb.load_balancers, region):
        arn = resource_arn(subject, "elasticloadbalancing", region, f"loadbalancer/{classic.name}")
        yield _of(arn, classic.name, region, classic.has_access_log, classic.log_bucket)


def _of(arn: str, name: str, region: str, is_logged: bool, destination: str) -> Logged:
    if is_logged:
        return Logged(arn, name, 1, destination)
    return Logged(arn, name, 0, problems=(Problem("no_lb_log", arn, name, region),))


def _delivered_to(subject: Subject, region: str, arn: str) -> str:
    """Where CloudWatch Logs delivers its access log; empty if nowhere."""
    deliveries = subject.facts.get(logs.deliveries, region)
    found = (d for d in deliveries if d.resource_arn == arn and d.has_access_log)
    return next((d.destination or "a log delivery" for d in found), "")


item = Item(
    __name__,
    order="4.5.5",
    title="Load balancer access logs",
    guidance=(
        "The load balancer is where the internet meets the workload, and its log has the address "
        "the request really came from. Application and classic load balancers log all requests, "
        "network load balancers those of TLS listeners."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        elbv2.load_balancers,
        elb.load_balancers,
        logs.deliveries,
    ),
    findings={
        "no_lb_log": FindingKind("Load balancer without access log", Severity.LOW),
    },
    attests=asks("from which addresses requests came to a load balancer"),
    parent="detection.extra_logs",
    imports={
        "prowler": ("elb_logging_enabled", "elbv2_logging_enabled"),
        "securityhub": ("ELB.5",),
        "scoutsuite": ("elb-no-access-logs", "elbv2-no-access-logs"),
    },
    fix=Fix(
        "Switch on access logs of each load balancer, into the log bucket.",
        "Access logs for your Application Load Balancer",
    ),
    source_url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
)
