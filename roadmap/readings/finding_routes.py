"""How findings of the security services leave AWS: by event rules of the security accounts, and by
Security Hub's connectors to ticket systems. Pure.

A rule hears of findings on the account's default bus, or on a bus of its own that lets others put
events there. A topic without confirmed subscriptions is the end of no way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from collectors.outcomes import Missing
from collectors.services import events, securityhub
from collectors.services.events import ANYBODY, Rule, Rules
from collectors.services.securityhub import Connector
from roadmap.readings.central import all_of_security
from roadmap.readings.event_routes import Kind, Routes, Target
from roadmap.subject import Subject

FINDINGS = (
    events.guardduty(events.SEVERE),
    events.ACCESS_ANALYZER,
    events.securityhub(events.SEVERE),
)

OPENS_TICKETS = frozenset({Kind.API, Kind.FUNCTION, Kind.QUEUE, Kind.WORKFLOW})
# By these a topic reaches a system, by those people alone.
SYSTEMS = frozenset({"http", "https", "lambda", "sqs"})
PEOPLE = frozenset({"application", "chat", "email", "email-json", "sms"})

Topics = Mapping[str, Mapping[str, int] | None]


class Quality(StrEnum):
    """The better first."""

    TICKET = "ticket"
    NOTIFY = "notify"
    OTHER = "other"


@dataclass(frozen=True)
class Route:
    rule: Rule
    owner: str
    region: str
    samples: tuple[str, ...]
    ends: tuple[Target, ...]
    quality: Quality

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule.arn,
            "account": self.owner,
            "region": self.region,
            "state": self.rule.state,
            "pattern": self.rule.pattern,
            "targets": list(self.rule.targets),
            "matches": list(self.samples),
            "quality": str(self.quality),
        }


@dataclass
class Seen:
    """``idle`` are matching rules without a target, with their Regions; ``topics`` what is known
    of SNS topics. ``missing`` is why there may be more, or of a better quality."""

    routes: list[Route] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    idle: list[tuple[Rule, str]] = field(default_factory=list)
    topics: dict[str, Mapping[str, int] | None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    def of(self, quality: Quality) -> list[Route]:
        return [route for route in self.routes if route.quality == quality]

    @property
    def silent_topics(self) -> list[str]:
        """Topics at which routes end and whose subscriptions nobody could read."""
        ends = {end.arn for route in self.routes for end in route.ends if end.kind == Kind.TOPIC}
        return sorted(arn for arn in ends if self.topics.get(arn) is None)

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "routes": [route.kept for route in self.routes],
            "connectors": [
                {"arn": c.arn, "provider": c.provider, "status": c.status, "rules": list(c.rules)}
                for c in self.connectors
            ],
            "topics": {
                arn: None if told is None else dict(told) for arn, told in self.topics.items()
            },
        }


def look(subject: Subject) -> Seen:
    seen = Seen()
    rules = list(all_of_security(subject, events.security_rules, seen.missing))
    for _, _, found in rules:
        seen.topics.update(found.topics)
    for owner, region, found in rules:
        _look_at_rules(subject, owner, region, found, seen)
    for _, _, connectors in all_of_security(subject, securityhub.connectors, seen.missing):
        seen.connectors += connectors
    return seen


def _look_at_rules(subject: Subject, owner: str, region: str, found: Rules, seen: Seen) -> None:
    routes = Routes(subject, sender=owner, about=ANYBODY)
    for rule in _hearing(found):
        matched = tuple(name for name in FINDINGS if rule.is_for_somebody(name))
        if not matched or subject.is_excepted(rule.arn):
            continue
        if not rule.targets:
            seen.idle.append((rule, region))
            continue
        try:
            ends = tuple(end for name in matched for end in routes.ends(rule, name))
        except Missing as missing:
            seen.missing.append(missing)
            continue
        quality = _quality(ends, seen.topics)
        if quality:
            seen.routes.append(Route(rule, owner, region, matched, ends, quality))


def _hearing(found: Rules) -> Iterator[Rule]:
    """The rules on buses to which findings can come."""
    for rule in found.rules:
        bus = found.bus(rule.bus)
        if rule.bus == events.DEFAULT_BUS or (bus is not None and bus.is_open):
            yield rule


def _quality(ends: Sequence[Target], topics: Topics) -> Quality | None:
    """The best of what the events end at; None where that is nobody."""
    each = {_quality_of(end, topics) for end in ends}
    return next((quality for quality in Quality if quality in each), None)


def _quality_of(end: Target, topics: Topics) -> Quality | None:
    if end.kind != Kind.TOPIC:
        return Quality.TICKET if end.kind in OPENS_TICKETS else Quality.OTHER
    protocols = topics.get(end.arn)
    if protocols is None:
        return Quality.OTHER
    if SYSTEMS & protocols.keys():
        return Quality.TICKET
    if protocols.keys() <= PEOPLE:
        return Quality.NOTIFY if protocols else None
    return Quality.OTHER
