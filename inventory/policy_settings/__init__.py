"""What may be set: every threshold of the rules, with its default and what it does.

Section C of the evidence rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from inventory.policy_settings import (
    backups,
    detection,
    findings,
    general,
    identity,
    incident,
    inventory,
    mail,
    network,
    ownership,
    refinement,
    surface,
    visibility,
)
from inventory.policy_settings.setting import Entry, Level, Setting

__all__ = ["SETTINGS", "Entry", "Level", "Setting"]

STAGES = (
    inventory,
    backups,
    visibility,
    detection,
    identity,
    surface,
    ownership,
    refinement,
    network,
    incident,
)
SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for part in (general, mail, findings, *STAGES)
    for setting in part.SETTINGS
}
