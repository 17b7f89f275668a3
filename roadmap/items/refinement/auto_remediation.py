"""Some deviations are put right by themselves, and that was seen to work lately.

Reads the remediations of AWS Config with how they ran, the runs of Systems Manager's automations,
and EventBridge rules whose targets the company declares as repairs (REMEDIATION_TARGET_PATTERNS);
those of the security accounts are taken to repair in every account of the organization. Repairs
outside AWS, and functions, leave no trace of success: somebody says when they last ran. That makes
nothing automatic of what is seen to wait for a hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from collectors.outcomes import Missing
from collectors.services import securityhub
from roadmap.readings.answers import day_of, is_within, kept, unanswered
from roadmap.readings.remediations import READS, Repair, Repairs, find_repairs
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
    not_applicable,
    partly,
    passed,
    unknown_for,
)

# After this time without a repair and without an answer, there is none.
PATIENCE = timedelta(days=90)
LAST_RUN = "last_run"


def judge(subject: Subject) -> Verdict:
    repairs = find_repairs(subject)
    answer = _answer(subject)
    if not repairs.has_seen and repairs.missing and answer is None:
        raise repairs.missing[0]
    verdict = _verdict(subject, repairs, answer)
    return replace(
        verdict,
        facts={
            "repairs": [_kept(repair) for repair in repairs.found],
            "looked_for_since": repairs.since and repairs.since.isoformat(),
            "answer": kept(answer) if answer else None,
            "automation_rules": _automation_rules(subject),
        },
        problems=list(_problems(repairs, verdict)),
        incomplete=bool(repairs.missing),
    )


def _answer(subject: Subject) -> Attested | None:
    """The answer that counts, if it still holds."""
    attested = subject.attested()
    return attested if attested is not None and attested.holds(subject.now) else None


def _verdict(subject: Subject, repairs: Repairs, answer: Attested | None) -> Verdict:
    automatic = [repair for repair in repairs.found if repair.is_automatic]
    proven = [repair for repair in automatic if _is_recent(subject, repair.last_success_at)]
    if proven:
        last = max(repair.last_success_at for repair in proven if repair.last_success_at)
        sentence = f"{_named(proven)} put things right by themselves, last on {last:%Y-%m-%d}."
        return passed(sentence, "automatic, and succeeded lately")
    if repairs.found and not automatic:
        return partly(f"{_named(repairs.found)} wait to be started by hand.", "only by hand")
    last_run = _last_run(subject, answer)
    if last_run is not None:
        by = (answer.author if answer else "") or "Somebody"
        return passed(
            f"{by} saw things put right by themselves on {last_run}.",
            "a recent run was attested",
            source=Source.ATTESTED,
        )
    if automatic:
        days = subject.settings["REMEDIATION_PROOF_DAYS"]
        sentence = (
            f"{_named(automatic)} would put things right, but no run of {days} days is known."
        )
        return partly(sentence, "automatic, without a recent success")
    return _without_repairs(subject, repairs, answer)


def _named(repairs: Sequence[Repair]) -> str:
    return listed(dict.fromkeys(repair.name for repair in repairs))


def _is_recent(subject: Subject, at: datetime | None) -> bool:
    days = timedelta(days=subject.settings["REMEDIATION_PROOF_DAYS"])
    return at is not None and at >= subject.now - days


def _last_run(subject: Subject, answer: Attested | None) -> date | None:
    """The day of the attested run, if it is recent and not to come."""
    if answer is None or answer.claim != "done":
        return None
    day = day_of(answer, LAST_RUN, subject)
    is_recent = is_within(day, subject.settings["REMEDIATION_PROOF_DAYS"], subject)
    return day if is_recent else None


def _without_repairs(subject: Subject, repairs: Repairs, answer: Attested | None) -> Verdict:
    """Nothing is seen to repair anything, so it is what people say."""
    if answer is not None:
        return _of_answer(answer)
    if repairs.missing:
        return unknown_for(repairs.missing[0], rule="not everything was seen")
    stale = subject.attested()
    since = repairs.since
    if stale is None and since is not None and subject.now.date() - since >= PATIENCE:
        sentence = f"Nothing puts things right by itself, and nobody has said more since {since}."
        return failed(sentence, "nothing found for 90 days")
    seen = "Nothing was found that puts things right by itself."
    return unanswered(stale, "what does", seen)


def _of_answer(answer: Attested) -> Verdict:
    by = answer.author or "Somebody"
    if answer.claim == "declined":
        sentence = f"{by} declined automated remediation, with a reason."
        return not_applicable(Reason.DECLINED, sentence, "declined", source=Source.ATTESTED)
    if answer.claim == "done":
        sentence = f"{by} says that things are put right by themselves; no recent run is known."
        return partly(sentence, "attested, without a recent run", source=Source.ATTESTED)
    if answer.claim == "partly":
        sentence = f"{by} says that some things are put right by themselves."
        return partly(sentence, "attested in part", source=Source.ATTESTED)
    sentence = f"{by} says that nothing is put right by itself."
    return failed(sentence, "attested as not done", source=Source.ATTESTED)


def _problems(repairs: Repairs, verdict: Verdict) -> Iterator[Problem]:
    for repair in repairs.found:
        if repair.is_failing:
            detail = f"It last failed on {repair.last_failure_at:%Y-%m-%d}."
            yield Problem("remediation_failing", repair.arn, repair.name, repair.region, detail)
    is_said_to_work = verdict.rule in ("a recent run was attested", "declined")
    if not repairs.found and not repairs.missing and not is_said_to_work:
        yield Problem("no_remediation")


def _kept(repair: Repair) -> dict[str, Any]:
    return {
        "name": repair.name,
        "region": repair.region,
        "document": repair.document,
        "is_automatic": repair.is_automatic,
        "last_success_on": _day(repair.last_success_at),
        "last_failure_on": _day(repair.last_failure_at),
    }


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _automation_rules(subject: Subject) -> int | None:
    """How many rules change findings in Security Hub by themselves. They repair nothing."""
    found = []
    for region in subject.facts.regions:
        for observation in subject.facts.security(securityhub.automation_rules, region).values():
            try:
                found.append(len(observation.get()))
            except Missing:
                continue
    return sum(found) if found else None


RUN = Detail(LAST_RUN, "Day of the last run that succeeded", DetailKind.DATE, required=True)

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
    judge=judge,
    reads=(*READS, securityhub.automation_rules),
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
            details=(RUN,),
        ),
        Attestable(
            Level.TEAM,
            (
                "Which remediations does the team run, where is their code, and when did one last"
                " run?"
            ),
            days=180,
            declinable=True,
            details=(RUN,),
        ),
    ),
    fix=Fix(
        "Attach automatic remediation to two or three rules where a mistake does little harm.",
        "Remediating Noncompliant Resources with AWS Config",
    ),
    source_url="https://docs.aws.amazon.com/config/latest/developerguide/remediation.html",
)
