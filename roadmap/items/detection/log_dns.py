"""DNS queries of every VPC are logged."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.5.1",
    title="VPC DNS query logs",
    guidance=(
        "Malware asks for names before it talks to anybody. Resolver query logs show which name "
        "was asked for from which VPC. A configuration shared from another account counts once it"
        " is associated with the VPC."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_dns_log": FindingKind("VPC without DNS query log", Severity.LOW),
        "log_delivery_failed": FindingKind("Log delivery fails", Severity.MEDIUM),
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
    fix=Fix(
        "Associate a query log configuration with every VPC, shared from the log account.",
        "Resolver query logging",
    ),
    source_url="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
)
