"""Where Cairn itself has no access, what scanners found serves instead; where both know and say
different things, the difference is reported. Pure; section 0.9 of the evidence rules.

Want of access is what AWS or the account refuses (section 0.6): the member role, a call, or the
credentials in one Region. What throttling, an error of AWS or its age keeps from Cairn is not
refused, and the next collection may bring it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collectors.outcomes import Missing, Outcome
from roadmap.registry import ImportUse, Item
from roadmap.scans import FAILURES_ONLY, Counted, Scan
from roadmap.sentences import listed, number
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Reason, Source, Status, Verdict

DISAGREEMENT = "source_disagreement"
REFUSED = frozenset({Reason.ACCESS_DENIED, Reason.ASSUME_ROLE_DENIED, Reason.REGION_UNREACHABLE})
DECIDED = frozenset({Status.PASS, Status.PARTIAL, Status.FAIL})


def with_imports(item: Item, subject: Subject, verdict: Verdict) -> Verdict:
    """The rule's verdict, or the one that scans give in its place."""
    if not subject.scans.found or not _may_serve(item):
        return verdict
    lacks = lacks_access(verdict)
    if not lacks and not _is_comparable(verdict):
        return verdict
    told = _told(item, subject)
    if told is None or (not lacks and told.status == verdict.status):
        return verdict
    limit = timedelta(days=subject.settings["IMPORT_FALLBACK_DAYS"])
    for scan in told.scans:
        at = min(scan.regions[region] for region in told.regions)
        subject.scans.keep(scan, item.key, at=at, until=at + limit)
    if lacks:
        return told.instead_of(verdict)
    if subject.is_excepted(subject.account.root_arn):
        return verdict
    said = f"Cairn says {verdict.status.label.lower()}. {told.sentence}"
    return replace(verdict, problems=[*verdict.problems, Problem(DISAGREEMENT, detail=said)])


def _may_serve(item: Item) -> bool:
    return item.import_use == ImportUse.FALLBACK and Source.IMPORTED in item.sources


def lacks_access(verdict: Verdict) -> bool:
    """Whether it is unknown for want of access, everywhere or in the Regions that are unknown."""
    if verdict.status != Status.UNKNOWN:
        return False
    if verdict.reason in REFUSED:
        return True
    unknown = [part for part in verdict.regions.values() if part.status == Status.UNKNOWN]
    return (
        verdict.reason == Reason.PARTIAL_COLLECTION
        and bool(unknown)
        and all(part.reason in REFUSED for part in unknown)
    )


def _is_comparable(verdict: Verdict) -> bool:
    """Whether Cairn decided by its own evidence, and saw all of it."""
    own = verdict.source == Source.AUTOMATIC and verdict.status in DECIDED
    return own and not verdict.incomplete


@dataclass(frozen=True)
class _Told:
    """What all mapped results of the scans that cover the account come to."""

    passed: int
    failed: int
    checks: int
    scans: Sequence[Scan]
    regions: Sequence[str]

    @property
    def status(self) -> Status:
        if self.passed and self.failed:
            return Status.PARTIAL
        return Status.FAIL if self.failed else Status.PASS

    @property
    def sentence(self) -> str:
        oldest = min(scan.regions[region] for scan in self.scans for region in self.regions)
        total = self.passed + self.failed
        results = f"{number(total, 'result')} of {number(self.checks, 'check')}"
        outcome = {
            Status.PASS: f"{results} passed, none failed",
            Status.FAIL: f"{results} failed, none passed",
            Status.PARTIAL: f"of {results}, {self.failed} failed",
        }[self.status]
        tools = listed(scan.label for scan in self.scans)
        say = "says" if len(self.scans) == 1 else "say"
        return f"{tools} {say} {self.status.label.lower()} ({oldest:%-d %b %Y}): {outcome}."

    def instead_of(self, verdict: Verdict) -> Verdict:
        """It resolves no finding of Cairn's own: those were seen, and nobody looked again."""
        rules = {Status.PASS: "all passed", Status.FAIL: "all failed", Status.PARTIAL: "mixed"}
        reason = verdict.reason.replace("_", " ") if verdict.reason else ""
        return Verdict(
            self.status,
            f"{self.sentence} Cairn itself could not look ({reason}).",
            f"imported: {rules[self.status]}",
            facts={"automatic": {"reason": verdict.reason, "sentence": verdict.sentence}},
            problems=verdict.problems,
            incomplete=True,
            source=Source.IMPORTED,
        )


def _told(item: Item, subject: Subject) -> _Told | None:
    """None where no scan covers the account, or none of them made a check of the item."""
    try:
        in_scope = subject.facts.regions
    except Missing:
        return None
    blocked = {
        seen.region
        for seen in subject.facts.read
        if seen.outcome == Outcome.REGION_BLOCKED and seen.account_id == subject.account.account_id
    }
    regions = [region for region in in_scope if region not in blocked]
    after = subject.now - timedelta(days=subject.settings.values["IMPORT_FALLBACK_DAYS"])
    scans, counts = [], []
    for scan in subject.scans.found:
        if not scan.covers(regions, after):
            continue
        checked = [
            found
            for check in subject.scans.checks_of(scan, item.key)
            if (found := _result(scan, check, regions, after, subject)) != (0, 0)
        ]
        if checked:
            scans.append(scan)
            counts += checked
    if not scans:
        return None
    passed, failed = (sum(part) for part in zip(*counts, strict=True))
    return _Told(passed, failed, len(counts), scans, regions)


def _result(
    scan: Scan, check: str, regions: Sequence[str], after: datetime, subject: Subject
) -> tuple[int, int]:
    """How many results of a check passed and failed. Those of resources under an exception count
    as neither."""
    passed = failed = 0
    # A run names all that fails; what it no longer names is not among what it counted.
    excepted = Counter(
        (one.region, one.seen_at)
        for one in (subject.scans.failures if subject.exceptions else ())
        if (one.tool, one.check) == (scan.tool, check) and subject.is_excepted(one.resource)
    )
    for region, counted in _counting(scan, check, regions, after):
        passed += counted.passed
        failed += counted.failed - excepted[region, counted.at]
    if scan.tool in FAILURES_ONLY and not failed:
        passed = 1
    return passed, failed


def _counting(
    scan: Scan, check: str, regions: Sequence[str], after: datetime
) -> Iterator[tuple[str, Counted]]:
    """Results that are new enough, in the Regions in scope and in none. What services without
    Regions are told of stands in the partition's main Region, which may be out of scope: so if
    nothing is in scope, all of it counts."""
    recent = {region: one for region, one in scan.results.get(check, {}).items() if one.at > after}
    inside = {region: one for region, one in recent.items() if region in ("global", *regions)}
    yield from (inside or recent).items()
