"""Findings of the security services become tickets that somebody works off.

Reads the event rules of the security accounts (events:TestEventPattern says which match findings)
with their targets, and Security Hub's connectors with the automation rules that use them. Judged
once for the organization, of which a person says whether a test finding opened a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from collectors.services import account, events, securityhub
from roadmap.readings.answers import unanswered
from roadmap.readings.finding_routes import Quality, Route, Seen, look
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
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown_for,
)

SIEM_PULL = "siem_pull"


def judge(subject: Subject) -> Verdict:
    seen = look(subject)
    answer = subject.attested()
    holding = answer if answer and answer.holds(subject.now) else None
    return (
        _pass(subject, seen, holding)
        or _by_routes(subject, seen, answer)
        or _without_route(subject, seen, answer)
    )


def _pass(subject: Subject, seen: Seen, holding: Attested | None) -> Verdict | None:
    more: dict[str, Any] = {
        "facts": seen.kept,
        "problems": _idle(seen),
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


def _by_routes(subject: Subject, seen: Seen, answer: Attested | None) -> Verdict | None:
    more: dict[str, Any] = {
        "facts": seen.kept,
        "problems": _idle(seen),
        "incomplete": bool(seen.missing or seen.silent_topics),
    }
    tickets, notes = seen.of(Quality.TICKET), seen.of(Quality.NOTIFY)
    if tickets:
        return partly(
            f"{_named(subject, tickets[0])} may open tickets; {_said(subject, answer)}.",
            "ticket route without valid attestation",
            **more,
        )
    if seen.silent_topics:
        return partly(
            f"{_named(subject, seen.routes[0])} sends findings on, but nobody could read who "
            f"subscribes to {listed(seen.silent_topics)}.",
            "route to a topic that could not be read",
            **more,
        )
    if notes:
        more["problems"] += _notify_only(notes)
        return partly(
            f"{_named(subject, notes[0])} only sends messages to people; nothing opens a ticket.",
            "notify routes only",
            **more,
        )
    if seen.routes:
        kinds = listed(sorted({end.kind.value for end in seen.routes[0].ends}))
        return partly(
            f"{_named(subject, seen.routes[0])} sends findings to something that is not known to "
            f"open tickets ({kinds}).",
            "route not known to open tickets",
            **more,
        )
    return None


def _said(subject: Subject, answer: Attested | None) -> str:
    """What of a test finding that opened a ticket."""
    if answer is None:
        return "nobody has said that a test finding did"
    who = answer.author or "somebody"
    if not answer.holds(subject.now):
        return f"the answer of {who} that a test finding did has expired"
    words = {"partly": "that alerts become tickets in part", "not_done": "that none becomes one"}
    return f"{who} says {words.get(answer.claim, answer.claim)}"


def _idle(seen: Seen) -> list[Problem]:
    return [
        Problem("rule_without_target", rule.arn, rule.name, region, organization=True)
        for rule, region in seen.idle
    ]


def _notify_only(notes: Sequence[Route]) -> Iterator[Problem]:
    for route in notes:
        rule = route.rule
        yield Problem("notify_only", rule.arn, rule.name, route.region, organization=True)


def _without_route(subject: Subject, seen: Seen, answer: Attested | None) -> Verdict:
    if seen.missing:
        return unknown_for(seen.missing[0], facts=seen.kept, problems=_idle(seen))
    more: dict[str, Any] = {"facts": seen.kept}
    no_route = [*_idle(seen), Problem("no_alert_route", organization=True)]
    if answer is None or not answer.holds(subject.now):
        return unanswered(
            answer,
            "that there is one",
            "No way from findings to tickets is to be seen.",
            problems=no_route,
            **more,
        )
    who = answer.author or "somebody"
    if answer.claim == "not_done":
        return failed(
            f"Alerts do not become tickets, says {who}, and no route is to be seen.",
            "attested as not done",
            problems=no_route,
            source=Source.ATTESTED,
            **more,
        )
    if answer.details.get("kind") == SIEM_PULL:
        return partly(
            f"A system fetches part of the findings by itself, says {who}.",
            "findings pulled, attested in part",
            problems=_idle(seen),
            source=Source.ATTESTED,
            **more,
        )
    return partly(
        f"Alerts become tickets, says {who}, but no such route is to be seen.",
        "attested route not seen",
        problems=[*_idle(seen), Problem("route_not_found", organization=True)],
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
