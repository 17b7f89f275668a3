"""Verdicts where not every answer is known. Pure.

A table is decided twice: as if whatever is not known were bad, then as if it were good. Where both
agree, it did not matter; where only the second passes, the verdict is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from collectors.outcomes import Missing, Outcome
from roadmap.guardrails.probes import Answer
from roadmap.sentences import listed
from roadmap.verdicts import Reason, Status, Verdict, unknown, unknown_for


@dataclass
class Doubt:
    """Answers questions in favour of the account or against it where nobody knows; remembers what
    was not known."""

    benefit: bool
    missing: list[Missing] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def denied(self, answer: Answer) -> bool:
        if answer.is_undetermined:
            self.keys.update(answer.decision.keys)
            return self.benefit
        return answer.is_denied

    def all(self, answers: Iterable[Answer]) -> bool:
        """Whether there are answers and each is a denial."""
        found = [self.denied(answer) for answer in answers]
        return bool(found) and all(found)

    def any(self, answers: Iterable[Answer]) -> bool:
        return any(self.denied(answer) for answer in answers)

    def allowed(self, answers: Iterable[Answer]) -> list[Answer]:
        return [answer for answer in answers if not self.denied(answer)]

    def holds(self, see: Callable[[], bool]) -> bool:
        """What ``see`` says, in which being true is good; it may raise Missing."""
        return self._seen(see, self.benefit)

    def threatens(self, see: Callable[[], bool]) -> bool:
        """What ``see`` says, in which being true is bad; it may raise Missing."""
        return self._seen(see, not self.benefit)

    def _seen(self, see: Callable[[], bool], otherwise: bool) -> bool:
        try:
            return see()
        except Missing as missing:
            if missing.outcome == Outcome.SERVICE_UNAVAILABLE:
                return False  # What AWS does not offer is not there, and that is known.
            self.missing.append(missing)
            return otherwise

    def status(self, answers: Sequence[Answer]) -> Status:
        """The common verdicts: every probe, some, or none."""
        if self.all(answers):
            return Status.PASS
        return Status.PARTIAL if self.any(answers) else Status.FAIL

    @property
    def is_any(self) -> bool:
        return bool(self.missing or self.keys)


def settle(decide: Callable[[Doubt], Verdict]) -> Verdict:
    """The verdict of a table that asks a Doubt."""
    doubt = Doubt(benefit=False)
    verdict = decide(doubt)
    if not doubt.is_any or verdict.status == Status.PASS:
        return verdict
    best = decide(Doubt(benefit=True))
    if best.status == verdict.status:
        return verdict
    if best.status != Status.PASS:
        return replace(verdict, incomplete=True)
    if doubt.missing:
        return unknown_for(doubt.missing[0], facts=verdict.facts)
    keys = listed(sorted(doubt.keys))
    return unknown(
        Reason.UNDETERMINED,
        f"Whether requests are stopped hangs on what nobody knows of them: {keys}.",
        "a probe is undetermined",
        facts=verdict.facts,
    )
