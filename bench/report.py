"""What was measured, as one table: goal, ours, floor, peer, ratios, targets, met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

HEADINGS = (
    "goal", "measured", "ours", "floor", "peer", "to floor", "at most", "to peer", "at least", "",
)  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """Numbers of one unit. ``at_most`` bounds ours ÷ floor, ``at_least`` peer ÷ ours and
    ``ceiling`` ours itself; what is None was not measured, or has no target."""

    goal: str
    name: str
    ours: float
    unit: str
    floor: float | None = None
    peer: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    ceiling: float | None = None
    notes: str = ""
    cause: str = ""

    @property
    def to_floor(self) -> float | None:
        return self.ours / self.floor if self.floor else None

    @property
    def to_peer(self) -> float | None:
        return self.peer / self.ours if self.peer and self.ours else None

    @property
    def outcome(self) -> str:
        """met or missed; empty without a target."""
        met = [
            *([self.to_floor <= self.at_most] if self.to_floor and self.at_most else []),
            *([self.to_peer >= self.at_least] if self.to_peer and self.at_least else []),
            *([self.ours <= self.ceiling] if self.ceiling else []),
        ]
        return ("met" if all(met) else "missed") if met else ""


def number(value: float | None) -> str:
    """Three digits that count, as many as a noisy machine deserves."""
    if value is None:
        return "–"
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _cells(measure: Measure) -> tuple[str, ...]:
    unit = f" {measure.unit}" if measure.unit else ""
    ours = number(measure.ours) + unit
    if measure.ceiling:
        ours += f" of {number(measure.ceiling)}"
    return (
        measure.goal,
        measure.name,
        ours,
        number(measure.floor),
        number(measure.peer),
        *(f"{number(value)}×" if value else "–" for value in _ratios(measure)),
        measure.outcome or "–",
    )


def _ratios(measure: Measure) -> tuple[float | None, ...]:
    return measure.to_floor, measure.at_most, measure.to_peer, measure.at_least


def table(measures: Iterable[Measure]) -> Iterator[str]:
    """Lines of a Markdown table, padded so that it reads as text, and the notes below it."""
    measures = list(measures)
    rows = [HEADINGS, *map(_cells, measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    yield lines[0]
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    yield from lines[1:]
    yield ""
    yield from (f"* {m.name}: {m.notes}" for m in measures if m.notes)
    missed = [m for m in measures if m.outcome == "missed"]
    for measure in missed:
        yield f"* missed: {measure.name}. {measure.cause or 'The cause is not known.'}"


def write(measures: Iterable[Measure], to: TextIO) -> None:
    to.writelines(f"{line}\n" for line in table(measures))
