"""Stage 4: alerts, searches, scans, logs."""

from __future__ import annotations

from inventory.policy_settings.setting import Setting, fewest, share

COUNTED_LOGS = tuple(
    f"detection.log_{name}" for name in ("dns", "flow", "s3_access", "load_balancer", "cloudfront")
)

SETTINGS: tuple[Setting, ...] = (
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
    fewest(
        "SCAN_MAX_AGE_DAYS", 7, "Days after which a scan is due again.", "detection.regular_scans"
    ),
    fewest(
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
    share("LOG_PASS_PCT", 95, "Percent of resources whose log is on for a pass.", *COUNTED_LOGS),
    share(
        "LOG_PARTIAL_PCT", 1, "Percent of resources whose log is on for a partial.", *COUNTED_LOGS
    ),
    Setting(
        "LOG_SKIP_EMPTY_VPCS",
        True,
        "Whether VPCs without an interface need no logs.",
        ("detection.log_dns", "detection.log_flow"),
    ),
)
