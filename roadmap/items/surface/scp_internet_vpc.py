"""Workload accounts cannot open a way to the internet by themselves."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="6.1.7",
    title="No new internet-facing VPCs",
    guidance=(
        "Most workloads need no internet gateway of their own. Where gateways, peerings and "
        "accelerators cannot be made, a careless security group exposes nothing. Accounts of "
        "class edge are left out."
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
        (
            "Deny making gateways, peerings and accelerators outside edge accounts, or block "
            "public access by declarative policy."
        ),
        "Example SCPs for Amazon VPC",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_vpc.html",
)
