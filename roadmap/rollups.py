"""Verdicts as counts, scores and levels: the arithmetic of every roll-up. Pure.

Sections 0.2 and 0.7 of the evidence rules; an account's level is defined in docs/architecture.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from roadmap.stages import STAGES
from roadmap.verdicts import Status


@dataclass(frozen=True)
class Counts:
    """Account × item cells by status. Cells that are not applicable never count in a score."""

    passed: int = 0
    partial: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.partial + other.partial,
            self.failed + other.failed,
            self.unknown + other.unknown,
            self.not_applicable + other.not_applicable,
        )

    @property
    def applicable(self) -> int:
        return self.passed + self.partial + self.failed + self.unknown

    @property
    def cells(self) -> int:
        return self.applicable + self.not_applicable

    @property
    def score(self) -> float | None:
        """0 to 1, an unknown cell counting nothing; None when nothing applies."""
        return (self.passed + 0.5 * self.partial) / self.applicable if self.applicable else None

    @property
    def is_done(self) -> bool:
        """Whether every applicable cell is at pass."""
        return self.passed == self.applicable

    def of(self, status: Status) -> int:
        return int(getattr(self, FIELDS[status]))


# The field of a tally that counts each status.
FIELDS: Mapping[Status, str] = {
    Status.PASS: "passed",
    Status.PARTIAL: "partial",
    Status.FAIL: "failed",
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "not_applicable",
}


def count(statuses: Iterable[Status]) -> Counts:
    counted = Counter(statuses)
    return Counts(**{field: counted[status] for status, field in FIELDS.items()})


def total(counts: Iterable[Counts]) -> Counts:
    cells = [(c.passed, c.partial, c.failed, c.unknown, c.not_applicable) for c in counts]
    return Counts(*map(sum, zip(*cells, strict=True)))


def level(by_stage: Mapping[int, Counts]) -> int:
    """The highest stage with every applicable item of it and of all below at pass.

    0 when that is not even the first, and for an account to which nothing applies.
    """
    if not total(by_stage.values()).applicable:
        return 0
    reached = 0
    for stage in STAGES:
        if not by_stage.get(stage.number, Counts()).is_done:
            break
        reached = stage.number
    return reached
