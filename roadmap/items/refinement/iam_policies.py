"""Policies name the actions and resources they are for."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="8.3",
    title="IAM policies refined",
    guidance=(
        "A star in a policy is a decision somebody put off. Policies name actions and resources, "
        "and AWS's broad managed policies are the exception. Access Analyzer proposes a policy "
        "from what a principal really did."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "policy_star_action": FindingKind("Policy allows every action", Severity.HIGH),
        "policy_star_resource": FindingKind("Policy allows every resource", Severity.MEDIUM),
        "policy_not_action": FindingKind("Policy allows all but some actions", Severity.MEDIUM),
        "aws_managed_attached": FindingKind("Broad AWS managed policy attached", Severity.LOW),
        "policy_finding": FindingKind("Policy with an error or security warning", Severity.MEDIUM),
        "unused_permission": FindingKind("Permission not used", Severity.LOW),
    },
    imports={
        "prowler": (
            "iam_customer_attached_policy_no_administrative_privileges",
            "iam_aws_attached_policy_no_administrative_privileges",
            "iam_inline_policy_no_administrative_privileges",
            "iam_policy_allows_privilege_escalation",
            "iam_inline_policy_allows_privilege_escalation",
        ),
        "securityhub": ("IAM.1", "IAM.21"),
        "scoutsuite": (
            "iam-managed-policy-allows-full-privileges",
            "iam-managed-policy-allows-NotActions",
            "iam-inline-policy-allows-NotActions",
        ),
        "cloudmapper": ("IAM_NOTACTION_ALLOW", "IAM_CUSTOM_POLICY_ALLOWS_ADMIN", "IAM_LINTER"),
    },
    fix=Fix(
        "Generate policies from activity and go through the list of loose ones.",
        "IAM Access Analyzer policy generation",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
)
