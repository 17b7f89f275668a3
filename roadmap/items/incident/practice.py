"""An incident was rehearsed within the year, with times taken and lessons written down."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="10.2",
    title="Incident response practised",
    guidance=(
        "On the bad day people do what they have done before. Once a year a leaked key, a taken "
        "host or a stolen role is played through, at the table or for real, and it is noted how "
        "long it took to notice, to understand and to contain."
    ),
    scope="organization or team",
    flow=Flow.INHERIT,
    sources=(Source.ATTESTED,),
    findings={
        "practice_overdue": FindingKind("Exercise overdue", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Which scenario was practised when and how, how long did it take to detect, "
                "understand and contain, and where are the lessons?"
            ),
            days_setting="PRACTICE_MAX_DAYS",
        ),
        Attestable(
            Level.TEAM,
            (
                "Which scenario did the team practise when and how, how long did it take to "
                "detect, understand and contain, and where are the lessons?"
            ),
            days_setting="PRACTICE_MAX_DAYS",
        ),
    ),
    fix=Fix(
        "Play through one leaked key a year and take the time.",
        "AWS Security Incident Response Technical Guide",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/aws-security-incident-response-guide/aws-security-incident-response-guide.html",
)
