"""Stage 3: trails, the view role, first scans, baselines."""

from __future__ import annotations

from inventory.policy_settings.items import ROLES
from inventory.policy_settings.setting import Entry, Setting

# Services that intruders look for first: databases, remote shells, file shares, consoles.
SOFT_TARGETS = [
    21, 22, 23, 25, 111, 135, 139, 389, 445, 636, 873, 1433, 1434, 1521, 2049, 2181, 2375, 2376,
    2483, 3306, 3389, 5432, 5439, 5601, 5672, 5900, 5984, 5985, 6379, 6443, 7001, 7199, 8020,
    8086, 8888, 9000, 9042, 9092, 9160, 9200, 9300, 10250, 11211, 15672, 27017, 27018, 50070,
]  # fmt: skip

SETTINGS: tuple[Setting, ...] = (
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
        SOFT_TARGETS,
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
)
