"""How soon findings must be dealt with, and how long their risk may be accepted."""

from __future__ import annotations

from collections.abc import Collection

from inventory.policy_settings.setting import CLASS_AND_OU, Setting


def _soonest(days: Collection[int]) -> int:
    """0 stands for no due date, so any number of days is stricter."""
    return min((one for one in days if one), default=0)


def _due(severity: str, days: int, production: int) -> Setting:
    return Setting(
        f"FINDING_DUE_DAYS_{severity.upper()}",
        days,
        f"Days after which a finding of severity {severity} is overdue; 0 for never.",
        levels=CLASS_AND_OU,
        strictest=_soonest,
        by_class={"production": production},
        highest=3650,
    )


def _accepted(severity: str, days: int) -> Setting:
    return Setting(
        f"ACCEPT_MAX_DAYS_{severity.upper()}",
        days,
        f"Longest time for which the risk of a finding of severity {severity} may be accepted; "
        "0 for not at all.",
        levels=CLASS_AND_OU,
        highest=3650,
    )


SETTINGS: tuple[Setting, ...] = (
    _due("critical", 14, 7),
    _due("high", 30, 14),
    _due("medium", 90, 60),
    _due("low", 180, 180),
    _due("info", 0, 0),
    _accepted("critical", 90),
    _accepted("high", 180),
    _accepted("medium", 365),
    _accepted("low", 365),
    _accepted("info", 365),
)
