"""Which Regions of an account are looked at: section 0.4 of the evidence rules. Pure.

The value of a regional presence collector is a sequence of what is there, in which items marked
``is_default`` do not count; the items of a global one name their ``region``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Outcome
from collectors.registry import Collector, Reach
from collectors.services.organizations import Policies
from inventory.policy import Values

# The fact whose value is the Regions that are enabled in an account.
ENABLED = "account.regions"


@dataclass(frozen=True)
class Bound:
    """An account and the service control policies that bind it: ``above`` are its root and OUs
    from the top, ``attached`` the policies on the account itself, ``sso_region`` that of Identity
    Center where it was seen."""

    account_id: str
    partition: str
    organization_id: str
    above: Sequence[str]
    policies: Policies
    attached: Sequence[str]
    now: datetime
    sso_region: str = ""


# Which of the Regions an account's policies block. Judging policies is not the collectors' business
# but that of the app above, which puts its way of deciding here.
Blocks = Callable[[Bound, Sequence[str]], Collection[str]]
DECIDED_BY: list[Blocks] = []


def denied(bound: Bound | None, enabled: Sequence[str]) -> set[str]:
    """Those of the enabled Regions in which the account's policies let nothing start; none where
    the policies were not seen."""
    if bound is None:
        return set()
    return {region for decide in DECIDED_BY for region in decide(bound, enabled)}


def scope_of(
    settings: Values, enabled: Collection[str], used: Collection[str], blocked: Collection[str]
) -> list[str]:
    """The Regions in scope by the setting REGION_SCOPE, sorted."""
    chosen = settings["REGION_SCOPE"]
    if chosen == "all":
        return sorted(enabled)
    approved = set(settings["APPROVED_REGIONS"])
    wanted = approved if chosen == "approved" else set(enabled) - set(blocked)
    return sorted((wanted | set(used)) & set(enabled))


def used(probes: Iterable[tuple[Collector[Any], Observation[Any]]]) -> set[str]:
    """Regions in which a presence probe saw something."""
    found: set[str] = set()
    for collector, observation in probes:
        if observation.outcome != Outcome.COLLECTED:
            continue
        present = [item for item in observation.get() if not getattr(item, "is_default", False)]
        if collector.reach == Reach.GLOBAL:
            found.update(item.region for item in present if item.region)
        elif present:
            found.add(observation.region)
    return found


def blocked(probes: Iterable[tuple[Collector[Any], Observation[Any]]]) -> set[str]:
    """Regions in which a service control policy stopped every probe that AWS offers there."""
    outcomes: dict[str, set[Outcome]] = {}
    for collector, observation in probes:
        if collector.reach == Reach.REGIONAL:
            outcomes.setdefault(observation.region, set()).add(observation.outcome)
    answered = {region: seen - {Outcome.SERVICE_UNAVAILABLE} for region, seen in outcomes.items()}
    return {region for region, seen in answered.items() if seen == {Outcome.REGION_BLOCKED}}


def narrowed(regions: Collection[str], wanted: Collection[str]) -> list[str]:
    """Those of a connection's own choice of Regions; no choice is all."""
    return sorted(set(regions) & set(wanted)) if wanted else sorted(regions)


def home_regions(collector: Collector[Any], settings: Values) -> list[str]:
    """The Regions of Reach.HOME: the value of the setting that the collector names."""
    value: object = settings[collector.home_setting]
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, Mapping | Iterable):
        return sorted(str(region) for region in value)
    return []
