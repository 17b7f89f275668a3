"""Services that the company has not approved cannot be called."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.3",
    title="Only approved services",
    guidance=(
        "AWS adds services every month, and each may bring its own way of making something "
        "public. A list of approved services keeps the rest shut until somebody has looked at it."
        " An allow list and a deny list do it equally well."
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
        "approved_service_blocked": FindingKind(
            "Guardrail blocks an approved service", Severity.INFO
        ),
    },
    parent="surface.scps",
    fix=Fix(
        "Replace FullAWSAccess by an allow list on workload OUs, or deny the rest.",
        "SCP evaluation",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
)
