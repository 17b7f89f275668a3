"""Findings of the security services become tickets that somebody works off.

Reads the event rules of the security accounts (events:TestEventPattern says which match findings)
with their targets, and Security Hub's connectors with the automation rules that use them. Judged
once for the organization, of which a person says whether a test finding opened a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import account, events, securityhub
from collectors.services.events import ANYBODY, Rule, Rules
from collectors.services.securityhub import Connector
from roadmap.readings.event_routes import Kind, Routes, Target
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
from roadmap.sentences import account_name, listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
    unknown_for,
)

FINDINGS = (events.guardduty(events.SEVERE), events.ACCESS_ANALYZER, events.SECURITY_HUB)
SIEM_PULL = "siem_pull"

OPENS_TICKETS = frozenset({Kind.API, Kind.FUNCTION, Kind.QUEUE, Kind.WORKFLOW})
# By these a topic reaches people and no system.
PEOPLE = frozenset({"application", "chat", "email", "email-json", "sms"})


class Quality(StrEnum):
    TICKET = "ticket"
    NOTIFY = "notify"
    OTHER = "other"


@dataclass(frozen=True)
class Route:
    rule: Rule
    owner: str
    region: str
    samples: tuple[str, ...]
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
    """``idle`` are matching rules without a target, ``topics`` what is known of SNS topics."""

    routes: list[Route] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    idle: list[tuple[Rule, str]] = field(default_factory=list)
    topics: dict[str, Mapping[str, int] | None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    def of(self, quality: Quality) -> list[Route]:
        return [route for route in self.routes if route.quality == quality]

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "routes": [route.kept for route in self.routes],
            "connectors": [
                {"arn": c.arn, "provider": c.provider, "status": c.status, "rules": list(c.rules)}
                for c in self.connectors
            ],
            "topics": {arn: dict(told) if told else told for arn, told in self.topics.items()},
        }

    @property
    def problems(self) -> list[Problem]:
        return [
            Problem("rule_without_target", rule.arn, rule.name, region, organization=True)
            for rule, region in self.idle
        ]


def judge(subject: Subject) -> Verdict:
    seen = _look(subject)
    answer = subject.attested()
    holding = answer if answer and answer.holds(subject.now) else None
    return (
        _pass(subject, seen, holding)
        or _partial(subject, seen, holding)
        or _less(seen, answer, holding)
    )


def _look(subject: Subject) -> Seen:
    seen = Seen()
    rules = list(_views(subject, events.security_rules, seen))
    for _, _, found in rules:
        seen.topics.update(found.topics)
    for owner, region, found in rules:
        _look_at_rules(subject, owner, region, found, seen)
    for _, _, connectors in _views(subject, securityhub.connectors, seen):
        seen.connectors += connectors
    return seen


def _views(
    subject: Subject, collector: Collector[Any], seen: Seen
) -> Iterator[tuple[str, str, Any]]:
    """Account, Region and fact, of the security accounts in all their Regions."""
    for owner in subject.facts.organization.security_account_ids:
        try:
            found = subject.facts.at(owner).by_region(collector)
        except Missing as missing:
            seen.missing.append(missing)
            continue
        for region, observation in found.items():
            try:
                yield owner, region, observation.get()
            except Missing as missing:
                if missing.outcome not in (Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED):
                    seen.missing.append(missing)


def _look_at_rules(subject: Subject, owner: str, region: str, found: Rules, seen: Seen) -> None:
    routes = Routes(subject, sender=owner, about=ANYBODY)
    for rule in found.rules:
        matched = tuple(name for name in FINDINGS if rule.is_for_somebody(name))
        if rule.bus != events.DEFAULT_BUS or not matched or subject.is_excepted(rule.arn):
            continue
        if not rule.targets:
            seen.idle.append((rule, region))
            continue
        try:
            ends = [end for name in matched for end in routes.ends(rule, name)]
        except Missing as missing:
            seen.missing.append(missing)
            continue
        quality = _quality(ends, seen.topics)
        if quality:
            seen.routes.append(Route(rule, owner, region, matched, quality))


def _quality(
    ends: Sequence[Target], topics: Mapping[str, Mapping[str, int] | None]
) -> Quality | None:
    """The best of what the events end at; None where that is nobody."""
    each = {_quality_of(end, topics) for end in ends}
    return next((quality for quality in Quality if quality in each), None)


def _quality_of(end: Target, topics: Mapping[str, Mapping[str, int] | None]) -> Quality | None:
    if end.kind != Kind.TOPIC:
        return Quality.TICKET if end.kind in OPENS_TICKETS else Quality.OTHER
    protocols = topics.get(end.arn)
    if protocols is None:
        return Quality.OTHER
    if not protocols:
        return None
    return Quality.NOTIFY if protocols.keys() <= PEOPLE else Quality.TICKET


def _pass(subject: Subject, seen: Seen, holding: Attested | None) -> Verdict | None:
    more: dict[str, Any] = {
        "facts": seen.kept,
        "problems": seen.problems,
        "incomplete": bool(seen.missing),
    }
    for connector in seen.connectors:
        if connector.opens_tickets:
            return passed(
                f"Security Hub's connector {connector.name} ({connector.provider}) opens tickets "
                f"by automation rule {listed(connector.rules)}.",
                "connector with an automation rule",
                **more,
            )
    if holding is None or holding.claim != "done":
        return None
    system = holding.details.get("system") or "the ticket system"
    tickets = seen.of(Quality.TICKET)
    if tickets:
        return passed(
            f"{_named(subject, tickets[0])} sends findings on to {system}, where a test opened a "
            "ticket.",
            "ticket route, attested",
            **more,
        )
    if holding.details.get("kind") == SIEM_PULL:
        return passed(
            f"{system[0].upper()}{system[1:]} fetches the findings by itself, and a test opened a "
            "ticket.",
            "findings pulled, attested",
            source=Source.ATTESTED,
            **more,
        )
    return None


def _named(subject: Subject, route: Route) -> str:
    return f"Rule {route.rule.name} of {account_name(subject, route.owner)} in {route.region}"


def _partial(subject: Subject, seen: Seen, holding: Attested | None) -> Verdict | None:
    more: dict[str, Any] = {"facts": seen.kept, "incomplete": bool(seen.missing)}
    tickets, notes = seen.of(Quality.TICKET), seen.of(Quality.NOTIFY)
    if tickets:
        return partly(
            f"{_named(subject, tickets[0])} may open tickets; nobody has said that a test finding "
            "did.",
            "ticket route without valid attestation",
            problems=seen.problems,
            **more,
        )
    if notes:
        return partly(
            f"{_named(subject, notes[0])} only sends messages to people; nothing opens a ticket.",
            "notify routes only",
            problems=[*seen.problems, *_notify_only(notes)],
            **more,
        )
    if seen.routes:
        return partly(
            f"{_named(subject, seen.routes[0])} sends findings to something that is not known to "
            "open tickets.",
            "route not known to open tickets",
            problems=seen.problems,
            **more,
        )
    if holding is None or holding.claim not in ("done", "partly") or seen.missing:
        return None
    if holding.details.get("kind") == SIEM_PULL:
        return partly(
            "A system fetches part of the findings by itself, somebody says.",
            "findings pulled, attested in part",
            problems=seen.problems,
            source=Source.ATTESTED,
            **more,
        )
    return partly(
        "Somebody says that alerts become tickets, but no such route is to be seen.",
        "attested route not seen",
        problems=[*seen.problems, Problem("route_not_found", organization=True)],
        **more,
    )


def _notify_only(notes: Sequence[Route]) -> Iterator[Problem]:
    for route in notes:
        rule = route.rule
        yield Problem("notify_only", rule.arn, rule.name, route.region, organization=True)


def _less(seen: Seen, answer: Attested | None, holding: Attested | None) -> Verdict:
    if seen.missing:
        return unknown_for(seen.missing[0], facts=seen.kept)
    more: dict[str, Any] = {
        "facts": seen.kept,
        "problems": [*seen.problems, Problem("no_alert_route", organization=True)],
    }
    if holding is not None and holding.claim == "not_done":
        return failed(
            "Alerts do not become tickets, somebody says, and no route is to be seen.",
            "attested as not done",
            source=Source.ATTESTED,
            **more,
        )
    if answer is not None and holding is None:
        return unknown(
            Reason.ATTESTATION_EXPIRED,
            "No way from alerts to tickets is to be seen, and what was said of it has expired.",
            "no route, answer expired",
            **more,
        )
    return unknown(
        Reason.NOT_ATTESTED,
        "No way from alerts to tickets is to be seen, and nobody has said that there is one.",
        "no route, not attested",
        **more,
    )


item = Item(
    __name__,
    order="4.1",
    title="Alerts become tickets",
    guidance=(
        "A finding that only a console shows is read by nobody. Findings of GuardDuty, Access "
        "Analyzer and Security Hub open tickets in the system where the team works anyway, "
        "through a connector or an event rule. A test finding now and then proves that the way is"
        " still open."
    ),
    scope="organization",
    flow=Flow.INHERIT,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(events.security_rules, securityhub.connectors, account.regions),
    findings={
        "no_alert_route": FindingKind("Alerts reach no ticket system", Severity.HIGH),
        "notify_only": FindingKind("Alerts only notify", Severity.MEDIUM),
        "route_not_found": FindingKind("Attested alert route not seen", Severity.MEDIUM),
        "rule_without_target": FindingKind("Event rule without target", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Which ticket system gets the alerts, and did a test finding open a ticket?",
            days_setting="TICKET_TEST_DAYS",
            details=(
                Detail("system", "Ticket system", required=True),
                Detail("ticket_url", "Ticket of the test finding", DetailKind.URL, required=True),
                Detail(
                    "kind",
                    "How alerts get there",
                    DetailKind.CHOICE,
                    ("eventbridge", "connector", SIEM_PULL),
                    required=True,
                ),
            ),
        ),
    ),
    fix=Fix(
        (
            "Connect Security Hub to the ticket system, or send findings there by an EventBridge "
            "rule, and open a test ticket."
        ),
        "Processing GuardDuty findings with Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
