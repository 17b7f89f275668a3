"""What scanners said of an account, as rules read it. Pure: built from what imports stored.

A rule that rests on a scan, or is contradicted by one, keeps it: kept scans go into the evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

CheckKey = tuple[str, str]  # tool, check

_LABELS = {
    "prowler": "Prowler",
    "securityhub": "Security Hub",
    "scoutsuite": "ScoutSuite",
    "cloudmapper": "CloudMapper",
    "cloudmapper_public": "CloudMapper public",
}
# What they do not name in a Region that was seen whole has passed.
FAILURES_ONLY = frozenset({"cloudmapper", "cloudmapper_public"})
# They list what is exposed, which is no scan of an account.
LISTINGS = frozenset({"cloudmapper_public"})


def label_of(tool: str) -> str:
    return _LABELS.get(tool, tool)


class Counted(NamedTuple):
    """Results of one check in one Region, from its newest run. ``failed`` has the muted in it."""

    at: datetime
    passed: int = 0
    failed: int = 0
    muted: int = 0
    undecided: int = 0


@dataclass(frozen=True)
class Scan:
    """The newest that one tool said. ``regions`` are those it saw whole → when last; ``results``
    check → Region → counts, of the checks that belong to an item."""

    tool: str
    version: str = ""
    scan_id: str = ""
    regions: Mapping[str, datetime] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Counted]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return label_of(self.tool)

    def covers(self, regions: Collection[str], after: datetime) -> bool:
        """Whether it saw each of the Regions whole, after that time."""
        return bool(regions) and all(
            region in self.regions and self.regions[region] > after for region in regions
        )


@dataclass(frozen=True)
class Failure:
    """A result that failed and is not resolved. ``resource`` is as the tool names it, ``seen_at``
    the run that named it last."""

    tool: str
    check: str
    region: str
    resource: str
    seen_at: datetime
    is_muted: bool = False

    @property
    def name(self) -> str:
        return self.resource.rpartition("/")[2].rpartition(":")[2]

    @property
    def detail(self) -> str:
        """Who says so."""
        muted = ", muted there" if self.is_muted else ""
        return f"{label_of(self.tool)} {self.check}{muted}."


@dataclass(frozen=True)
class Scans:
    """An account's scans. ``checks`` are those of each item, by its key; ``failures`` are of the
    checks whose resources matter. ``kept`` is tool → what goes into the evidence."""

    found: Sequence[Scan] = ()
    checks: Mapping[str, Collection[CheckKey]] = field(default_factory=dict)
    failures: Sequence[Failure] = ()
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    def newest(self, region: str) -> tuple[datetime, Scan] | None:
        """The newest scan that saw the Region whole."""
        seen = [
            (scan.regions[region], scan)
            for scan in self.found
            if region in scan.regions and scan.tool not in LISTINGS
        ]
        return max(seen, key=lambda one: one[0], default=None)

    def failing(self, item: str) -> Iterator[Failure]:
        belonging = self.checks.get(item, ())
        return (one for one in self.failures if (one.tool, one.check) in belonging)

    def checks_of(self, scan: Scan, item: str) -> list[str]:
        return sorted(check for tool, check in self.checks.get(item, ()) if tool == scan.tool)

    def keep(
        self, scan: Scan, item: str, *, at: datetime | None = None, until: datetime | None = None
    ) -> None:
        """``at`` is when it saw what it is kept for, ``until`` when it is too old for that; of
        several the first counts."""
        before = self.kept.get(scan.tool, {})
        self.kept[scan.tool] = {
            "tool": scan.tool,
            "version": scan.version,
            "scan_id": scan.scan_id,
            "regions": dict(sorted(scan.regions.items())),
            "checks": {
                check: _summed(scan.results[check])
                for check in self.checks_of(scan, item)
                if scan.results.get(check)
            },
            "at": _first(before.get("at"), at),
            "until": _first(before.get("until"), until),
        }


def _first(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _summed(regions: Mapping[str, Counted]) -> dict[str, Any]:
    return {
        **{
            name: sum(getattr(one, name) for one in regions.values())
            for name in ("passed", "failed", "muted", "undecided")
        },
        "failed_in": sorted(region for region, one in regions.items() if one.failed),
        "at": max(one.at for one in regions.values()),
    }
