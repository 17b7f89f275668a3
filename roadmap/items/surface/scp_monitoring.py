"""The rules, queues and functions that carry alerts cannot be changed."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.9",
    title="Monitoring pipeline protected",
    guidance=(
        "An alert takes a way: a rule, a bus, a queue, a function, a log group. Whoever can "
        "change one of them silences it without touching the security services. The parts bear a "
        "reserved name, and a guardrail protects the name."
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
        "Name the parts of the pipeline with a reserved prefix and deny changes to it.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
