"""A serious GuardDuty finding reaches somebody from every Region in which GuardDuty runs."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.2.1",
    title="GuardDuty alerts reach people",
    guidance=(
        "GuardDuty tells EventBridge of its findings in the Region where they arise, and no "
        "further by itself. A rule with a target must catch them in each Region, or Security Hub "
        "must carry them to one Region where a rule does."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "guardduty_unheard": FindingKind("GuardDuty findings reach nobody", Severity.HIGH),
        "guardduty_low_filtered": FindingKind(
            "GuardDuty findings of lower severity left out", Severity.INFO
        ),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Does a monitoring or ticket system fetch the findings of all accounts and "
                "Regions, and when was that tested?"
            ),
            days_setting="ALERT_TEST_DAYS",
        ),
    ),
    parent="detection.investigation",
    fix=Fix(
        (
            "Put the same finding rule into every Region of the security account, or aggregate "
            "findings to one Region."
        ),
        "Processing GuardDuty findings with Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
