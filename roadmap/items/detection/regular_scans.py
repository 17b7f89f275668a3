"""A scanner, Security Hub or AWS Config looks at the account all the time."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.3",
    title="Accounts scanned on a schedule",
    guidance=(
        "One scan is a photograph; what is opened the day after is not in it. Something looks at "
        "every account and Region on a schedule: a scanner through the view role, a Security Hub "
        "standard, or Config rules with the recorder on."
    ),
    scope="account×region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "scan_overdue": FindingKind("Scan overdue", Severity.MEDIUM),
        "config_recorder_off": FindingKind("Config recorder off", Severity.MEDIUM),
        "standard_not_ready": FindingKind("Security Hub standard not ready", Severity.LOW),
        "no_org_aggregator": FindingKind("No organization-wide aggregator", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Which scanner looks at this account all the time?",
            days=180,
        ),
        Attestable(
            Level.ORGANIZATION,
            "Which scanner looks at all accounts all the time?",
            days=180,
        ),
    ),
    imports={
        "prowler": (
            "config_recorder_all_regions_enabled",
            "securityhub_enabled",
            "config_delegated_admin_and_org_aggregator_all_regions",
            "securityhub_delegated_admin_enabled_all_regions",
        ),
        "securityhub": ("Config.1",),
        "scoutsuite": ("config-recorder-not-configured",),
    },
    fix=Fix(
        "Schedule a scanner through the view role, or enable a standard centrally.",
        "Evaluating Resources with AWS Config Rules",
    ),
    source_url="https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config.html",
)
