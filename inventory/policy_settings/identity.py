"""Stage 5: users, roles, keys, vendors."""

from __future__ import annotations

from inventory.policy_settings.items import GUARDRAILS, ROLES
from inventory.policy_settings.setting import Entry, Setting, fewest, share

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "IDENTITY_ACCOUNTS",
        [],
        "Accounts that hold the users of the old sign-in.",
        ("identity.sso",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "BREAK_GLASS_USERS",
        [],
        "ARNs of IAM users kept for emergencies.",
        ("identity.sso", "identity.no_users", "refinement.iam_policies"),
    ),
    Setting(
        "BREAK_GLASS_ROLE_PATTERNS",
        [],
        "ARNs of roles kept for emergencies; * stands for anything.",
        (*ROLES, "ownership.iac", *GUARDRAILS),
    ),
    Setting(
        "AUTOMATION_ROLE_PATTERNS",
        [
            "arn:*:iam::*:role/stacksets-exec-*",
            "arn:*:iam::*:role/AWSControlTowerExecution",
            "arn:*:iam::*:role/aws-controltower-*",
            "arn:*:iam::*:role/OrganizationAccountAccessRole",
        ],
        "ARNs of roles of automation; * stands for anything.",
        (*ROLES, "incident.blast_radius", "ownership.iac", *GUARDRAILS),
    ),
    Setting(
        "ACCESS_KEY_MAX_AGE_DAYS",
        90,
        "Days after which an access key is old.",
        ("identity.no_users",),
    ),
    fewest(
        "UNUSED_ROLE_DAYS",
        90,
        "Days without use after which a role is unused.",
        "identity.unused_roles",
        "identity.role_services",
    ),
    fewest(
        "UNUSED_ROLE_PARTIAL_PCT",
        10,
        "Percent of roles that may be unused for a partial.",
        "identity.unused_roles",
    ),
    Setting(
        "ROLE_SERVICES_REFRESH_DAYS",
        7,
        "Days between two reports of the services a role used.",
        ("identity.role_services",),
    ),
    Setting(
        "ROLE_SERVICE_DAYS",
        90,
        "Days without use after which a service is unused by a role.",
        ("identity.role_services",),
    ),
    Setting(
        "ROLE_UNUSED_SERVICES_MAX",
        5,
        "Unused services that a role may be allowed.",
        ("identity.role_services",),
    ),
    share(
        "ROLE_PASS_PCT",
        95,
        "Percent of roles without needless services for a pass.",
        "identity.role_services",
    ),
    share(
        "ROLE_PARTIAL_PCT",
        50,
        "Percent of roles without needless services for a partial.",
        "identity.role_services",
    ),
    Setting(
        "NEAR_ADMIN_ACTIONS",
        [
            "iam:PutUserPolicy",
            "iam:PutGroupPolicy",
            "iam:PutRolePolicy",
            "iam:AttachUserPolicy",
            "iam:AttachGroupPolicy",
            "iam:AttachRolePolicy",
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:UpdateAssumeRolePolicy",
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:UpdateLoginProfile",
            "iam:AddUserToGroup",
            "iam:PassRole",
            "sts:AssumeRole",
        ],
        "Actions that make whoever has them nearly an administrator.",
        ("identity.role_services", "identity.unused_roles"),
    ),
    Setting(
        "COMPUTE_PRINCIPALS",
        [
            "ec2.amazonaws.com",
            "ecs-tasks.amazonaws.com",
            "lambda.amazonaws.com",
            "pods.eks.amazonaws.com",
            "sagemaker.amazonaws.com",
            "glue.amazonaws.com",
            "batch.amazonaws.com",
            "codebuild.amazonaws.com",
        ],
        "Services whose roles run the company's own code.",
        ("identity.role_services",),
    ),
    Setting(
        "SECRET_HOOK_REVIEW_DAYS",
        180,
        "Days after which secret detection is confirmed again.",
        ("identity.secret_hooks",),
    ),
    Setting(
        "SECRET_HOOK_PASS_PCT",
        90,
        "Percent of repositories with secret detection for a pass.",
        ("identity.secret_hooks",),
    ),
    Setting(
        "VENDOR_ACCOUNTS",
        {},
        "Account id → vendor, one a line.",
        ("inventory.contacts", "identity.connection_plan"),
        entry=Entry.ACCOUNT,
    ),
)
