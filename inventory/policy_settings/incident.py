"""Stage 10: environments, administrators, exercises."""

from __future__ import annotations

from inventory.policy_settings.setting import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "ENVIRONMENT_TAG_KEY",
        "environment",
        "Tag that names a resource's environment.",
        ("incident.blast_radius",),
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
)
