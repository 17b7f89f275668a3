"""All calls of a principal in a period can be listed, over accounts and Regions.

Reads what searches the organization trail's records: Glue tables over its bucket with Athena work
groups and Security Lake in the security accounts, event data stores and the trail's log group in
the management account. Judged once for the organization, whose trail serves all its accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import account, athena, cloudtrail, glue, logs, securitylake
from collectors.services.cloudtrail import Coverage, Trail
from collectors.services.glue import TrailTable
from roadmap.registry import (
    Attestable,
    Detail,
    DetailKind,
    FindingKind,
    Fix,
    Flow,
    Item,
    Level,
)
from roadmap.sentences import account_name
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    not_in_organization,
    partly,
    passed,
    unknown_for,
)

ACCOUNT_ID = re.compile(r"\d{12}")
ENABLED = "ENABLED"
ACTIVE = "ACTIVE"


@dataclass(frozen=True)
class Store:
    """Something in which calls can be searched. ``days`` is how far back, None without an end;
    ``gap`` is what it leaves out, empty if nothing."""

    kind: str
    name: str
    arn: str = ""
    days: int | None = None
    gap: str = ""

    def reaches(self, days: int) -> bool:
        return self.days is None or self.days >= days

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "arn": self.arn,
            "retention_days": self.days,
            "gap": self.gap,
        }


def judge(subject: Subject) -> Verdict:
    if not subject.account.organization_id:
        return not_in_organization()
    stores: list[Store] = []
    missing: list[Missing] = []
    for look in (_tables, _lakes, _event_data_stores, _log_groups):
        try:
            stores.extend(look(subject, missing))
        except Missing as caught:
            missing.append(caught)
    stores = [store for store in stores if not subject.is_excepted(store.arn)]
    return _of_stores(subject, stores, missing)


def _of_stores(subject: Subject, stores: Sequence[Store], missing: Sequence[Missing]) -> Verdict:
    least = subject.settings["LOG_SEARCH_MIN_DAYS"]
    more: dict[str, Any] = {"facts": {"stores": [store.kept for store in stores]}}
    whole = [store for store in stores if not store.gap]
    long = [store for store in whole if store.reaches(least)]
    if long:
        back = f"{long[0].days} days back" if long[0].days else "without an end"
        return passed(
            f"{long[0]} lists the calls of a principal over all accounts, {back}.",
            "searchable store",
            incomplete=bool(missing),
            **more,
        )
    answer = subject.attested()
    if answer and answer.claim == "done" and answer.holds(subject.now):
        return passed(
            f"The calls of a principal can be listed, says {answer.author or 'an answer'}.",
            "search attested",
            source=Source.ATTESTED,
            incomplete=bool(missing),
            **more,
        )
    if missing:
        return unknown_for(missing[0], **more)
    if whole:
        longest = max(whole, key=lambda store: store.days or 0)
        return partly(
            f"{longest} reaches only {longest.days} days back, of {least} that are wanted.",
            "history too short",
            problems=list(_short(whole)),
            **more,
        )
    if stores:
        return partly(
            f"{stores[0]} {stores[0].gap}.",
            "store leaves part out",
            problems=list(_short(s for s in stores if not s.reaches(least))),
            **more,
        )
    return failed(
        "Only CloudTrail's own event history can be searched: 90 days, one account and one Region "
        "at a time.",
        "event history only",
        problems=[Problem("no_log_search", organization=True)],
        **more,
    )


def _short(stores: Iterable[Store]) -> Iterator[Problem]:
    for store in stores:
        yield Problem("log_history_short", store.arn, store.name, organization=True)


def _trails(subject: Subject) -> list[Trail]:
    """The organization's trails that record. Raises Missing."""
    found = subject.facts.management(cloudtrail.organization_trails)
    return [t for t in found if t.is_organization_trail and t.is_logging]


def _tables(subject: Subject, missing: list[Missing]) -> Iterator[Store]:
    """Glue tables over the bucket of an organization trail, where queries can be run."""
    buckets = {trail.bucket: trail for trail in _trails(subject) if trail.bucket}
    if not buckets:
        return
    for owner, region, tables in _views(subject, glue.trail_tables, missing):
        over = [t for t in tables if t.format and urlsplit(t.location).netloc in buckets]
        if not over:
            continue
        try:
            groups = subject.facts.observation(athena.work_groups, region, owner).get()
        except Missing as caught:
            missing.append(caught)
            continue
        for table in over if groups else ():
            trail = buckets[urlsplit(table.location).netloc]
            yield Store(
                "Table",
                f"{table.database}.{table.name} of {account_name(subject, owner)}",
                f"arn:{subject.account.partition}:glue:{region}:{owner}:table/"
                f"{table.database}/{table.name}",
                gap=_gap_of_table(table) or _gap_of_trail(trail),
            )


def _gap_of_table(table: TrailTable) -> str:
    """By where its files lie below AWSLogs: of one account or one Region only."""
    below = urlsplit(table.location).path.partition("AWSLogs/")[2].split("/")
    accounts = [part for part in below if ACCOUNT_ID.fullmatch(part)]
    if accounts:
        return f"covers account {accounts[0]} only"
    if "CloudTrail" in below and any(below[below.index("CloudTrail") + 1 :]):
        return "covers part of the Regions only"
    return ""


def _gap_of_trail(trail: Trail) -> str:
    if not trail.is_multi_region:
        return f"covers {trail.home_region or 'one Region'} only"
    if trail.management_events != Coverage.ALL:
        return "covers part of the management events only"
    return ""


def _lakes(subject: Subject, missing: list[Missing]) -> Iterator[Store]:
    """Security Lake keeps each Region's logs there, or rolls them up into one."""
    seen = list(_views(subject, securitylake.data_lake, missing))
    members = {
        row.account_id
        for row in subject.company.accounts.values()
        if row.state == ACTIVE and row.organization_id == subject.account.organization_id
    } or {subject.account.account_id}
    wanted = set(subject.facts.regions)
    for owner in dict.fromkeys(owner for owner, _, _ in seen):
        lakes = {region: lake for about, region, lake in seen if about == owner}
        by_region = {
            region: {one for one in members if lake.collects(securitylake.MANAGEMENT_EVENTS, one)}
            for region, lake in lakes.items()
        }
        collected = {region for region, accounts in by_region.items() if accounts}
        if not collected:
            continue
        days = [lakes[region].retention_days for region in collected]
        yield Store(
            "Security Lake",
            f"of {account_name(subject, owner)}",
            lakes[min(collected)].arn,
            days=min((d for d in days if d is not None), default=None),
            gap=_gap_of_lake(members, wanted, by_region),
        )


def _gap_of_lake(members: set[str], wanted: set[str], by_region: dict[str, set[str]]) -> str:
    if wanted - {region for region, accounts in by_region.items() if accounts}:
        return "collects calls of part of the Regions only"
    left_out = {one for r in wanted for one in members - by_region.get(r, set())}
    return f"leaves out {len(left_out)} of {len(members)} accounts" if left_out else ""


def _event_data_stores(subject: Subject, missing: list[Missing]) -> Iterator[Store]:
    management = subject.account.management_account_id
    for _, _, stores in _views_of(subject, management, cloudtrail.event_data_stores, missing):
        for store in stores:
            recorded = store.management_events != Coverage.NONE
            if store.status != ENABLED or not store.is_organization_store or not recorded:
                continue
            gap = ""
            if not store.is_multi_region:
                gap = "covers one Region only"
            elif store.management_events != Coverage.ALL:
                gap = "covers part of the management events only"
            yield Store("Event data store", store.name, store.arn, store.retention_days, gap)


def _log_groups(subject: Subject, missing: list[Missing]) -> Iterator[Store]:
    trails = {trail.arn: trail for trail in _trails(subject)}
    for one in subject.facts.management(logs.organization_trail_logs):
        if one.trail in trails and one.log_group and one.is_read:
            name = one.log_group.split(":")[6]
            gap = _gap_of_trail(trails[one.trail])
            yield Store("Log group", name, one.log_group, one.retention_days, gap)


def _views(
    subject: Subject, collector: Collector[Any], missing: list[Missing]
) -> Iterator[tuple[str, str, Any]]:
    """Account, Region and fact, of the security accounts in all their Regions."""
    for owner in subject.facts.organization.security_account_ids:
        yield from _views_of(subject, owner, collector, missing)


def _views_of(
    subject: Subject, owner: str, collector: Collector[Any], missing: list[Missing]
) -> Iterator[tuple[str, str, Any]]:
    try:
        found = subject.facts.at(owner).by_region(collector)
    except Missing as caught:
        missing.append(caught)
        return
    for region, observation in found.items():
        try:
            yield owner, region, observation.get()
        except Missing as caught:
            if caught.outcome not in (Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED):
                missing.append(caught)


item = Item(
    __name__,
    order="4.2.3",
    title="Actions searchable by principal",
    guidance=(
        "The first question of every investigation is what this key did, everywhere, since it "
        "leaked. CloudTrail's own event history answers it for one account, one Region and 90 "
        "days. A table over the trail's bucket, a data lake or a monitoring system answers it for"
        " all."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(
        cloudtrail.organization_trails,
        cloudtrail.event_data_stores,
        logs.organization_trail_logs,
        glue.trail_tables,
        athena.work_groups,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_log_search": FindingKind("Calls cannot be searched by principal", Severity.HIGH),
        "log_history_short": FindingKind("Searchable history too short", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Given a principal and a period, can its calls be listed? Link a saved query or "
                "its result."
            ),
            details=(
                Detail("query_url", "Saved query, or its result", DetailKind.URL, required=True),
            ),
        ),
    ),
    parent="detection.investigation",
    fix=Fix(
        (
            "Create an Athena table over the trail's bucket, and keep a query that lists a "
            "principal's calls."
        ),
        "Query AWS CloudTrail logs",
    ),
    source_url="https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html",
)
