"""An incident was rehearsed within the year, with times taken and lessons written down.

Rests on what people attest alone. The day of the exercise decides, not how long the answer holds:
an old exercise is worth something for a while. PRACTICE_LEVEL says whether the organization's
exercise counts for all or each team has to hold its own.
"""

from __future__ import annotations

from datetime import date, timedelta

from roadmap.readings.answers import kept, not_attested
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
from roadmap.verdicts import Problem, Severity, Source, Verdict, failed, partly, passed

OVERDUE = (Problem("practice_overdue"),)
A_DAY = timedelta(days=1)  # somewhere tomorrow has begun
TIMES = {
    "detect_minutes": "to detect",
    "understand_minutes": "to understand",
    "contain_minutes": "to contain",
}


def judge(subject: Subject) -> Verdict:
    answer = _answer(subject)
    if answer is None:
        return not_attested("when incident response was practised", problems=OVERDUE)
    more = {"facts": kept(answer), "source": Source.ATTESTED}
    if answer.claim == "not_done":
        sentence = "Incident response was not practised."
        return failed(sentence, "not done", problems=OVERDUE, **more)
    held_on = _held_on(answer, subject.now.date())
    age = subject.now.date() - held_on
    if age < -A_DAY:
        asked = f"how an exercise went; that of {held_on} is still to come"
        return not_attested(asked, problems=OVERDUE)
    if age > timedelta(days=subject.settings["PRACTICE_STALE_DAYS"]):
        sentence = f"The last exercise was on {held_on}, too long ago."
        return failed(sentence, "exercise too old", problems=OVERDUE, **more)
    if age > timedelta(days=subject.settings["PRACTICE_MAX_DAYS"]):
        sentence = f"The last exercise was on {held_on}; the next is overdue."
        return partly(sentence, "exercise overdue", problems=OVERDUE, **more)
    lacking = _lacking(answer)
    if lacking or answer.claim != "done":
        rest = f", but {listed(lacking)} were not noted" if lacking else ", but only in part"
        return partly(f"An exercise was held on {held_on}{rest}.", "times or lessons lack", **more)
    minutes = answer.details["contain_minutes"]
    sentence = f"An exercise was held on {held_on}; it took {minutes} minutes to contain."
    return passed(sentence, "practised", **more)


def _answer(subject: Subject) -> Attested | None:
    if subject.settings["PRACTICE_LEVEL"] == Level.TEAM:
        own = subject.of_level(Level.TEAM)
        return max(own, key=lambda a: a.given_at or subject.now, default=None)
    return subject.attested()


def _held_on(answer: Attested, today: date) -> date:
    """The day of the exercise, or else of the answer."""
    try:
        return date.fromisoformat(str(answer.details["held_on"]))
    except (KeyError, ValueError):
        return answer.given_at.date() if answer.given_at else today


def _lacking(answer: Attested) -> list[str]:
    missing = [words for name, words in TIMES.items() if name not in answer.details]
    lacking = [f"the times {listed(missing)}"] if missing else []
    return lacking if answer.details.get("lessons") else [*lacking, "the lessons"]


DETAILS = (
    Detail("held_on", "Day of the exercise or incident", DetailKind.DATE, required=True),
    Detail(
        "scenario",
        "Scenario",
        DetailKind.CHOICE,
        ("credential", "host", "role_compromise", "data", "other"),
    ),
    Detail("kind", "Kind", DetailKind.CHOICE, ("table_top", "live", "red_team", "incident")),
    Detail("detect_minutes", "Minutes until it was detected", DetailKind.NUMBER),
    Detail("understand_minutes", "Minutes until it was understood", DetailKind.NUMBER),
    Detail("contain_minutes", "Minutes until it was contained", DetailKind.NUMBER),
    Detail("lessons", "Link to the lessons", DetailKind.URL),
)


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
    judge=judge,
    level_setting="PRACTICE_LEVEL",
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
            details=DETAILS,
        ),
        Attestable(
            Level.TEAM,
            (
                "Which scenario did the team practise when and how, how long did it take to "
                "detect, understand and contain, and where are the lessons?"
            ),
            days_setting="PRACTICE_MAX_DAYS",
            details=DETAILS,
        ),
    ),
    fix=Fix(
        "Play through one leaked key a year and take the time.",
        "AWS Security Incident Response Technical Guide",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/aws-security-incident-response-guide/aws-security-incident-response-guide.html",
)
