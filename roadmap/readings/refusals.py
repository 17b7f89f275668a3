"""What raises an alert on refused calls of an account: metric filters with alarms on the log groups
of trails, and event rules. Pure.

A filter's pattern is tried on records of two refused calls, a rule was tested with their events. A
rule sees the events of its own Region, a filter what its trail records there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collectors.outcomes import Missing
from collectors.services import cloudtrail, events, logs
from collectors.services.cloudtrail import Coverage, Trail
from collectors.services.events import GLOBAL_REGIONS, Setting, event_of
from roadmap.readings.event_routes import Routes, tested
from roadmap.readings.gaps import NOTHING_THERE, is_doubt
from roadmap.subject import Subject

# What the two ways of refusing a call look like in a trail.
CODES = {events.DENIED_BY_IAM: "AccessDenied", events.DENIED_BY_EC2: "UnauthorizedOperation"}
ALLOWED = "iam ListUsers"

ByRegion = dict[str, dict[str, list[str]]]  # Region → sample → names of rules


@dataclass(frozen=True)
class Filter:
    """A metric filter on a trail's log group that selects refused calls; ``codes`` are the samples
    it selects, ``alarms`` the names of alarms that act. ``region`` is the only one that the trail
    records, if it does not record all; ``is_narrow`` that it leaves out some calls."""

    trail: str
    log_group: str
    name: str
    pattern: str
    codes: frozenset[str]
    alarms: tuple[str, ...]
    region: str = ""
    is_narrow: bool = False

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "log_group": self.log_group,
            "filter": self.name,
            "pattern": self.pattern,
            "selects": [CODES[code] for code in sorted(self.codes)],
            "alarms": list(self.alarms),
            "region": self.region or "all",
            "leaves_calls_out": self.is_narrow,
        }


@dataclass
class Alerts:
    """``regions`` are those where something can happen. ``rules`` are those that reach somebody
    and see all calls, ``writes`` these and those that see calls that write. ``consumers`` are who
    else reads the trails; ``unread`` filters with patterns that cannot be read, with whether an
    alarm acts on them."""

    regions: Sequence[str] = ()
    filters: list[Filter] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)
    unread: dict[str, bool] = field(default_factory=dict)
    rules: ByRegion = field(default_factory=dict)
    writes: ByRegion = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    @property
    def alarmed(self) -> list[Filter]:
        return [one for one in self.filters if one.alarms]

    def by_filters(self, region: str) -> frozenset[str]:
        """The codes on which an alarm is raised for whatever call it is."""
        acting = [f for f in self.alarmed if f.region in ("", region) and not f.is_narrow]
        return frozenset().union(*(one.codes for one in acting))

    def by_rules(self, region: str) -> frozenset[str]:
        return frozenset(code for code, names in self.rules.get(region, {}).items() if names)

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "filters": [one.kept for one in self.filters],
            "unread_filters": list(self.unread),
            "consumers": self.consumers,
            "rules": self.rules,
            "rules_on_writes": self.writes,
        }


def alerts(subject: Subject) -> Alerts:
    """Raises Missing where the Regions are not known."""
    rules = subject.facts.by_region(events.rules)
    found = Alerts([r for r, seen in rules.items() if seen.outcome not in NOTHING_THERE])
    for trail, one in _trails(subject, found.missing):
        _look_at_log_group(subject, trail, one, found)
    _look_at_rules(subject, found)
    return found


def _trails(subject: Subject, missing: list[Missing]) -> Iterator[tuple[Trail, logs.TrailLogs]]:
    """The trails that record the account's calls: its organization's, and its own."""
    facts = subject.facts
    if subject.account.organization_id:
        try:
            recording = facts.management(cloudtrail.organization_trails)
            found = facts.management(logs.organization_trail_logs)
            yield from _serving(recording, [one for one in found if one.is_organization_trail])
        except Missing as caught:
            missing.append(caught)
    for region, observation in facts.by_region(logs.trail_logs).items():
        try:
            own = [one for one in observation.get() if not one.is_organization_trail]
            if own:
                trails = facts.get(cloudtrail.trails, region)
                yield from _serving(trails, own)
        except Missing as caught:
            if is_doubt(caught):
                missing.append(caught)


def _serving(
    trails: Sequence[Trail], found: Sequence[logs.TrailLogs]
) -> Iterator[tuple[Trail, logs.TrailLogs]]:
    """Those that record management events and can deliver them."""
    serving = {
        trail.arn: trail
        for trail in trails
        if trail.is_logging
        and not trail.latest_delivery_error
        and trail.management_events != Coverage.NONE
    }
    return ((serving[one.trail], one) for one in found if one.trail in serving)


def _look_at_log_group(subject: Subject, trail: Trail, one: logs.TrailLogs, found: Alerts) -> None:
    if subject.is_excepted(one.log_group):
        return
    if not one.is_read:
        found.consumers.append(one.log_group)
    found.consumers += [*one.subscriptions, *([one.sns_topic] if one.sns_topic else [])]
    for each in one.filters:
        alarms = [a.alarm_name for a in each.alarms if a.actions_enabled and a.action_count]
        told = {
            name: logs.selects(each.pattern, _record(subject, name)) for name in (*CODES, ALLOWED)
        }
        codes = frozenset(name for name in CODES if told[name])
        if None in told.values():
            found.unread[f"{one.log_group} {each.name}"] = bool(alarms)
        elif codes and not told[ALLOWED]:
            found.filters.append(
                Filter(
                    trail=trail.name or trail.arn,
                    log_group=one.log_group,
                    name=each.name,
                    pattern=each.pattern,
                    codes=codes,
                    alarms=tuple(sorted(alarms)),
                    region="" if trail.is_multi_region else trail.home_region,
                    is_narrow=trail.management_events != Coverage.ALL
                    or not trail.has_global_service_events,
                )
            )


def _record(subject: Subject, name: str) -> Mapping[str, Any]:
    """CloudTrail's record of a call in the account."""
    row = subject.account
    region = GLOBAL_REGIONS.get(row.partition, "us-east-1")
    event = event_of(name, Setting(row.account_id, region, row.partition, subject.now))
    detail: Mapping[str, Any] = event["detail"]
    return detail


def _look_at_rules(subject: Subject, found: Alerts) -> None:
    routes = Routes(subject)
    for region in found.regions:
        try:
            seen = subject.facts.get(events.rules, region)
            for name in CODES:
                reaching = [
                    rule
                    for rule in tested(seen, name).of(name, subject.account.account_id)
                    if routes.ends(rule, name)
                ]
                names = [rule.name for rule in reaching]
                found.rules.setdefault(region, {})[name] = [
                    rule.name for rule in reaching if rule.sees_reads
                ]
                found.writes.setdefault(region, {})[name] = names
        except Missing as caught:
            if is_doubt(caught):
                found.missing.append(caught)
