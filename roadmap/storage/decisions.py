"""Decisions kept in step with their findings: one ends for a finding that was resolved, and if it
hides the finding, also once that is not what was decided on any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from roadmap.decided import standing_of
from roadmap.decision_states import Event, Standing, after
from roadmap.fingerprints import fingerprint
from roadmap.models import DecidedFinding, Finding, FindingDecision

BATCH = 500
NOTHING_LEFT = "Each of its findings was resolved, changed, or decided on anew."
Why = DecidedFinding.Why
_WHY = {
    Event.GONE: Why.RESOLVED,
    Event.SEVERITY_CHANGES: Why.CHANGED,
    Event.TEXT_CHANGES: Why.CHANGED,
}


def keep_step(findings: Sequence[Finding], now: datetime) -> None:
    """After these findings were written. A query for every ``BATCH`` of them, and two where a
    decision ends."""
    for start in range(0, len(findings), BATCH):
        by_pk = {finding.pk: finding for finding in findings[start : start + BATCH]}
        held = DecidedFinding.objects.filter(finding__in=by_pk, ended_at=None)
        check(held.select_related("decision"), by_pk, now)


def check(held: Iterable[DecidedFinding], findings: Mapping[int, Finding], now: datetime) -> None:
    """End what does not hold for the findings as they are now."""
    ending: dict[Why, list[DecidedFinding]] = defaultdict(list)
    for one in held:
        finding = findings[one.finding_id]
        event = _event(one, finding)
        before = _before(one, now)
        if after(before, event) != before:
            ending[_WHY[event]].append(one)
    for why, rows in ending.items():
        end(rows, why, now)


def _before(one: DecidedFinding, now: datetime) -> Standing:
    """What stood for the finding until now, whatever was written to it meanwhile."""
    return standing_of(Finding(state=Finding.State.OPEN), one.decision, now)


def _event(one: DecidedFinding, finding: Finding) -> Event:
    if finding.state == Finding.State.RESOLVED:
        return Event.GONE
    if finding.severity != one.severity:
        return Event.SEVERITY_CHANGES
    return Event.SEEN_SAME if fingerprint(finding) == one.fingerprint else Event.TEXT_CHANGES


def end_resolved(now: datetime, **where: object) -> None:
    """After findings were resolved by a statement; ``where`` says whose. One query, and two where
    a decision ends."""
    rows = DecidedFinding.objects.filter(
        ended_at=None, finding__state=Finding.State.RESOLVED, **where
    )
    end(list(rows.only("pk", "decision_id")), Why.RESOLVED, now)


def end(rows: Sequence[DecidedFinding], why: Why, now: datetime) -> None:
    """End decisions for single findings, and those for which nothing is left."""
    for start in range(0, len(rows), BATCH):
        pks = [row.pk for row in rows[start : start + BATCH]]
        DecidedFinding.objects.filter(pk__in=pks).update(ended_at=now, why_ended=why)
    if rows:
        close({row.decision_id for row in rows}, now)


def close(decisions: Collection[int], now: datetime) -> None:
    """End those that hold for no finding any more, unless they ended otherwise."""
    left = DecidedFinding.objects.filter(decision=OuterRef("pk"), ended_at=None)
    FindingDecision.objects.filter(
        ~Exists(left),
        Q(expires_at=None) | Q(expires_at__gt=now),
        pk__in=decisions,
        gathered_at__isnull=False,
        refused_at=None,
        ended_at=None,
    ).update(ended_at=now, remark=NOTHING_LEFT)
