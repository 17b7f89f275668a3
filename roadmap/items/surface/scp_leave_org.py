"""The account cannot leave the organization on its own."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.6",
    title="Account cannot leave",
    guidance=(
        "An account that leaves takes its data along and sheds every guardrail in one call. "
        "Leaving is refused, and so, if the company wants, is accepting another organization's "
        "invitation."
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
        "direct_transfer_possible": FindingKind(
            "Account can accept another invitation", Severity.MEDIUM
        ),
        "close_account_possible": FindingKind("Account can be closed from inside", Severity.LOW),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny leaving the organization at the root.",
        "General examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
