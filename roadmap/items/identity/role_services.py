"""Roles may call the services they really use, and no compute role is an administrator."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.4",
    title="Roles hold only services they use",
    guidance=(
        "Access Advisor shows for every role which services it may call and which it ever did; "
        "the difference is a gift to whoever steals its credentials. Roles of instances, "
        "functions and containers come first, since their keys can be taken from outside."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "admin_on_compute": FindingKind("Compute role is an administrator", Severity.CRITICAL),
        "admin_role": FindingKind("Role is an administrator", Severity.HIGH),
        "unused_services": FindingKind("Role may call services it does not use", Severity.MEDIUM),
        "list_all_buckets_unused": FindingKind(
            "Role may list all buckets and does not", Severity.LOW
        ),
    },
    imports={
        "prowler": (
            "iam_role_administratoraccess_policy",
            "ec2_instance_internet_facing_with_instance_profile",
        ),
        "scoutsuite": ("iam-managed-policy-allows-full-privileges",),
        "cloudmapper": ("IAM_UNEXPECTED_ADMIN_PRINCIPAL",),
    },
    fix=Fix(
        "Cut each role to the services it uses, compute roles first.",
        "Refine permissions in AWS using last accessed information",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
)
