"""What people decided of findings, and by when they are due, for each row of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from roadmap.decided import HIDDEN, decisions_of, standing_of
from roadmap.decision_states import Standing
from roadmap.due_dates import PLACED, Deadlines
from roadmap.models import Finding, FindingDecision

# What must be loaded with findings, so that each is answered for without a query of its own.
WITH_ACCOUNT = ("account__team", *(f"account__{name}" for name in PLACED))


@dataclass(frozen=True)
class FindingAnswer:
    """``due_on`` is the last day in time of what counts as open, ``planned_on`` that of a plan."""

    standing: Standing
    decision: FindingDecision | None
    state: str
    due_on: date | None = None
    planned_on: date | None = None
    is_overdue: bool = False


def answers_of(
    findings: Sequence[Finding], now: datetime | None = None
) -> dict[int, FindingAnswer]:
    """By primary key. Two queries, if accounts were loaded as ``WITH_ACCOUNT`` says."""
    now = now or datetime.now(UTC)
    decisions = decisions_of(findings, now)
    deadlines = Deadlines.load()
    return {
        finding.pk: _answer(finding, decisions.get(finding.pk), deadlines, now)
        for finding in findings
    }


def _answer(
    finding: Finding, decision: FindingDecision | None, deadlines: Deadlines, now: datetime
) -> FindingAnswer:
    standing = standing_of(finding, decision, now)
    if finding.state != Finding.State.OPEN:
        return FindingAnswer(standing, decision, finding.get_state_display())
    if standing in HIDDEN:
        return FindingAnswer(standing, decision, standing.label)
    due_on, planned_on = deadlines.due_on(finding), decision.due_on if decision else None
    late = any(day is not None and day < now.date() for day in (due_on, planned_on))
    state = finding.get_state_display()
    return FindingAnswer(standing, decision, state, due_on, planned_on, late)
