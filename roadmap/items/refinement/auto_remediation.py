"""Some deviations are put right by themselves, and that was seen to work lately."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="8.2",
    title="Automated remediation",
    guidance=(
        "A bucket made public at night should not stay so until the morning. A few rules with "
        "little risk repair by themselves, by Config remediation or an event-driven function. "
        "What counts is a run that succeeded lately."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    findings={
        "remediation_failing": FindingKind("Remediation fails", Severity.MEDIUM),
        "no_remediation": FindingKind("No remediation", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Which remediations are there, where is their code, and when did one last run?",
            days=180,
            declinable=True,
        ),
        Attestable(
            Level.TEAM,
            (
                "Which remediations does the team run, where is their code, and when did one last"
                " run?"
            ),
            days=180,
            declinable=True,
        ),
    ),
    fix=Fix(
        "Attach automatic remediation to two or three rules where a mistake does little harm.",
        "Remediating Noncompliant Resources with AWS Config",
    ),
    source_url="https://docs.aws.amazon.com/config/latest/developerguide/remediation.html",
)
