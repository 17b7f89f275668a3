"""Which decisions on findings count at a moment, as conditions and as words.

A decision acts by being there: what is read asks for it, and nothing copies it to its findings.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from roadmap.decision_states import Standing
from roadmap.models import Asked, DecidedFinding, Finding, FindingDecision

Kind = FindingDecision.Kind
State = Asked.State
ASKED = {Kind.ACCEPT: Standing.ACCEPTANCE_ASKED, Kind.FALSE_POSITIVE: Standing.FALSE_POSITIVE_ASKED}
HOLDS = {
    Kind.ACKNOWLEDGE: Standing.ACKNOWLEDGED,
    Kind.ACCEPT: Standing.ACCEPTED,
    Kind.FALSE_POSITIVE: Standing.FALSE_POSITIVE,
}
HIDDEN = (Standing.ACCEPTED, Standing.FALSE_POSITIVE)


def standing(now: datetime) -> QuerySet[DecidedFinding]:
    """Findings of decisions that are neither refused nor over."""
    still = Q(decision__expires_at=None) | Q(decision__expires_at__gt=now)
    return DecidedFinding.objects.filter(
        still, ended_at=None, decision__refused_at=None, decision__ended_at=None
    ).order_by()


def in_force(now: datetime, kinds: Collection[str] = FindingDecision.HIDES) -> Exists:
    """That an approved decision of one of the kinds holds for a finding."""
    held = standing(now).filter(decision__kind__in=kinds, decision__approved_at__isnull=False)
    return Exists(held.filter(finding=OuterRef("pk")))


def is_open(now: datetime | None = None) -> Q:
    """Findings that are there and count: neither accepted nor false positives."""
    return Q(state=Finding.State.OPEN) & Q(~in_force(now or datetime.now(UTC)))


def stands_at(standing_: Standing, now: datetime) -> Q:
    """Findings where this stands, by what people decided."""
    if standing_ == Standing.RESOLVED:
        return Q(state=Finding.State.RESOLVED)
    if standing_ == Standing.UNDECIDED:
        any_ = standing(now).filter(finding=OuterRef("pk"))
        return ~Q(state=Finding.State.RESOLVED) & Q(~Exists(any_))
    kinds = ASKED if standing_ in ASKED.values() else HOLDS
    (kind,) = (kind for kind, found in kinds.items() if found == standing_)
    held = standing(now).filter(
        decision__kind=kind, decision__approved_at__isnull=standing_ in ASKED.values()
    )
    return Q(pk__in=held.values("finding"))


def standing_of(finding: Finding, decision: FindingDecision | None, now: datetime) -> Standing:
    """``decision`` is the one that has not ended for this finding, if any."""
    if finding.state == Finding.State.RESOLVED:
        return Standing.RESOLVED
    if decision is None:
        return Standing.UNDECIDED
    state, kind = decision.state(now), Kind(decision.kind)
    if state == State.HOLDS:
        return HOLDS[kind]
    return ASKED[kind] if state == State.REQUESTED else Standing.UNDECIDED


def decisions_of(findings: Collection[Finding], now: datetime) -> dict[int, FindingDecision]:
    """Finding → the decision that stands for it. One query."""
    rows = standing(now).filter(finding__in=[finding.pk for finding in findings])
    people = ("decision__requester", "decision__approver")
    return {row.finding_id: row.decision for row in rows.select_related(*people)}
