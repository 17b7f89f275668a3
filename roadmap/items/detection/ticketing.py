"""Findings of the security services become tickets that somebody works off."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

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
            about="Kind of route (eventbridge, connector or siem_pull)",
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
