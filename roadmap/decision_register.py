"""The register of decisions on findings: those that end first, those of one state or kind, one
finding's, and all of them as rows of a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from django.db.models import Count, DateTimeField, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict

from inventory.access import Action, roles_of
from inventory.models import User
from roadmap import decisions
from roadmap.decided import Kind, State
from roadmap.decisions import Decisions
from roadmap.models import DecidedFinding, Finding, FindingDecision
from roadmap.queries.findings import source_of, visible_findings

NOW_STATES = (State.REQUESTED, State.HOLDS)
CURRENT, ALL = "current", "all"
READ = 2000  # rows of a file read at a time
HEADER = (
    "Decision", "Kind", "State", "Account", "Account name", "Source", "Check", "Region", "Resource",
    "Severity", "Finding", "Detail", "Reason or plan", "Compensating control", "Asked by",
    "Asked", "Approved or refused by", "Approved", "Refused", "Planned for", "Ends", "Ended",
    "Ended by", "Remark", "Ended for this finding", "Why for this finding",
)  # fmt: skip


def approver_left() -> Q:
    """Approved by somebody who may not approve any more."""
    able = Q(approver__is_active=True, approver__role__in=roles_of(Action.APPROVE))
    return Q(approved_at__isnull=False) & ~Q(kind=Kind.ACKNOWLEDGE) & ~able


def found(user: User, query: QueryDict, now: datetime) -> Decisions:
    """What the filters of an address leave of those the user sees, the first to end first; what
    has no end, and what is over, by when it was asked."""
    rows = of_state(decisions.visible_to(user), query.get("state", CURRENT), now)
    if query.get("kind") in Kind.values:
        rows = rows.filter(kind=query["kind"])
    if email := query.get("by", "").replace("\0", "").strip():
        rows = rows.filter(Q(requester__email__iexact=email) | Q(approver__email__iexact=email))
    if query.get("approver") == "left":
        rows = rows.filter(approver_left())
    ends = Coalesce("expires_at", Cast("due_on", DateTimeField()))
    if query.get("state") in (ALL, State.REFUSED, State.ENDED, State.EXPIRED):
        return rows.order_by("-requested_at", "-pk")
    return rows.order_by(ends.asc(nulls_last=True), "-requested_at", "-pk")


def of_state(rows: Decisions, state: str, now: datetime) -> Decisions:
    if state == ALL:
        return rows
    states = [state] if state in State.values else list(NOW_STATES)
    return rows.alias(state_now=FindingDecision.state_at(now)).filter(state_now__in=states)


def counted(user: User, now: datetime) -> dict[str, int]:
    """State → how many the user sees, and ``current`` and ``all``. One query."""
    sums = {state: Count("pk", filter=Q(state_now=state)) for state in State.values}
    rows = decisions.visible_to(user).alias(state_now=FindingDecision.state_at(now))
    counts: dict[str, int] = rows.order_by().aggregate(**sums)
    return counts | {
        CURRENT: sum(counts[state] for state in NOW_STATES),
        ALL: sum(counts.values()),
    }


def findings_of(user: User, rows: Decisions) -> QuerySet[DecidedFinding]:
    """The findings that decisions are about, of those the user sees."""
    about = DecidedFinding.objects.filter(decision__in=rows)
    seen = visible_findings(user)
    if seen.query.where:
        about = about.filter(finding__in=seen.order_by())
    return about.select_related("finding__account").order_by("pk")


def history_of(finding: Finding) -> QuerySet[DecidedFinding]:
    """What was ever decided of one finding, newest first."""
    people = ("decision__requester", "decision__approver", "decision__ended_by")
    return DecidedFinding.objects.filter(finding=finding).select_related(*people).order_by("-pk")


def cells(user: User, rows: Decisions, now: datetime) -> Iterator[list[str]]:
    """A row for each finding of each decision, read piece by piece."""
    people = ("decision__requester", "decision__approver", "decision__ended_by")
    about = findings_of(user, rows.order_by()).select_related("finding__account", *people)
    found = about.order_by("decision_id", "pk").iterator(chunk_size=READ)
    while some := list(islice(found, READ)):
        for one in some:
            yield _cells(one, now)


def _cells(one: DecidedFinding, now: datetime) -> list[str]:
    decision, finding = one.decision, one.finding
    return [
        str(decision.pk),
        decision.get_kind_display(),
        decision.state(now).label,
        finding.account.account_id,
        finding.account.title,
        source_of(finding.source),
        finding.code,
        finding.region,
        finding.resource,
        one.severity,
        one.title,
        one.detail,
        decision.note,
        decision.control,
        _email(decision.requester),
        _moment(decision.requested_at),
        _email(decision.approver),
        _moment(decision.approved_at if decision.kind != Kind.ACKNOWLEDGE else None),
        _moment(decision.refused_at),
        decision.due_on.isoformat() if decision.due_on else "",
        _moment(decision.expires_at),
        _moment(decision.ended_at),
        _email(decision.ended_by),
        decision.remark,
        _moment(one.ended_at),
        one.get_why_ended_display(),
    ]


def _email(user: User | None) -> str:
    return user.email if user else ""


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
