"""Requests to every load balancer are logged."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

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
    findings={
        "no_lb_log": FindingKind("Load balancer without access log", Severity.LOW),
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
