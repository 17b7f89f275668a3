"""What may be set: every threshold of the rules, with its default and what it does.

Section C of the evidence rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inventory.models import PolicySetting

Level = PolicySetting.Level


class Entry(StrEnum):
    """What one entry of a list, or the key of a mapping, is."""

    TEXT = "text"
    ACCOUNT = "account"
    DOMAIN = "domain"
    REGEX = "regex"
    PORT = "port"


@dataclass(frozen=True)
class Setting:
    """``items`` are the keys of the items that measure by it, none for what collecting uses.

    ``levels`` are the narrower levels at which it may be set besides organization and
    installation; ``strictest`` chooses among the values of several classes; ``by_class`` are
    defaults of single account classes. ``entry`` is what a list holds or a mapping is keyed by,
    ``choices`` are the only values, or for a mapping the only entries of its lists.
    """

    name: str
    default: Any
    help: str
    items: tuple[str, ...] = ()
    levels: frozenset[Level] = frozenset()
    strictest: Callable[[Collection[Any]], Any] = min
    by_class: Mapping[str, Any] = field(default_factory=dict)
    entry: Entry = Entry.TEXT
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> type:
        return type(self.default)


def _named(*settings: Setting) -> Mapping[str, Setting]:
    return {setting.name: setting for setting in settings}


CLASS = frozenset({Level.CLASS, Level.ACCOUNT})
CLASS_AND_OU = CLASS | {Level.OU}

GUARDRAILS = tuple(
    f"surface.scp_{name}"
    for name in (
        "root", "regions", "services", "access_keys", "imdsv2", "leave_org", "internet_vpc",
        "security_services", "monitoring", "protected_roles",
    )
)  # fmt: skip
ROLES = ("identity.unused_roles", "identity.role_services", "refinement.iam_policies")
COUNTED_LOGS = tuple(
    f"detection.log_{name}" for name in ("dns", "flow", "s3_access", "load_balancer", "cloudfront")
)


def _share(name: str, default: int, meaning: str, *items: str) -> Setting:
    """A percentage that good resources must reach: of several classes the highest counts."""
    return Setting(name, default, meaning, items, CLASS, max)


def _fewest(name: str, default: int, meaning: str, *items: str) -> Setting:
    """A limit that may not be passed: of several classes the lowest counts."""
    return Setting(name, default, meaning, items, CLASS, min)


SETTINGS: Mapping[str, Setting] = _named(
    Setting("RATE_ORGANIZATIONS_TPS", 4, "Calls a second to AWS Organizations, per organization."),
    Setting("RATE_IAM_TPS", 8, "Calls a second to IAM, per account."),
    Setting("RATE_DEFAULT_TPS", 10, "Calls a second to any other API, per account and Region."),
    Setting("COST_REFRESH_HOURS", 24, "Hours between calls to Cost Explorer, which AWS bills."),
    Setting("JOB_TIMEOUT_SECONDS", 120, "How long to wait for a report that AWS prepares."),
    Setting("EVIDENCE_MAX_AGE_HOURS", 72, "Evidence older than this no longer decides anything."),
    Setting("EVIDENCE_LIST_LIMIT", 500, "Longest list kept in an evidence record."),
    Setting(
        "REGION_SCOPE",
        "effective",
        "Regions looked at: effective, approved or all.",
        choices=("effective", "approved", "all"),
    ),
    Setting(
        "APPROVED_REGIONS",
        [],
        "Regions the company uses.",
        ("surface.scp_regions", "surface.scp_services", "identity.no_users"),
        levels=CLASS_AND_OU,
    ),
    Setting("ATTESTATION_MAX_DAYS", 400, "Longest time an attestation may hold."),
    Setting("ATTESTATION_REMIND_DAYS", 30, "Days before expiry at which its author is reminded."),
    Setting("EXCEPTION_MAX_DAYS", 365, "Longest time an exception may hold."),
    Setting("IMPORT_FALLBACK_DAYS", 14, "How new a scan must be to stand in for denied access."),
    Setting(
        "IMPORT_MIN_CHECKS",
        50,
        "Checks that a scan of an account must hold to count as a scan.",
        ("visibility.initial_scan", "detection.regular_scans"),
    ),
    Setting(
        "RESTRICTED_ITEMS",
        ["refinement.honey_tokens"],
        "Items whose evidence only security staff see.",
    ),
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
    _fewest(
        "BACKUP_MAX_AGE_HOURS",
        48,
        "Hours after which a data store's last backup is old.",
        "backups.regular",
    ),
    _fewest(
        "BACKUP_COPY_MAX_AGE_DAYS",
        8,
        "Days after which the copy of a backup is old.",
        "backups.regular",
    ),
    _share(
        "BACKUP_PASS_PCT",
        95,
        "Percent of data stores with a backup, and with a copy apart, for a pass.",
        "backups.regular",
    ),
    _share(
        "BACKUP_PARTIAL_PCT",
        50,
        "Percent of data stores with a backup for a partial.",
        "backups.regular",
    ),
    Setting(
        "BACKUP_REQUIRE_IMMUTABLE",
        False,
        "Whether copies must be locked.",
        ("backups.regular",),
        levels=CLASS,
        strictest=max,
    ),
    Setting(
        "BACKUP_REQUIRE_RESTORE_TEST",
        False,
        "Whether restoring must have been tested.",
        ("backups.regular",),
        levels=CLASS,
        strictest=max,
    ),
    Setting(
        "RESTORE_TEST_DAYS",
        365,
        "Days after which restoring is tested again.",
        ("backups.regular",),
    ),
    Setting(
        "BACKUP_EXEMPT_TAG",
        "cairn:backup=exempt",
        "Tag of data stores that need no backup, as key=value.",
        ("backups.regular",),
    ),
    Setting(
        "BACKUP_BUCKET_IGNORE",
        ["*-logs", "*-log-*", "cf-templates-*", "cdk-*-assets-*", "*-artifacts*"],
        "Names of buckets that need no backup.",
        ("backups.regular",),
    ),
    Setting(
        "BACKUP_SKIP_SANDBOX",
        True,
        "Whether sandbox accounts need no backups.",
        ("backups.regular",),
    ),
    Setting(
        "TRAIL_DELIVERY_MAX_HOURS",
        24,
        "Hours after which a silent trail is broken.",
        ("visibility.cloudtrail",),
    ),
    Setting(
        "SECURITY_ROLE_NAMES",
        ["CairnReadOnly", "SecurityAudit"],
        "Names of the view role.",
        ("visibility.security_role", *ROLES, "ownership.iac"),
    ),
    Setting(
        "SECURITY_ROLE_POLICIES",
        ["SecurityAudit", "ViewOnlyAccess"],
        "Policies the role needs.",
        ("visibility.security_role", "incident.blast_radius"),
    ),
    Setting(
        "SECURITY_ROLE_FAIL_AFTER_DAYS",
        3,
        "Days of refused access after which it fails.",
        ("visibility.security_role",),
    ),
    Setting(
        "SOFT_TARGET_PORTS",
        [
            21,
            22,
            23,
            25,
            111,
            135,
            139,
            389,
            445,
            636,
            873,
            1433,
            1434,
            1521,
            2049,
            2181,
            2375,
            2376,
            2483,
            3306,
            3389,
            5432,
            5439,
            5601,
            5672,
            5900,
            5984,
            5985,
            6379,
            6443,
            7001,
            7199,
            8020,
            8086,
            8888,
            9000,
            9042,
            9092,
            9160,
            9200,
            9300,
            10250,
            11211,
            15672,
            27017,
            27018,
            50070,
        ],
        "Ports that must not be open to the internet.",
        ("visibility.initial_scan", "surface.no_public"),
        entry=Entry.PORT,
    ),
    Setting(
        "S3_PUBLIC_ACCOUNTS",
        [],
        "Accounts that serve public buckets on purpose.",
        ("visibility.s3_block_public",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "BASELINE_STACKSETS",
        [],
        "Names of the stack sets that every account gets.",
        ("visibility.account_baseline",),
    ),
    Setting(
        "BASELINE_REGIONS",
        ["us-east-1"],
        "Regions of the stack sets.",
        ("visibility.account_baseline",),
    ),
    Setting(
        "TICKET_TEST_DAYS",
        180,
        "Days after which the way from alert to ticket is tested again.",
        ("detection.ticketing",),
    ),
    Setting(
        "ALERT_TEST_DAYS",
        180,
        "Days after which alerting is tested again.",
        ("detection.guardduty_notify", "detection.denied_alerts", "refinement.realtime"),
    ),
    Setting(
        "GUARDDUTY_MIN_SEVERITY",
        4,
        "Severity from which GuardDuty's findings must reach somebody.",
        ("detection.guardduty_notify",),
    ),
    Setting(
        "DENIED_ALERT_CLASSES",
        ["production", "security", "log_archive", "management"],
        "Classes of accounts whose refused calls must raise alerts.",
        ("detection.denied_alerts",),
    ),
    Setting(
        "LOG_SEARCH_MIN_DAYS",
        180,
        "Days that searchable logs must reach back.",
        ("detection.principal_search",),
    ),
    _fewest(
        "SCAN_MAX_AGE_DAYS", 7, "Days after which a scan is due again.", "detection.regular_scans"
    ),
    _fewest(
        "SCAN_STALE_DAYS",
        35,
        "Days after which a scan no longer counts at all.",
        "detection.regular_scans",
    ),
    Setting(
        "CONFIG_RULES_MIN", 10, "Config rules that count as a scan.", ("detection.regular_scans",)
    ),
    Setting(
        "GUIDELINE_REVIEW_DAYS",
        365,
        "Days after which the guidelines are reviewed again.",
        ("detection.guidelines",),
    ),
    _share("LOG_PASS_PCT", 95, "Percent of resources whose log is on for a pass.", *COUNTED_LOGS),
    _share(
        "LOG_PARTIAL_PCT", 1, "Percent of resources whose log is on for a partial.", *COUNTED_LOGS
    ),
    Setting(
        "LOG_SKIP_EMPTY_VPCS",
        True,
        "Whether VPCs without an interface need no logs.",
        ("detection.log_dns", "detection.log_flow"),
    ),
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
    _fewest(
        "UNUSED_ROLE_DAYS",
        90,
        "Days without use after which a role is unused.",
        "identity.unused_roles",
        "identity.role_services",
    ),
    _fewest(
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
    _share(
        "ROLE_PASS_PCT",
        95,
        "Percent of roles without needless services for a pass.",
        "identity.role_services",
    ),
    _share(
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
        ("identity.connection_plan",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "PUBLIC_CIDR_MAX_PREFIX",
        8,
        "Networks this wide or wider count as the internet (prefix length).",
        ("surface.no_public", "visibility.initial_scan"),
    ),
    Setting(
        "PUBLIC_ALLOWED_TAG",
        "cairn:public=approved",
        "Tag of resources that may be public, as key=value.",
        ("surface.no_public", "network.private_subnets"),
    ),
    Setting(
        "IMDSV2_PARTIAL_PCT",
        90,
        "Percent of instances with IMDSv2 for a partial.",
        ("surface.imdsv2",),
    ),
    Setting(
        "IAC_TAG_KEYS",
        ["aws:cloudformation:stack-name", "terraform", "managed-by", "iac"],
        "Tag keys that show a resource was made from code.",
        ("ownership.iac",),
    ),
    Setting(
        "IAC_IGNORE_TAGS",
        ["aws:servicecatalog:*", "aws:controltower"],
        "Tag keys of resources that do not count.",
        ("ownership.iac",),
    ),
    Setting("IAC_SAMPLE_DAYS", 7, "Days of console changes that are counted.", ("ownership.iac",)),
    Setting(
        "LOOKUP_MAX_PAGES",
        20,
        "Pages of events read for that, per account and Region.",
        ("ownership.iac",),
    ),
    _share("IAC_PASS_PCT", 90, "Percent of resources made from code for a pass.", "ownership.iac"),
    _share(
        "IAC_PARTIAL_PCT", 50, "Percent of resources made from code for a partial.", "ownership.iac"
    ),
    Setting(
        "IAC_CONSOLE_MAX",
        20,
        "Changes by hand in the console that are let pass.",
        ("ownership.iac",),
        levels=CLASS,
        by_class={"production": 0},
    ),
    Setting(
        "APPROVED_IMAGE_OWNERS",
        [],
        "Accounts whose machine images may be used.",
        ("ownership.image_sources",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "APPROVED_IMAGE_ALIASES",
        ["amazon"],
        "Owner aliases whose machine images may be used.",
        ("ownership.image_sources",),
    ),
    Setting(
        "APPROVED_LAYER_ACCOUNTS",
        [],
        "Accounts whose Lambda layers may be used.",
        ("ownership.image_sources",),
        entry=Entry.ACCOUNT,
    ),
    Setting(
        "APPROVED_REGISTRIES",
        ["*.dkr.ecr.*.amazonaws.com", "public.ecr.aws/aws-*"],
        "Registries of container images; of ECR's only those of the organization's accounts.",
        ("ownership.image_sources",),
    ),
    Setting(
        "IMAGE_PARTIAL_PCT",
        80,
        "Percent of resources from trusted sources for a partial.",
        ("ownership.image_sources",),
    ),
    Setting(
        "REQUIRED_TAGS",
        {},
        "Tag key → allowed values, any if none is named.",
        ("ownership.tagging",),
    ),
    Setting(
        "TAG_RESOURCE_TYPES",
        [
            "ec2:instance",
            "ec2:volume",
            "ec2:vpc",
            "s3:bucket",
            "rds:db",
            "rds:cluster",
            "lambda:function",
            "dynamodb:table",
            "ecs:cluster",
            "elasticloadbalancing:loadbalancer",
            "secretsmanager:secret",
            "kms:key",
        ],
        "Types of resources that need the tags.",
        ("ownership.tagging",),
    ),
    _share(
        "TAG_PASS_PCT", 95, "Percent of resources with all tags for a pass.", "ownership.tagging"
    ),
    _share(
        "TAG_PARTIAL_PCT",
        60,
        "Percent of resources with all tags for a partial.",
        "ownership.tagging",
    ),
    Setting(
        "ENVIRONMENT_TAG_KEY",
        "environment",
        "Tag that names a resource's environment.",
        ("incident.blast_radius",),
    ),
    Setting(
        "REALTIME_SAMPLE_EVENTS",
        [
            "iam CreateUser",
            "iam CreateAccessKey",
            "iam AttachRolePolicy",
            "signin ConsoleLogin",
            "ec2 AuthorizeSecurityGroupIngress",
            "s3 PutBucketPolicy",
            "cloudtrail StopLogging",
            "guardduty DeleteDetector",
            "kms ScheduleKeyDeletion",
            "organizations LeaveOrganization",
        ],
        "Events that must be seen within seconds: service and event name.",
        ("refinement.realtime",),
    ),
    Setting(
        "REALTIME_PASS_PCT",
        80,
        "Percent of those events that rules must match for a pass.",
        ("refinement.realtime",),
    ),
    Setting(
        "REMEDIATION_PROOF_DAYS",
        90,
        "Days after which a remediation must have run again.",
        ("refinement.auto_remediation",),
    ),
    Setting(
        "REMEDIATION_TARGET_PATTERNS",
        [],
        "ARNs of targets that repair things; * stands for anything.",
        ("refinement.auto_remediation",),
    ),
    _share(
        "POLICY_PASS_PCT",
        90,
        "Percent of policies without loose statements for a pass.",
        "refinement.iam_policies",
    ),
    _share(
        "POLICY_PARTIAL_PCT",
        50,
        "Percent of policies without loose statements for a partial.",
        "refinement.iam_policies",
    ),
    _fewest(
        "AWS_MANAGED_MAX_PCT",
        20,
        "Percent of principals that may hold AWS managed policies.",
        "refinement.iam_policies",
    ),
    Setting(
        "ALLOWED_AWS_MANAGED_POLICIES",
        [
            "AWSLambdaBasicExecutionRole",
            "AWSLambdaVPCAccessExecutionRole",
            "AmazonSSMManagedInstanceCore",
            "AmazonECSTaskExecutionRolePolicy",
            "AmazonEKSWorkerNodePolicy",
            "AmazonEKS_CNI_Policy",
            "AmazonEC2ContainerRegistryReadOnly",
            "SecurityAudit",
            "ViewOnlyAccess",
        ],
        "AWS managed policies that anybody may hold.",
        ("refinement.iam_policies",),
    ),
    Setting(
        "HONEY_TOKEN_SCOPE",
        "organization",
        "Whether each account needs a honey token or the organization one.",
        ("refinement.honey_tokens",),
        choices=("organization", "account"),
    ),
    Setting(
        "HONEY_TOKEN_TEST_DAYS",
        180,
        "Days after which honey tokens are tested again.",
        ("refinement.honey_tokens",),
    ),
    Setting(
        "INSPECTION_VPCS",
        [],
        "Ids of VPCs in which outbound traffic is inspected.",
        ("network.private_subnets", "network.egress"),
    ),
    Setting(
        "PRIVATE_PARTIAL_PCT",
        80,
        "Percent of resources in private places for a partial.",
        ("network.private_subnets",),
    ),
    Setting(
        "ADMIN_POLICY_NAMES",
        ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"],
        "Managed policies that make an administrator.",
        ("incident.blast_radius",),
    ),
    Setting(
        "PRACTICE_LEVEL",
        "organization",
        "Whether the organization practises incidents, or each team.",
        ("incident.practice",),
        choices=("organization", "team"),
    ),
    Setting(
        "PRACTICE_MAX_DAYS",
        365,
        "Days after which incident response is practised again.",
        ("incident.practice",),
    ),
    Setting(
        "PRACTICE_STALE_DAYS",
        730,
        "Days after which an exercise no longer counts at all.",
        ("incident.practice",),
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
