"""Alerts are heard, refusals are noticed, and what a principal did can be searched: the three
sub-checks taken together."""

from __future__ import annotations

from roadmap.registry import Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import NOT_JUDGED, Source, Verdict, verdict_of

ABILITIES = {
    "detection.guardduty_notify": "GuardDuty alerts",
    "detection.denied_alerts": "refused calls",
    "detection.principal_search": "search by principal",
}


def judge(subject: Subject) -> Verdict:
    parts = {key: subject.verdicts.get(key, NOT_JUDGED) for key in ABILITIES}
    said = ", ".join(
        f"{name}: {parts[key].status.label.lower()}" for key, name in ABILITIES.items()
    )
    return verdict_of(
        parts,
        f"{said}.",
        "combined over the abilities",
        facts={key: str(part.status) for key, part in parts.items()},
    )


item = Item(
    __name__,
    order="4.2",
    title="Logs can be investigated",
    guidance=(
        "Once an alert comes, three things are needed: that it reached a person, that refused "
        "calls were noticed as well, and that everything a principal did can be listed. This item"
        " is as good as the weakest of the three."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    fix=Fix(
        "Close the weakest of the three abilities first.",
        "AWS Security Incident Response Technical Guide",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/aws-security-incident-response-guide/aws-security-incident-response-guide.html",
)
