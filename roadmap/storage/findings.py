"""Findings opened, kept, resolved and reopened; section 0.10 of the evidence rules.

A finding's identity is its account, item, code, Region and resource. It is resolved only by a
later judgement that saw all of the same scope: an unknown or incomplete one resolves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from roadmap import announcing
from roadmap.decided import is_open
from roadmap.models import Finding
from roadmap.registry import FindingKind, items
from roadmap.storage.decisions import end_resolved, keep_step
from roadmap.verdicts import Problem, Reason, Severity, Status, Verdict

BATCH = 500
State = Finding.State
Identity = tuple[str, str, str]  # code, Region, resource
Cell = tuple[int, str]

WRITTEN = (
    "title",
    "detail",
    "severity",
    "state",
    "is_organization_wide",
    "last_seen_at",
    "resolved_at",
    "reopened",
)


@dataclass(frozen=True)
class Report:
    """What one judgement says of the findings of an item: those it saw, and whether ones it did
    not see are gone. ``resource`` stands for problems that name none."""

    problems: Sequence[Problem]
    verdict: Verdict | None
    resource: str
    is_organization_wide: bool = False
    resolves_nothing: bool = False
    excepted: frozenset[str] = frozenset()  # ARNs that exceptions take out

    def resolves(self, region: str, kind: FindingKind | None) -> bool:
        if self.resolves_nothing:
            return False
        if kind and kind.of_sheet and self.verdict:
            return self.verdict.reason != Reason.UNDETERMINED  # The rule may have failed.
        if self.verdict is None:
            return True
        part = self.verdict.regions.get(region)
        return is_conclusive(part or self.verdict)

    @property
    def seen_state(self) -> State:
        """What a finding is that was seen: open, unless the whole account is excepted."""
        is_whole = self.verdict is not None and self.verdict.raw is not None
        return State.EXCEPTED if is_whole else State.OPEN


def is_conclusive(verdict: Verdict) -> bool:
    """Whether a verdict saw all of its scope. What a suspended account holds was not looked at; a
    closed one holds nothing any more; an exception says nothing of what was seen."""
    verdict = verdict.raw or verdict
    if verdict.status == Status.UNKNOWN or verdict.incomplete:
        return False
    return verdict.reason != Reason.ACCOUNT_SUSPENDED


def update(reports: Mapping[Cell, Report], now: datetime) -> set[int]:
    """Write what the reports change, and end decisions that do not fit any more; the accounts of
    findings written, which the caller has locked. Three queries, and up to two to write, in pieces
    of ``BATCH`` rows."""
    stored = _stored(reports)
    new: list[Finding] = []
    changed: list[Finding] = []
    for cell, report in reports.items():
        seen = {_identity(problem, report.resource): problem for problem in report.problems}
        had = stored.get((*cell, report.is_organization_wide), {})
        for identity, problem in seen.items():
            if identity in had:
                changed.append(_see(had[identity], problem, report.seen_state, now))
            else:
                new.append(_finding(cell, identity, problem, report, now))
        unseen = [f for i, f in had.items() if i not in seen and f.state != State.RESOLVED]
        for finding in unseen:
            if finding.resource in report.excepted:
                changed.append(_except(finding))
            elif report.resolves(finding.region, items()[cell[1]].findings.get(finding.code)):
                changed.append(_resolve(finding, now))
    for rows in (new, changed):
        Finding.objects.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["account", "source", "item", "code", "region", "resource"],
            update_fields=WRITTEN,
        )
    announcing.found(new)
    keep_step(changed, now)
    return {finding.account_id for finding in (*new, *changed)}


def _stored(reports: Mapping[Cell, Report]) -> dict[tuple[int, str, bool], dict[Identity, Finding]]:
    found: dict[tuple[int, str, bool], dict[Identity, Finding]] = defaultdict(dict)
    accounts = {account for account, _ in reports}
    reported = {item for _, item in reports}
    rows = Finding.objects.filter(source=Finding.OWN, account__in=accounts, item__in=reported)
    # The accounts' other findings, which are most of them, are not worth reading in full.
    cells = rows.order_by().values_list("pk", "account_id", "item") if reports else ()
    wanted = [pk for pk, account, item in cells if (account, item) in reports]
    for start in range(0, len(wanted), BATCH):
        for row in Finding.objects.filter(pk__in=wanted[start : start + BATCH]).order_by():
            key = (row.account_id, row.item, row.is_organization_wide)
            found[key][row.code, row.region, row.resource] = row
    return found


def _identity(problem: Problem, resource: str) -> Identity:
    return (problem.code, problem.region, (problem.resource or resource)[:1024])


def title_of(item: str, problem: Problem) -> str:
    """The code spelled out and the resource's name, such as "Instance exposed: i-0abc"."""
    title = items()[item].kind(problem.code).title
    name = problem.name or problem.resource.rpartition("/")[2].rpartition(":")[2]
    return f"{title}: {name}"[:500] if name else title


def severity_of(item: str, problem: Problem) -> Severity:
    return problem.severity or items()[item].kind(problem.code).severity


def _finding(
    cell: Cell, identity: Identity, problem: Problem, report: Report, now: datetime
) -> Finding:
    account, item = cell
    code, region, resource = identity
    return Finding(
        account_id=account,
        item=item,
        code=code,
        region=region,
        resource=resource,
        title=title_of(item, problem),
        detail=problem.detail[:1000],
        severity=severity_of(item, problem),
        state=report.seen_state,
        is_organization_wide=report.is_organization_wide,
        first_seen_at=now,
        last_seen_at=now,
    )


def _see(finding: Finding, problem: Problem, state: State, now: datetime) -> Finding:
    """A stored finding, seen again."""
    if finding.state == State.RESOLVED:
        finding.resolved_at = None
        finding.reopened += 1
    finding.state = state
    finding.title = title_of(finding.item, problem)
    finding.detail = problem.detail[:1000]
    finding.severity = severity_of(finding.item, problem)
    finding.last_seen_at = now
    return finding


def _except(finding: Finding) -> Finding:
    finding.state = State.EXCEPTED
    return finding


def _resolve(finding: Finding, now: datetime) -> Finding:
    finding.state = State.RESOLVED
    finding.resolved_at = now
    return finding


def resolve_orphans(accounts: Iterable[int], now: datetime) -> set[int]:
    """Resolve what items report that are no longer in the catalogue; the accounts concerned."""
    own = Finding.objects.filter(source=Finding.OWN, account__in=list(accounts))
    orphans = own.exclude(item__in=items())
    unresolved = orphans.exclude(state=State.RESOLVED)
    concerned = set(unresolved.values_list("account_id", flat=True))
    if concerned:
        unresolved.update(state=State.RESOLVED, resolved_at=now)
        end_resolved(now, finding__source=Finding.OWN, finding__account__in=concerned)
    return concerned


def open_counts(accounts: Iterable[int]) -> dict[int, dict[str, int]]:
    """Account → severity → open findings of Cairn's own, those that count. One query."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    own = Finding.objects.filter(is_open(), source=Finding.OWN, account__in=list(accounts))
    rows = own.order_by()
    for account, severity, number in rows.values_list("account_id", "severity").annotate(
        Count("pk")
    ):
        found[account][severity] = number
    return found
