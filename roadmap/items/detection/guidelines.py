"""A short rule book says what is allowed, and where accepted risks are listed."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.4",
    title="Security guidelines written down",
    guidance=(
        "A scanner's verdict convinces a team only if the company has said what it wants. A short"
        " rule book names what every account must keep to, where accepted risks are listed, and "
        "which checks are the company's own. Somebody goes over it once a year."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.ATTESTED,),
    findings={
        "guideline_missing": FindingKind("Guidelines missing", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Where are the guidelines, when were they reviewed, and where are accepted risks "
                "and own checks listed?"
            ),
            days_setting="GUIDELINE_REVIEW_DAYS",
        ),
        Attestable(
            Level.TEAM,
            "Where are the team's own guidelines, and when were they reviewed?",
            days_setting="GUIDELINE_REVIEW_DAYS",
        ),
    ),
    fix=Fix(
        "Publish a short rule book and link each scanner rule to the sentence it checks.",
        "SEC01-BP03 Identify and validate control objectives",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_securely_operate_control_objectives.html",
)
