"""Events that matter reach the security account within seconds."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="8.1",
    title="Near real-time monitoring",
    guidance=(
        "A trail delivers after minutes, and much can happen in them. Event rules in each Region "
        "forward the calls that matter to a central bus, where other rules act on them. IAM and "
        "sign-in events arise in one Region only, so the rule there must not be missing."
    ),
    scope="account×region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_realtime_rule": FindingKind("No rule for events that matter", Severity.MEDIUM),
        "realtime_not_central": FindingKind("Events stay in the account", Severity.LOW),
        "realtime_bus_policy_missing": FindingKind(
            "Central bus does not admit the account", Severity.MEDIUM
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Which streaming product watches this account, and when was it tested?",
            days_setting="ALERT_TEST_DAYS",
        ),
        Attestable(
            Level.ORGANIZATION,
            "Which streaming product watches all accounts, and when was it tested?",
            days_setting="ALERT_TEST_DAYS",
        ),
    ),
    imports={
        "prowler": ("eventbridge_bus_cross_account_access",),
    },
    fix=Fix(
        "Deploy one forwarding rule per Region by stack set, towards a central bus.",
        "Sending and receiving events between AWS accounts in Amazon EventBridge",
    ),
    source_url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html",
)
