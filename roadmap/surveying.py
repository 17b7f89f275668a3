"""What a scanner's results cover, read once before anything of them is written. Pure.

The first reading proves that the whole file can be read; the second one writes. What is kept of
the first are counts per account, check and Region, so that the size of a file costs no memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collectors.scanners import CheckResult, CheckStatus, Unreadable
from inventory.kinds import CellError, clean_account_id

AccountKey = tuple[str, str]  # partition, account id
IDS_NAMED = 20
# What a file may take of the memory: different checks, and those per account and Region.
MOST_CHECKS, MOST_TALLIES = 100_000, 500_000


@dataclass(slots=True)
class Tally:
    """Results of one check in one Region."""

    passed: int = 0
    failed: int = 0
    muted: int = 0
    undecided: int = 0

    def add(self, result: CheckResult) -> None:
        if result.status == CheckStatus.UNDECIDED:
            self.undecided += 1
        elif result.status == CheckStatus.PASS:
            self.passed += 1
        else:
            self.failed += 1
            self.muted += result.muted

    @property
    def is_decided(self) -> bool:
        return self.passed > 0 or self.failed > 0


@dataclass
class Coverage:
    """One tool's run over one account. ``checks`` are check → Region → tally; ``looked_in`` check →
    the Regions in which the file says that it was made, whatever it found there; ``at`` is the
    newest time in it, None where the file names none."""

    at: datetime | None = None
    version: str = ""
    scan_id: str = ""
    checks: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    looked_in: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, result: CheckResult) -> bool:
        """Whether it is the first one of its check in its Region."""
        if result.at is not None and (self.at is None or result.at > self.at):
            self.at = result.at
        self.version, self.scan_id = result.version or self.version, result.scan_id or self.scan_id
        check, region = check_of(result), region_of(result)
        regions = self.checks[check]
        if result.looked_in:
            self.looked_in.setdefault(check, result.looked_in)
        is_first = region not in regions
        if is_first:
            regions[region] = Tally()
        regions[region].add(result)
        return is_first

    def complete_regions(self, at_least: int, declared: Iterable[str] = ()) -> set[str]:
        """Regions in which enough distinct checks were decided, or that the importer declares."""
        decided = Counter(region for check in self.checks for region in self._decided_in(check))
        enough = {region for region, number in decided.items() if number >= at_least}
        return enough | set(declared)

    def _decided_in(self, check: str) -> set[str]:
        """Where the check was made and came to a result: in none of the Regions it looked in if it
        decided nothing at all."""
        found = {region for region, tally in self.checks[check].items() if tally.is_decided}
        return found | self.looked_in.get(check, frozenset()) if found else found


@dataclass(frozen=True, slots=True)
class Check:
    title: str
    severity: str


@dataclass
class Survey:
    """``tools`` are those of the results → version, where it is named; ``refused`` are what the
    file has in place of an account id → results with it; ``unknown`` are accounts that the
    inventory does not have → results."""

    results: int = 0
    tools: dict[str, str] = field(default_factory=dict)
    covered: dict[tuple[AccountKey, str], Coverage] = field(default_factory=dict)
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    unknown: dict[AccountKey, int] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        return sum(self.refused.values()) + sum(self.unknown.values())


def survey(
    results: Iterable[CheckResult],
    accounts: Mapping[AccountKey, int],
    progress: Callable[[int], None] = lambda number: None,
) -> Survey:
    """Read everything. Raises Unreadable where the file breaks off, and for more checks than any
    scan has."""
    found = Survey()
    tallies = 0
    for number, result in enumerate(results, 1):
        found.results = number
        if number % 1000 == 0:
            progress(number)
        found.tools[result.tool] = result.version or found.tools.get(result.tool, "")
        key = account_of(result)
        if key is None:
            told = result.account_id[:64] or "nothing"
            if told in found.refused or len(found.refused) < IDS_NAMED:
                found.refused[told] = found.refused.get(told, 0) + 1
            else:
                found.refused["others"] = found.refused.get("others", 0) + 1
        elif key not in accounts:
            tallies += key not in found.unknown
            found.unknown[key] = found.unknown.get(key, 0) + 1
        else:
            coverage = found.covered.setdefault((key, result.tool), Coverage())
            tallies += coverage.add(result)
            check = result.tool, check_of(result)
            if check not in found.checks:
                found.checks[check] = Check(result.title[:500], result.severity[:32])
        if tallies > MOST_TALLIES or len(found.checks) > MOST_CHECKS:
            raise Unreadable(
                f"The file has more than {MOST_CHECKS:,} different checks, or {MOST_TALLIES:,} "
                "combinations of account, check and Region, which no scan has; split it if it is "
                "one. Nothing was taken."
            )
    return found


def check_of(result: CheckResult) -> str:
    """As long as what is stored of it."""
    return result.check[:200]


def region_of(result: CheckResult) -> str:
    return result.region[:32]


def account_of(result: CheckResult) -> AccountKey | None:
    """None where the file has no AWS account id."""
    try:
        return result.partition, clean_account_id(result.account_id)
    except CellError:
        return None
