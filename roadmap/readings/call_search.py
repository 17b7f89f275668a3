"""Where calls can be searched: Glue tables over a trail's bucket and Security Lake in the security
accounts, event data stores and log groups of trails in the management account. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from collectors.outcomes import Missing
from collectors.services import athena, cloudtrail, glue, logs, securitylake
from collectors.services.cloudtrail import Coverage, Trail
from collectors.services.glue import TrailTable
from roadmap.readings.central import all_of, all_of_security
from roadmap.readings.gaps import is_doubt
from roadmap.sentences import account_name, listed, number
from roadmap.subject import Subject

ACCOUNT_ID = re.compile(r"\d{12}")
ENABLED = "ENABLED"
TABLE = "Table"


@dataclass(frozen=True)
class Store:
    """Something in which calls can be searched. ``days`` is how far back, None without an end or,
    for a table, as far as its bucket keeps files; ``is_open`` that nobody asked. ``gap`` is what it
    leaves out, empty if nothing; ``lacks_accounts`` that accounts are among that."""

    kind: str
    name: str
    arn: str = ""
    days: int | None = None
    gap: str = ""
    lacks_accounts: bool = False
    is_open: bool = False

    def reaches(self, days: int) -> bool:
        return not self.is_open and (self.days is None or self.days >= days)

    @property
    def back(self) -> str:
        if self.kind == TABLE:
            return "as far back as its bucket keeps files"
        return "without an end" if self.days is None else f"{self.days} days back"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "arn": self.arn,
            "retention_days": self.days,
            "is_retention_known": not self.is_open,
            "gap": self.gap,
        }


@dataclass(frozen=True)
class Search:
    """The calls of ``members`` (account ids) in the subject's Regions, which ``trails`` record.
    ``missing`` is why there may be more stores than are found."""

    subject: Subject
    members: frozenset[str]
    trails: Sequence[Trail]
    missing: list[Missing] = field(default_factory=list)

    @property
    def regions(self) -> frozenset[str]:
        """Raises Missing."""
        return frozenset(self.subject.facts.regions)

    def stores(self) -> list[Store]:
        """Without those under an exception."""
        looks = (self._tables, self._lakes, self._event_data_stores, self._log_groups)
        found: list[Store] = []
        for look in looks:
            try:
                found += look()
            except Missing as caught:
                self.missing.append(caught)
        return [store for store in found if not self.subject.is_excepted(store.arn)]

    def _tables(self) -> Iterator[Store]:
        """Over the buckets of the trails, where queries can be run."""
        buckets: dict[str, list[Trail]] = {}
        for trail in self.trails:
            if trail.bucket:
                buckets.setdefault(trail.bucket, []).append(trail)
        if not buckets:
            return
        for owner, region, tables in all_of_security(self.subject, glue.trail_tables, self.missing):
            over = [
                table
                for table in tables
                if table.format
                and urlsplit(table.location).netloc in buckets
                and self._is_about_members(table)
            ]
            if over and self._can_query(owner, region):
                for table in over:
                    trails = buckets[urlsplit(table.location).netloc]
                    yield self._table(table, owner, region, trails)

    def _can_query(self, owner: str, region: str) -> bool:
        try:
            return bool(self.subject.facts.observation(athena.work_groups, region, owner).get())
        except Missing as caught:
            self.missing.append(caught)
            return False

    def _is_about_members(self, table: TrailTable) -> bool:
        named = _accounts(table)
        return not named or bool(self.members & named)

    def _table(self, table: TrailTable, owner: str, region: str, trails: Sequence[Trail]) -> Store:
        named = _accounts(table)
        others = bool(named) and not self.members <= named
        gap = f"covers account {listed(sorted(named))} only" if others else ""
        if not gap and _is_of_one_region(table):
            gap = "covers part of the Regions only"
        return Store(
            TABLE,
            f"{table.database}.{table.name} of {account_name(self.subject, owner)}",
            f"arn:{self.subject.account.partition}:glue:{region}:{owner}:table/"
            f"{table.database}/{table.name}",
            gap=gap or self._gap_of(trails),
            lacks_accounts=others,
        )

    def _gap_of(self, trails: Sequence[Trail]) -> str:
        """What the trails leave out together."""
        whole = [trail for trail in trails if trail.management_events == Coverage.ALL]
        homes = {trail.home_region for trail in whole}
        if any(trail.is_multi_region for trail in whole) or self.regions <= homes:
            return ""
        if not whole:
            return "covers part of the management events only"
        return f"covers {listed(sorted(homes - {''})) or 'one Region'} only"

    def _lakes(self) -> Iterator[Store]:
        """Security Lake keeps each Region's logs there, or rolls them up into one."""
        seen = list(all_of_security(self.subject, securitylake.data_lake, self.missing))
        for owner in dict.fromkeys(owner for owner, _, _ in seen):
            lakes = {region: lake for about, region, lake in seen if about == owner}
            by_region = {
                region: frozenset(
                    one
                    for one in self.members
                    if lake.collects(securitylake.MANAGEMENT_EVENTS, one)
                )
                for region, lake in lakes.items()
            }
            collected = {region for region, accounts in by_region.items() if accounts}
            if not collected:
                continue
            days = [lakes[region].retention_days for region in collected]
            left_out = {
                one for r in self.regions & collected for one in self.members - by_region[r]
            }
            gap = "collects calls of part of the Regions only" if self.regions - collected else ""
            if not gap and left_out:
                gap = f"leaves out {len(left_out)} of {number(len(self.members), 'account')}"
            yield Store(
                "Security Lake",
                f"of {account_name(self.subject, owner)}",
                lakes[min(collected)].arn,
                days=min((d for d in days if d is not None), default=None),
                gap=gap,
                lacks_accounts=bool(left_out),
            )

    def _event_data_stores(self) -> Iterator[Store]:
        """Of the organization, or of the management account where it alone is asked about."""
        management = self.subject.account.management_account_id
        for _, _, stores in all_of(
            self.subject, management, cloudtrail.event_data_stores, self.missing
        ):
            for store in stores:
                recorded = store.management_events != Coverage.NONE
                covers = store.is_organization_store or self.members == {management}
                if store.status != ENABLED or not covers or not recorded:
                    continue
                gap = ""
                if not store.is_multi_region:
                    gap = "covers one Region only"
                elif store.management_events != Coverage.ALL:
                    gap = "covers part of the management events only"
                yield Store("Event data store", store.name, store.arn, store.retention_days, gap)

    def _log_groups(self) -> Iterator[Store]:
        """In the management account, where it is asked how long they keep records."""
        trails = {trail.arn: trail for trail in self.trails}
        for one in self.subject.facts.management(logs.organization_trail_logs):
            if one.trail in trails and one.log_group and one.is_read:
                yield _log_group(one, self._gap_of([trails[one.trail]]))

    def own_log_groups(self) -> Iterator[Store]:
        """Of the account's own trails, of which it is not asked how long they keep records."""
        trails = {trail.arn: trail for trail in self.trails}
        own = self.subject.facts.by_region(logs.trail_logs)
        for observation in own.values():
            try:
                found = [one for one in observation.get() if one.trail in trails]
            except Missing as caught:
                if is_doubt(caught):
                    self.missing.append(caught)
                continue
            for one in found:
                if one.log_group and one.is_read:
                    yield _log_group(one, self._gap_of([trails[one.trail]]), is_open=True)


def _log_group(one: logs.TrailLogs, gap: str, *, is_open: bool = False) -> Store:
    name = one.log_group.split(":")[6]
    return Store("Log group", name, one.log_group, one.retention_days, gap, is_open=is_open)


def _below(table: TrailTable) -> list[str]:
    """The folders that lead to the table's files below CloudTrail's own."""
    return urlsplit(table.location).path.partition("AWSLogs/")[2].split("/")


def _accounts(table: TrailTable) -> set[str]:
    """Those whose folder it reads; empty for all."""
    return {part for part in _below(table) if ACCOUNT_ID.fullmatch(part)}


def _is_of_one_region(table: TrailTable) -> bool:
    below = _below(table)
    return "CloudTrail" in below and any(below[below.index("CloudTrail") + 1 :])
