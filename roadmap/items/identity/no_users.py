"""The account has no IAM users, and its root user no access key."""

from __future__ import annotations

from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="5.2",
    title="No IAM users",
    guidance=(
        "A key of an IAM user works until somebody deletes it, from anywhere, and most leaks are "
        "of such keys. Roles give keys that end within hours. What is left are break-glass users "
        "and planted honey tokens, both named in the settings."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    findings={
        "iam_user_key": FindingKind("User with active access key", Severity.HIGH),
        "iam_user_password": FindingKind("User with password", Severity.HIGH),
        "iam_user_idle": FindingKind("User without use", Severity.MEDIUM),
        "key_older_than_limit": FindingKind("Access key too old", Severity.MEDIUM),
        "root_access_key": FindingKind("Root user has an access key", Severity.CRITICAL),
        "root_without_mfa": FindingKind("Root user without MFA", Severity.HIGH),
    },
    imports={
        "prowler": (
            "iam_no_root_access_key",
            "iam_root_mfa_enabled",
            "iam_user_accesskey_unused",
            "iam_rotate_access_key_90_days",
            "iam_user_with_temporary_credentials",
        ),
        "securityhub": ("IAM.3", "IAM.4", "IAM.8", "IAM.9", "IAM.22"),
        "scoutsuite": (
            "iam-root-account-with-active-keys",
            "iam-user-no-key-rotation",
            "iam-unused-credentials-not-disabled",
        ),
        "cloudmapper": ("ROOT_USER_HAS_ACCESS_KEYS", "USER_HAS_NOT_USED_ACCESS_KEY_FOR_MAX_DAYS"),
    },
    fix=Fix(
        "Replace users with roles, IAM Identity Center or Roles Anywhere, oldest keys first.",
        "Security best practices in IAM",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
