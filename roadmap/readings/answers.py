"""What people attested, as verdicts of rules: missing and expired ones are unknown. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from roadmap.subject import Attested, Subject
from roadmap.verdicts import Reason, Source, Verdict, unknown

NOT_ATTESTED = "not attested"
EXPIRED = "attestation expired"


def not_attested(asked: str, **more: Any) -> Verdict:
    """``asked`` is what nobody has said, such as "how incidents were practised"."""
    return unknown(
        Reason.NOT_ATTESTED,
        f"Nobody has said {asked}.",
        NOT_ATTESTED,
        source=Source.ATTESTED,
        **more,
    )


def expired(answer: Attested, **more: Any) -> Verdict:
    since = f" on {answer.expires_at:%Y-%m-%d}" if answer.expires_at else ""
    return unknown(
        Reason.ATTESTATION_EXPIRED,
        f"The answer of {answer.author or 'somebody'} expired{since} and has to be given again.",
        EXPIRED,
        source=Source.ATTESTED,
        **more,
    )


def unanswered(answer: Attested | None, asked: str, seen: str = "", **more: Any) -> Verdict:
    """Where no answer holds: ``answer`` is one that has expired, if there is one. ``seen`` is a
    sentence on what was looked at before."""
    verdict = expired(answer, **more) if answer else not_attested(asked, **more)
    return replace(verdict, sentence=f"{seen} {verdict.sentence}".strip())


def day_of(answer: Attested, name: str, subject: Subject) -> date | None:
    """A day that something happened on, by the name of its detail; None where nobody gave one,
    where it is none, and where it is still to come."""
    try:
        day = date.fromisoformat(str(answer.details.get(name) or ""))
    except ValueError:
        return None
    return day if day <= subject.now.date() else None


def is_within(day: date | None, days: int, subject: Subject) -> bool:
    """Whether it was at most so many days ago."""
    return day is not None and (subject.now.date() - day).days <= days


def kept(answer: Attested) -> dict[str, Any]:
    """What the evidence keeps of an answer besides its own record."""
    return {"level": answer.level, "claim": answer.claim, "url": answer.url, **answer.details}
