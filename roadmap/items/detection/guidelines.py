"""A short rule book says what is allowed, and where accepted risks are listed.

Rests on what people attest alone: of the organization, or of a team with a rule book of its own.
"""

from __future__ import annotations

from datetime import date, timedelta

from roadmap.readings.answers import kept, unanswered
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.sentences import listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
)

MISSING = (Problem("guideline_missing"),)
PARTS = {"names_accepted_risks": "accepted risks", "names_own_checks": "the company's own checks"}


def judge(subject: Subject) -> Verdict:
    answer = subject.attested()
    if answer is None or not answer.holds(subject.now):
        return unanswered(answer, "where the security guidelines are", problems=MISSING)
    more = {"facts": kept(answer), "source": Source.ATTESTED}
    if answer.claim not in ("done", "partly"):
        return failed("No guidelines are written down.", "not done", problems=MISSING, **more)
    reviewed = _reviewed_on(answer)
    most = subject.settings["GUIDELINE_REVIEW_DAYS"]
    if reviewed and subject.now.date() - reviewed > timedelta(days=most):
        return unknown(
            Reason.ATTESTATION_EXPIRED,
            f"The guidelines were last reviewed on {reviewed}, more than {most} days ago.",
            "reviewed too long ago",
            problems=MISSING,
            **more,
        )
    if answer.claim == "partly":
        return partly("The guidelines are written down in part.", "partly done", **more)
    lacking = [words for name, words in PARTS.items() if answer.details.get(name) != "yes"]
    if lacking:
        sentence = f"The guidelines are written down, but do not say where {listed(lacking)} are."
        return partly(sentence, "no accepted risks or own checks", **more)
    if not answer.url:
        return partly("The guidelines are written down, but nobody says where.", "no link", **more)
    said = f" and were reviewed on {reviewed}" if reviewed else ""
    return passed(f"The guidelines are written down{said}.", "written down", **more)


def _reviewed_on(answer: Attested) -> date | None:
    try:
        return date.fromisoformat(str(answer.details.get("reviewed_on")))
    except ValueError:
        return None


DETAILS = (
    Detail("reviewed_on", "Day of the last review", DetailKind.DATE, required=True),
    Detail("version", "Version"),
    Detail(
        "names_accepted_risks",
        "Do they say where accepted risks are listed?",
        DetailKind.CHOICE,
        ("yes", "no"),
    ),
    Detail(
        "names_own_checks",
        "Do they say which checks are the company's own?",
        DetailKind.CHOICE,
        ("yes", "no"),
    ),
)

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
    judge=judge,
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
            details=DETAILS,
        ),
        Attestable(
            Level.TEAM,
            "Where are the team's own guidelines, and when were they reviewed?",
            days_setting="GUIDELINE_REVIEW_DAYS",
            details=DETAILS,
        ),
    ),
    fix=Fix(
        "Publish a short rule book and link each scanner rule to the sentence it checks.",
        "SEC01-BP03 Identify and validate control objectives",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_securely_operate_control_objectives.html",
)
