"""Secrets are caught before they enter a repository."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.5",
    title="Secret detection before commit",
    guidance=(
        "A key that was pushed once is in every clone, whatever is done afterwards. A hook on the"
        " developer's machine or push protection on the server stops it before. A team says how "
        "many of its repositories are covered."
    ),
    scope="team",
    flow=Flow.TEAM,
    sources=(Source.IMPORTED, Source.ATTESTED),
    findings={
        "secret_hook_missing": FindingKind("No secret detection", Severity.MEDIUM),
        "secret_in_resource": FindingKind("Secret in a resource", Severity.HIGH),
    },
    attests=(
        Attestable(
            Level.TEAM,
            (
                "Which tool looks for secrets, as a hook or on the server, and in what share of "
                "the repositories?"
            ),
            days_setting="SECRET_HOOK_REVIEW_DAYS",
            about="Share of repositories in per cent",
        ),
    ),
    imports={
        "prowler": (
            "awslambda_function_no_secrets_in_variables",
            "awslambda_function_no_secrets_in_code",
            "ec2_instance_secrets_user_data",
            "ec2_launch_template_no_secrets",
            "ecs_task_definitions_no_environment_secrets",
            "codebuild_project_no_secrets_in_variables",
            "cloudformation_stack_outputs_find_secrets",
            "ssm_document_secrets",
        ),
        "scoutsuite": ("ec2-instance-with-user-data-secrets",),
    },
    fix=Fix(
        "Install a secret scanner as a hook and turn on push protection.",
        "SEC02-BP03 Store and use secrets securely",
    ),
    source_url="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_identities_secrets.html",
)
