"""Stage 6: what may be public, and what service control policies must stop."""

from __future__ import annotations

from inventory.policy_settings.items import GUARDRAILS
from inventory.policy_settings.setting import CLASS_AND_OU, Entry, Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PUBLIC_CIDR_MAX_PREFIX",
        8,
        "Networks wider than this count as the internet (prefix length, at most 24).",
        ("surface.no_public", "visibility.initial_scan"),
        highest=24,
    ),
    Setting(
        "PUBLIC_ALLOWED_TAG",
        "cairn:public=approved",
        "Tag of resources that may be public, as key=value.",
        ("network.private_subnets",),
    ),
    Setting(
        "IMDSV2_PARTIAL_PCT",
        90,
        "Percent of instances with IMDSv2 for a partial.",
        ("surface.imdsv2",),
    ),
    Setting(
        "SCP_SIMULATOR_CROSSCHECK",
        False,
        "Whether AWS's policy simulator confirms what Cairn evaluates.",
        ("surface.scps",),
    ),
    Setting(
        "SCP_STRICT_EXEMPTIONS",
        False,
        "Whether a loose exemption keeps a guardrail from passing.",
        GUARDRAILS,
    ),
    Setting(
        "SCP_ROOT_ALLOWED_ACTIONS",
        ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
        "Actions that the root user may keep.",
        ("surface.scp_root",),
    ),
    Setting(
        "APPROVED_SERVICES",
        [],
        "IAM prefixes of the services the company uses.",
        ("surface.scp_services",),
        levels=CLASS_AND_OU,
    ),
    Setting(
        "SERVICES_ALWAYS_ALLOWED",
        [
            "account",
            "aws-portal",
            "billing",
            "budgets",
            "ce",
            "cloudtrail",
            "cloudwatch",
            "config",
            "health",
            "iam",
            "kms",
            "logs",
            "notifications",
            "organizations",
            "servicequotas",
            "sso",
            "sts",
            "support",
            "tag",
            "trustedadvisor",
        ],
        "IAM prefixes that no list of services needs to name.",
        ("surface.scp_services",),
    ),
    Setting(
        "SCP_SERVICES_PASS_PCT",
        95,
        "Percent of the other services that must be denied for a pass.",
        ("surface.scp_services",),
    ),
    Setting(
        "SCP_REQUIRE_ACCEPT_HANDSHAKE_DENY",
        False,
        "Whether accepting another organization's invitation must be denied too.",
        ("surface.scp_leave_org",),
    ),
    Setting(
        "INTERNET_VPC_ALLOWED_ACCOUNTS",
        [],
        "Accounts that may have VPCs that face the internet.",
        ("surface.scp_internet_vpc",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "PROTECTED_SERVICE_ACTIONS",
        {},
        "Group → actions and ARN templates of the company's own security tools.",
        ("surface.scp_security_services",),
    ),
    Setting(
        "MONITORING_RESOURCES",
        [],
        "ARNs of the monitoring pipeline; * stands for anything.",
        ("surface.scp_monitoring",),
    ),
    Setting(
        "PROTECTED_ROLE_PATTERNS",
        [
            "CairnReadOnly",
            "OrganizationAccountAccessRole",
            "AWSControlTowerExecution",
            "stacksets-exec-*",
            "aws-controltower-*",
        ],
        "Names of roles that nobody may change; * stands for anything.",
        ("surface.scp_protected_roles",),
    ),
)
