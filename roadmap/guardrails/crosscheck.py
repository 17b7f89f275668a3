"""Whether AWS's policy simulator agrees with the evaluator: the cross-check of 11.2. Pure.

It confirms and decides no verdict: AWS answers for Cairn's own role alone. The evaluator is asked
about the very requests, knowing of them only what AWS was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors.outcomes import Missing
from collectors.services import iam
from roadmap.guardrails.case import case_of
from roadmap.guardrails.conditions import UNKNOWN_VALUE
from roadmap.guardrails.evaluation import PRINCIPAL_TAG, Chain, Effect, Request
from roadmap.guardrails.judging import unbound
from roadmap.subject import Subject

WORDS = {Effect.ALLOW: "allowed", Effect.DENY: "denied"}


@dataclass(frozen=True)
class Compared:
    """What the evaluator and AWS's simulator say of one request of ``principal``."""

    principal: str
    action: str
    resource: str
    evaluated: Effect
    simulated: Effect

    @property
    def is_mismatch(self) -> bool:
        return self.evaluated != Effect.UNDETERMINED and self.evaluated != self.simulated

    @property
    def as_text(self) -> str:
        return (
            f"{self.action} on {self.resource} is {WORDS[self.evaluated]} by Cairn's evaluator "
            f"and {WORDS[self.simulated]} by AWS's simulator"
        )

    def as_facts(self) -> Mapping[str, str]:
        return {
            "action": self.action,
            "resource": self.resource,
            "evaluated": str(self.evaluated),
            "simulated": str(self.simulated),
        }


def crosscheck(subject: Subject) -> Sequence[Compared]:
    """A comparison for every answer of AWS; none where the company does not want it, no policy
    binds the account, or either side saw nothing."""
    if not subject.settings["SCP_SIMULATOR_CROSSCHECK"]:
        return ()
    try:
        simulation = subject.facts.get(iam.simulation)
        if unbound(subject) is not None:
            return ()
        chain = case_of(subject).chain
    except Missing:
        return ()
    return [_compared(chain, simulation, answer) for answer in simulation.answers]


def _compared(chain: Chain, simulation: iam.Simulation, answer: iam.Simulated) -> Compared:
    tags = {key: UNKNOWN_VALUE for key in chain.keys if key.startswith(PRINCIPAL_TAG)}
    request = Request(answer.action, (answer.resource,), {**simulation.context, **tags})
    return Compared(
        simulation.principal,
        answer.action,
        answer.resource,
        chain.decide(request).effect,
        Effect.ALLOW if answer.is_allowed else Effect.DENY,
    )
