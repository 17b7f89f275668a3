"""Nothing can be started in a Region that the company does not use."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.2",
    title="Only approved regions",
    guidance=(
        "Intruders like Regions where nobody looks. A guardrail refuses what is not in the "
        "approved list, and so also shortens every later search. Global services are let off by "
        "name."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "guardrail_missing": FindingKind("Guardrail missing", Severity.HIGH),
        "guardrail_gap": FindingKind("Guardrail with a gap", Severity.MEDIUM),
        "scp_not_enabled": FindingKind("Service control policies not enabled", Severity.HIGH),
        "undeclared_exemption": FindingKind("Exemption nobody declared", Severity.MEDIUM),
        "tag_exemption_unprotected": FindingKind(
            "Exemption by a tag anyone may set", Severity.MEDIUM
        ),
        "exempt_role_creatable": FindingKind("Exempt role can be created", Severity.HIGH),
        "region_guard_too_wide": FindingKind("Guardrail blocks an approved Region", Severity.INFO),
    },
    parent="surface.scps",
    imports={
        "prowler": ("organizations_scp_check_deny_regions",),
    },
    fix=Fix(
        "Deny everything outside the approved list, with the global services left out.",
        "Deny access to AWS based on the requested AWS Region",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
