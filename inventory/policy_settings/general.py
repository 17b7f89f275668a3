"""What collecting, evidence, answers and exceptions go by."""

from __future__ import annotations

from inventory.policy_settings.setting import CLASS_AND_OU, Setting

SETTINGS: tuple[Setting, ...] = (
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
    Setting("CONTACT_PUSH_CEILING", 50, "Contacts that one plan may write to AWS."),
    Setting(
        "CONTACT_PUSH_SECOND_PERSON",
        False,
        "Whether another person than the planner must confirm what is written to AWS.",
    ),
    Setting(
        "RESTRICTED_ITEMS",
        ["refinement.honey_tokens"],
        "Items whose evidence only security staff see.",
    ),
)
