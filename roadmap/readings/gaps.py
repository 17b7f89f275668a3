"""Facts of several Regions where some may be missing, for items that are judged as a whole. Pure.

A Region nobody saw may hold anything: what was seen elsewhere still fails or is partial, but it
does not pass (section 0.7 of the evidence rules).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from collectors.facts import AccountFacts
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from roadmap.verdicts import Reason, Status, Verdict, unknown

T = TypeVar("T")

# Where AWS does not offer the service or a policy stops every call there is nothing to see.
NOTHING_THERE = (Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED)


def is_doubt(missing: Missing) -> bool:
    """Whether there may be something that could not be seen."""
    return missing.outcome not in NOTHING_THERE


@dataclass(frozen=True)
class Seen(Generic[T]):
    """Values by Region, and why there is none in others."""

    values: dict[str, T]
    missing: Sequence[Missing] = ()


def seen(facts: AccountFacts, collector: Collector[T]) -> Seen[T]:
    """What was collected of the Regions in scope. Raises Missing where that is nothing."""
    values: dict[str, T] = {}
    missing: list[Missing] = []
    nothing: list[Missing] = []
    for region, observation in facts.by_region(collector).items():
        try:
            values[region] = observation.get()
        except Missing as reason:
            (missing if is_doubt(reason) else nothing).append(reason)
    if not values:
        raise next(iter([*missing, *nothing]), _no_region())
    return Seen(values, missing)


def as_far_as_seen(facts: AccountFacts, collector: Collector[T]) -> Seen[T]:
    """The same of what an item can be judged without: no values where nothing was collected, and
    why that may hide something."""
    try:
        return seen(facts, collector)
    except Missing as missing:
        return Seen({}, [missing] if is_doubt(missing) else [])


def _no_region() -> Missing:
    return Missing(
        Outcome.REGION_BLOCKED,
        "No Region could be looked at: service control policies block each of them.",
    )


def despite(verdict: Verdict, missing: Sequence[Missing]) -> Verdict:
    """The verdict on what was seen, given that some was not."""
    if not missing:
        return verdict
    if verdict.status in (Status.PASS, Status.NOT_APPLICABLE):
        return unknown(
            Reason.PARTIAL_COLLECTION,
            f"{verdict.sentence} But not everything was seen: {missing[0].message}",
            "not everything was seen",
            facts=verdict.facts,
            problems=verdict.problems,
        )
    return replace(verdict, incomplete=True)
