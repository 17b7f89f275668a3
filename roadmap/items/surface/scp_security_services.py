"""Nobody in the account can switch off what watches it."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.8",
    title="Security services protected",
    guidance=(
        "The first thing a careful intruder does is to stop the recording. GuardDuty, Access "
        "Analyzer, trails and Block Public Access cannot be stopped or altered, and Config, "
        "Security Hub, Macie and Inspector cannot where they run."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    findings={
        "guardrail_missing": FindingKind("Guardrail missing", Severity.HIGH),
        "guardrail_gap": FindingKind("Guardrail with a gap", Severity.MEDIUM),
        "scp_not_enabled": FindingKind("Service control policies not enabled", Severity.HIGH),
        "undeclared_exemption": FindingKind("Exemption nobody declared", Severity.MEDIUM),
        "tag_exemption_unprotected": FindingKind(
            "Exemption by a tag anyone may set", Severity.MEDIUM
        ),
        "exempt_role_creatable": FindingKind("Exempt role can be created", Severity.HIGH),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny disabling or altering security services for everyone but the security role.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
