"""There is a plan for how accounts connect, and no tie to an account nobody knows."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.6",
    title="Plan for connecting accounts",
    guidance=(
        "Accounts are tied by trust in roles, shares, peerings and gateways, and each tie is a "
        "way an intruder may go. A plan says which kinds there are and when a new account is "
        "made. The ties that exist lead to accounts of the company or to registered vendors."
    ),
    scope="organization (plan) and account (graph)",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "unknown_account_edge": FindingKind("Tie to an unknown account", Severity.HIGH),
        "trust_without_external_id": FindingKind(
            "Vendor role without external id", Severity.MEDIUM
        ),
        "plan_missing": FindingKind("Connection plan missing", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Where is the plan for how people, roles, buckets and networks connect, and when "
                "new accounts are made?"
            ),
        ),
    ),
    imports={
        "scoutsuite": (
            "iam-assume-role-lacks-external-id-and-mfa",
            "iam-assume-role-policy-allows-all",
        ),
        "cloudmapper": ("IAM_ROLE_ALLOWS_ASSUMPTION_FROM_ANYWHERE",),
        "prowler": ("vpc_endpoint_connections_trust_boundaries", "s3_bucket_cross_account_access"),
    },
    fix=Fix(
        "Write down the patterns of connection, and register vendors with their external ids.",
        "Organizing Your AWS Environment Using Multiple Accounts",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html",
)
