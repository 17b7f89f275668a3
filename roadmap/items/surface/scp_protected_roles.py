"""The roles that security, deployment and vendors rely on cannot be changed."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.10",
    title="Important roles protected",
    guidance=(
        "Who can change the trust of the audit role can become the auditor. Roles that matter "
        "across accounts are named by pattern, and nobody in the account may change their trust "
        "or policies."
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
        "Deny changes to roles of reserved names for everyone but the deployment role.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
