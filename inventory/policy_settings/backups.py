"""Stage 2: how old, how apart and how proven backups must be."""

from __future__ import annotations

from inventory.policy_settings.setting import CLASS, Setting, fewest, share

SETTINGS: tuple[Setting, ...] = (
    fewest(
        "BACKUP_MAX_AGE_HOURS",
        48,
        "Hours after which a data store's last backup is old.",
        "backups.regular",
    ),
    fewest(
        "BACKUP_COPY_MAX_AGE_DAYS",
        8,
        "Days after which the copy of a backup is old.",
        "backups.regular",
    ),
    share(
        "BACKUP_PASS_PCT",
        95,
        "Percent of data stores with a backup, and with a copy apart, for a pass.",
        "backups.regular",
    ),
    share(
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
)
