"""All calls of a principal in a period can be listed, over accounts and Regions."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.2.3",
    title="Actions searchable by principal",
    guidance=(
        "The first question of every investigation is what this key did, everywhere, since it "
        "leaked. CloudTrail's own event history answers it for one account, one Region and 90 "
        "days. A table over the trail's bucket, a data lake or a monitoring system answers it for"
        " all."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "no_log_search": FindingKind("Calls cannot be searched by principal", Severity.HIGH),
        "log_history_short": FindingKind("Searchable history too short", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Given a principal and a period, can its calls be listed? Link a saved query or "
                "its result."
            ),
        ),
    ),
    parent="detection.investigation",
    fix=Fix(
        (
            "Create an Athena table over the trail's bucket, and keep a query that lists a "
            "principal's calls."
        ),
        "Query AWS CloudTrail logs",
    ),
    source_url="https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html",
)
