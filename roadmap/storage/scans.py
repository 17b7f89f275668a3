"""Scanner results written as findings: opened, kept, resolved and reopened; evidence rules, 12.

A finding's identity is its tool, account, check, Region and resource. Only a complete run of the
same account, Region and check that is newer resolves what it does not name any more. A file may
be read twice, or half and again: what it says is there only once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction

from collectors.scanners import CheckResult, CheckStatus
from collectors.scanners.results import GLOBAL
from roadmap import announcing
from roadmap.models import AccountScan, Finding, ScannerCheck
from roadmap.scans import FAILURES_ONLY
from roadmap.storage.decisions import end_resolved, keep_step
from roadmap.storage.locks import lock_accounts
from roadmap.surveying import (
    AccountKey,
    Coverage,
    Survey,
    Tally,
    account_of,
    check_of,
    region_of,
)
from roadmap.verdicts import Severity

BATCH = 1000
CHECKS_ASKED = 200
SCANS_KEPT = 50  # of how many accounts' earlier scans the checks are in memory
LONGEST = 1000  # bytes of a resource's name; longer ones end in a digest
State = Finding.State
Identity = tuple[int, str, str, str, str]  # account, tool, check, Region, resource
# The words of all tools for the five severities; any other is none of them.
SEVERITIES = {str(severity.value): severity for severity in Severity} | {
    "informational": Severity.INFO
}
WRITTEN = (
    "title",
    "detail",
    "severity",
    "state",
    "last_seen_at",
    "resolved_at",
    "reopened",
)


@dataclass
class Counts:
    """What an import did, in findings; ``read`` and ``refused`` are results of the file and
    ``unmapped`` checks that belong to no item. ``named`` are findings that the file names."""

    read: int = 0
    named: int = 0
    new: int = 0
    changed: int = 0
    resolved: int = 0
    reopened: int = 0
    unmapped: int = 0
    refused: int = 0

    @property
    def unchanged(self) -> int:
        return max(0, self.named - self.new - self.changed - self.reopened)


class Run(NamedTuple):
    """One tool's run over one account. ``complete`` are the Regions that it saw whole; in those
    ``all_checked`` it made all checks of the tool, so nothing fails there but what it names."""

    at: datetime
    complete: Set[str]
    all_checked: Set[str]


class Earlier(NamedTuple):
    """Region → when the newest run was that saw it whole, and that made all checks there."""

    complete: Mapping[str, str]
    all_checked: Mapping[str, str]


@dataclass
class Plan:
    """``runs`` and ``earlier`` ones are by account and tool, ``made`` the checks of some of the
    earlier ones."""

    survey: Survey
    accounts: Mapping[AccountKey, int]
    runs: Mapping[tuple[int, str], Run]
    earlier: Mapping[tuple[int, str], Earlier]
    counts: Counts = field(default_factory=Counts)
    made: dict[tuple[int, str], frozenset[str]] = field(default_factory=dict)


def plan(
    survey: Survey,
    accounts: Mapping[AccountKey, int],
    imported_at: datetime,
    at_least: Callable[[AccountKey], int],
    declared: Iterable[str] = (),
    counts: Counts | None = None,
    *,
    all_checks: bool = False,
    is_snapshot: bool = False,
) -> Plan:
    """Two queries. A run that names no time is of when it was imported. ``counts`` are those of an
    interrupted import that this one carries on with. Whether it made all checks of the tool the
    importer says, or the tool writes only what is wrong; in a snapshot stands all that its source
    holds, of every Region of which it tells anything."""
    runs = {}
    for (key, tool), coverage in survey.covered.items():
        complete = coverage.complete_regions(at_least(key), declared)
        all_checked: Set[str] = frozenset()
        if is_snapshot:
            all_checked = coverage.complete_regions(1)
        elif all_checks or tool in FAILURES_ONLY:
            all_checked = complete
        runs[accounts[key], tool] = Run(coverage.at or imported_at, complete, all_checked)
    scans = AccountScan.objects.filter(account__in={account for account, _ in runs})
    earlier = {
        (int(account), tool): Earlier(*regions)
        for account, tool, *regions in scans.values_list(
            "account", "tool", "regions", "all_checked"
        )
    }
    return Plan(survey, accounts, runs, earlier, counts or Counts())


def write(
    planned: Plan,
    results: Iterator[CheckResult],
    progress: Callable[[int], None] = lambda number: None,
) -> Counts:
    """Write what the results say. Each batch stands for itself, so it may be interrupted and done
    again from the start; what ``progress`` writes is written with its batch or not at all."""
    _write_checks(planned)
    read = named = 0
    while batch := list(islice(results, BATCH)):
        read += len(batch)
        with transaction.atomic():
            named += _write_failures(planned, batch)
            progress(read)
    for key, tool in planned.survey.covered:
        with transaction.atomic():
            lock_accounts([planned.accounts[key]])
            _resolve(planned, key, tool)
            _write_scan(planned, key, tool)
            progress(read)
    planned.counts.read += read
    planned.counts.named += named
    planned.counts.refused += planned.survey.left_out
    return planned.counts


def _write_checks(planned: Plan) -> None:
    kinds = iter(planned.survey.checks.items())
    while batch := list(islice(kinds, BATCH)):
        ScannerCheck.objects.bulk_create(
            [
                ScannerCheck(tool=tool, check_id=check, title=kind.title, severity=kind.severity)
                for (tool, check), kind in batch
            ],
            update_conflicts=True,
            unique_fields=["tool", "check_id"],
            update_fields=["title", "severity"],
        )


def _write_failures(planned: Plan, batch: Iterable[CheckResult]) -> int:
    """How many findings the batch names."""
    failing: dict[Identity, CheckResult] = {}
    for result in batch:
        key = account_of(result)
        account = planned.accounts.get(key) if key else None
        if account is None or result.status != CheckStatus.FAIL:
            continue
        identity = _identity(account, result)
        known = failing.get(identity)
        if known is None or (known.muted and not result.muted):
            failing[identity] = result
    lock_accounts({account for account, *_ in failing})
    had = _stored(failing)
    rows: list[Finding] = []
    new: list[Finding] = []
    named = 0
    for identity, result in failing.items():
        at = planned.runs[identity[0], result.tool].at
        if identity in had:
            if _see(had[identity], result, at, planned.counts):
                rows.append(had[identity])
            named += 1
        elif not _was_gone(planned, identity, at):
            new.append(_finding(identity, result, at))
            planned.counts.new += 1
            named += 1
    Finding.objects.bulk_create(
        [*rows, *new],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "source", "item", "code", "region", "resource"],
        update_fields=WRITTEN,
    )
    keep_step(rows, datetime.now(UTC))
    announcing.found(new)
    return named


def _identity(account: int, result: CheckResult) -> Identity:
    return account, result.tool, check_of(result), region_of(result), _name(result.resource)


def _name(resource: str) -> str:
    """A resource's name, which an index can hold."""
    whole = resource.encode()
    if len(whole) <= LONGEST:
        return resource
    digest = hashlib.sha256(whole).hexdigest()
    return f"{whole[: LONGEST - 65].decode(errors='ignore')}~{digest}"


def _stored(failing: Mapping[Identity, CheckResult]) -> dict[Identity, Finding]:
    if not failing:
        return {}
    accounts, tools, checks, _, resources = (set(part) for part in zip(*failing, strict=True))
    rows = Finding.objects.filter(
        account__in=accounts, source__in=tools, item="", code__in=checks, resource__in=resources
    )
    found = {
        (row.account_id, row.source, row.code, row.region, row.resource): row
        for row in rows.order_by()
    }
    return {identity: found[identity] for identity in failing if identity in found}


def _was_gone(planned: Plan, identity: Identity, at: datetime) -> bool:
    """Whether a newer run looked and did not find it: it saw the Region whole, and made the check
    or all checks."""
    account, tool, check, region, _ = identity
    earlier = planned.earlier.get((account, tool), Earlier({}, {}))
    if _is_newer(earlier.all_checked.get(region), at):
        return True
    if not _is_newer(earlier.complete.get(region), at):
        return False
    if (account, tool) not in planned.made:
        if len(planned.made) == SCANS_KEPT:
            planned.made.clear()
        results = AccountScan.objects.values_list("results", flat=True)
        planned.made[account, tool] = frozenset(results.get(account=account, tool=tool))
    return check in planned.made[account, tool]


def _finding(identity: Identity, result: CheckResult, at: datetime) -> Finding:
    account, tool, check, region, resource = identity
    return Finding(
        account_id=account,
        source=tool,
        item="",
        code=check,
        region=region,
        resource=resource,
        title=_title(result),
        detail=result.detail[:1000],
        severity=SEVERITIES.get(result.severity, ""),
        state=State.MUTED if result.muted else State.OPEN,
        first_seen_at=at,
        last_seen_at=at,
    )


def _title(result: CheckResult) -> str:
    name = result.resource.rpartition("/")[2].rpartition(":")[2]
    title = result.title or result.check
    return f"{title}: {name}"[:500] if name else title[:500]


def _see(finding: Finding, result: CheckResult, at: datetime, counts: Counts) -> bool:
    """Bring a stored finding up to date; whether anything is to be written."""
    if at < finding.last_seen_at or (finding.resolved_at and at <= finding.resolved_at):
        return False
    before = [getattr(finding, name) for name in WRITTEN]
    was_resolved = finding.state == State.RESOLVED
    finding.title, finding.detail = _title(result), result.detail[:1000]
    finding.severity = SEVERITIES.get(result.severity, "")
    finding.state = State.MUTED if result.muted else State.OPEN
    finding.last_seen_at = at
    if was_resolved:
        finding.resolved_at = None
        finding.reopened += 1
        counts.reopened += 1
    after = [getattr(finding, name) for name in WRITTEN]
    told = [name for name, old, new in zip(WRITTEN, before, after, strict=True) if old != new]
    counts.changed += bool(set(told) - {"last_seen_at"}) and not was_resolved
    return bool(told)


def _resolve(planned: Plan, key: AccountKey, tool: str) -> None:
    """Findings that nothing named, of checks that ran in Regions that were seen whole, and where
    all checks ran of any check. Decisions on them end."""
    account = planned.accounts[key]
    run = planned.runs[account, tool]
    left = Finding.objects.filter(account=account, source=tool, last_seen_at__lt=run.at).exclude(
        state=State.RESOLVED
    )
    gone = {"state": State.RESOLVED, "resolved_at": run.at}
    resolved = 0
    if run.all_checked:
        resolved += left.filter(region__in=run.all_checked).update(**gone)
    only_complete = run.complete - run.all_checked
    decided = _decided(planned.survey.covered[key, tool]) if only_complete else set()
    for checks in _pieces(sorted(decided), CHECKS_ASKED):
        looked_at = left.filter(region__in=only_complete, code__in=checks)
        resolved += looked_at.update(**gone)
    planned.counts.resolved += resolved
    if resolved:
        end_resolved(datetime.now(UTC), finding__source=tool, finding__account=account)


def _decided(coverage: Coverage) -> set[str]:
    return {
        check
        for check, regions in coverage.checks.items()
        if any(tally.is_decided for tally in regions.values())
    }


def _pieces(values: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _write_scan(planned: Plan, key: AccountKey, tool: str) -> None:
    """Add a run to what is kept of earlier ones, which others may be adding to."""
    account = planned.accounts[key]
    coverage = planned.survey.covered[key, tool]
    run = planned.runs[account, tool]
    at = run.at
    first = AccountScan(account_id=account, tool=tool, scanned_at=at)
    AccountScan.objects.bulk_create([first], ignore_conflicts=True)
    row = AccountScan.objects.select_for_update().get(account=account, tool=tool)
    if at >= row.scanned_at:
        row.scanned_at = at
        row.version, row.scan_id = coverage.version[:64], coverage.scan_id[:200]
    for kept, regions in ((row.regions, run.complete), (row.all_checked, run.all_checked)):
        kept.update({one: at.isoformat() for one in regions if not _is_newer(kept.get(one), at)})
    _forget(row, coverage, run)
    _add_results(row, coverage, at)
    row.save()


def _forget(row: AccountScan, coverage: Coverage, run: Run) -> None:
    """Drop what checks said before, where the run would have said it again. A check that says in
    which Regions it looked passes or fails there, so what it said of no Region goes too."""
    decided = _decided(coverage)
    for check, kept in row.results.items():
        seen = set(run.all_checked)
        if check in decided:
            seen |= run.complete
            seen |= {GLOBAL} if check in coverage.looked_in else set()
        for region in seen & kept.keys():
            if datetime.fromisoformat(kept[region][0]) < run.at:
                del kept[region]


def _add_results(row: AccountScan, coverage: Coverage, at: datetime) -> None:
    """Of places at which no newer run looked."""
    for check, regions in coverage.checks.items():
        was_made = check in row.results
        kept = row.results.setdefault(check, {})
        for region, tally in regions.items():
            looked = [row.all_checked.get(region), (kept.get(region) or [None])[0]]
            looked += [row.regions.get(region)] if was_made else []
            if not any(_is_newer(told, at) for told in looked):
                kept[region] = _as_list(at.isoformat(), tally)


def _is_newer(stored: str | None, at: datetime) -> bool:
    return stored is not None and datetime.fromisoformat(stored) > at


def _as_list(told: str, tally: Tally) -> list[Any]:
    return [told, tally.passed, tally.failed, tally.muted, tally.undecided]
