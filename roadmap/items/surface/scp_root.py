"""The root user of a member account can do nothing."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.1",
    title="Root user denied",
    guidance=(
        "The root user cannot be restricted inside its own account, and its password is reset by "
        "mail. A policy from above can refuse it everything; or the root credentials of members "
        "are deleted and managed centrally."
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
    },
    parent="surface.scps",
    imports={
        "prowler": ("iam_root_credentials_management_enabled", "iam_avoid_root_usage"),
    },
    fix=Fix(
        (
            "Deny the root principal by policy, or manage root access centrally and delete the "
            "members' root credentials."
        ),
        "Centrally manage root access for member accounts",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",
)
