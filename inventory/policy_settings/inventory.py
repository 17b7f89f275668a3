"""Stage 1: owners, root addresses, security accounts, cost alarms."""

from __future__ import annotations

from inventory.policy_settings.setting import CLASS, Entry, Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "COMPANY_EMAIL_DOMAINS",
        [],
        "Mail domains of the company.",
        ("inventory.contacts", "inventory.root_email"),
        entry=Entry.DOMAIN,
    ),
    Setting(
        "OWNER_CONFIRM_DAYS",
        365,
        "Days after which an owner confirms an account again.",
        ("inventory.contacts",),
    ),
    Setting(
        "OWNER_TAG_KEYS",
        ["owner", "team"],
        "Organizations tags that may name the owner.",
        ("inventory.contacts",),
    ),
    Setting(
        "REQUIRE_SECURITY_CONTACT",
        True,
        "Whether each account needs a security contact.",
        ("inventory.contacts",),
    ),
    Setting(
        "MANAGEMENT_RESOURCE_ALLOWLIST",
        ["aws-controltower-*", "stacksets-*", "cf-templates-*", "aws-cloudtrail-logs-*"],
        "Names of resources that may be in the management account.",
        ("inventory.organization",),
    ),
    Setting(
        "ROOT_EMAIL_LIST_PATTERNS",
        [],
        "Regular expressions of root addresses that are lists.",
        ("inventory.root_email",),
        entry=Entry.REGEX,
    ),
    Setting(
        "AI_OPTIN_ALLOWED",
        [],
        "AI services that may use content to improve themselves.",
        ("inventory.ai_optout",),
    ),
    Setting(
        "SECURITY_ACCOUNTS",
        {},
        "Account id → roles: tooling, log_archive, backup.",
        (
            "inventory.security_account",
            "backups.regular",
            "visibility.cloudtrail",
            "visibility.guardduty",
            "visibility.access_analyzer",
            "visibility.macie",
            "visibility.security_role",
            "detection.denied_alerts",
            "surface.scp_monitoring",
            "refinement.realtime",
            "incident.blast_radius",
        ),
        entry=Entry.ACCOUNT,
        choices=("tooling", "log_archive", "backup"),
    ),
    Setting(
        "SECURITY_SERVICE_PRINCIPALS",
        [
            "guardduty.amazonaws.com",
            "access-analyzer.amazonaws.com",
            "securityhub.amazonaws.com",
            "config.amazonaws.com",
            "config-multiaccountsetup.amazonaws.com",
            "macie.amazonaws.com",
            "inspector2.amazonaws.com",
            "detective.amazonaws.com",
            "cloudtrail.amazonaws.com",
            "securitylake.amazonaws.com",
        ],
        "Services whose delegated administrator makes an account a security account.",
        ("inventory.security_account",),
    ),
    Setting(
        "SECURITY_RESOURCE_ALLOWLIST",
        [
            "aws-controltower-*",
            "*cloudtrail*",
            "*config*",
            "*log*",
            "*securityhub*",
            "*guardduty*",
            "*siem*",
        ],
        "Names of resources that may be in a security account.",
        ("inventory.security_account",),
    ),
    Setting(
        "COST_ALARM_MODE",
        "any",
        "Cost alarms that count: any, budget or anomaly.",
        ("inventory.cost_alarms",),
        levels=CLASS,
        choices=("any", "budget", "anomaly"),
    ),
)
