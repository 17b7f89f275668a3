"""The company's thresholds: what is set where, and what holds for one account.

Section C of the evidence rules. A value is taken from the account, else from its classes, else
from the nearest OU, else the organization, else the installation, else the default here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory.models import PolicySetting
from inventory.policy_settings import SETTINGS, Level


@dataclass(frozen=True)
class Place:
    """Where an account stands: what a setting is resolved for. OUs from the root down."""

    account: str = ""
    classes: Sequence[str] = ()
    ous: Sequence[str] = ()
    organization: str = ""


@dataclass(frozen=True)
class Resolved:
    value: Any
    level: str
    target: str = ""


@dataclass(frozen=True)
class Policy:
    """All values that are set, loaded once; ``at`` resolves them for a place."""

    rows: Mapping[tuple[str, str, str], Any] = field(default_factory=dict)

    def resolve(self, name: str, place: Place) -> Resolved:
        """Raises KeyError for a name that is no setting."""
        setting = SETTINGS[name]
        if (name, Level.ACCOUNT, place.account) in self.rows:
            return self._found(name, Level.ACCOUNT, place.account)
        by_class = {
            c: self.rows[name, Level.CLASS, c]
            for c in place.classes
            if (name, Level.CLASS, c) in self.rows
        }
        if by_class:
            value = setting.strictest(by_class.values()) if len(by_class) > 1 else None
            value = next(iter(by_class.values())) if value is None else value
            return Resolved(value, Level.CLASS, next(c for c in by_class if by_class[c] == value))
        for level, target in (
            *((Level.OU, ou) for ou in reversed(place.ous)),
            (Level.ORGANIZATION, place.organization),
            (Level.INSTALLATION, ""),
        ):
            if (name, level, target) in self.rows:
                return self._found(name, level, target)
        if own := [setting.by_class[c] for c in place.classes if c in setting.by_class]:
            return Resolved(setting.strictest(own), "default")
        return Resolved(setting.default, "default")

    def _found(self, name: str, level: Level, target: str) -> Resolved:
        return Resolved(self.rows[name, level, target], level, target)

    def at(self, place: Place) -> Values:
        return Values(self, place)


@dataclass(frozen=True)
class Values:
    """The settings as one account sees them; ``values["REGION_SCOPE"]``."""

    policy: Policy
    place: Place = Place()

    def __getitem__(self, name: str) -> Any:
        return self.policy.resolve(name, self.place).value


def load_policy() -> Policy:
    """One query. A row without a value is one that was set back."""
    rows = PolicySetting.objects.values_list("name", "level", "target", "value")
    return Policy(
        {(name, level, target): value for name, level, target, value in rows if value is not None}
    )
