"""No new long-lived access key can be made."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.4",
    title="No new IAM access keys",
    guidance=(
        "With roles in place nobody needs a new key of an IAM user, so making one can be "
        "forbidden. The same goes for the long-lived keys of single services. Only a break-glass "
        "role is let off."
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
        "service_credential_possible": FindingKind("Service credentials can be made", Severity.LOW),
        "root_key_possible": FindingKind("Root access key can be made", Severity.MEDIUM),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny the creation of access keys for everyone but a break-glass role.",
        "General examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
