"""Evidence that is too old to decide anything. Pure; section 0.2 of the evidence rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collectors.facts import Observation, OrganizationFacts
from collectors.outcomes import Outcome
from collectors.registry import collectors
from inventory.policy import Values
from roadmap.evidence import MAX_AGE


def fresh(facts: OrganizationFacts, values: Values, now: datetime) -> OrganizationFacts:
    """The facts with those older than EVIDENCE_MAX_AGE_HOURS missing as stale.

    What is collected rarely on purpose (Cost Explorer bills each call) gets that interval on top.
    """
    limit = timedelta(hours=values[MAX_AGE])
    rarely = {
        name: limit + timedelta(hours=values[collector.refresh_hours_setting])
        for name, collector in collectors().items()
        if collector.refresh_hours_setting
    }
    return replace(
        facts,
        observations={
            key: _stale(observation, limit, now)
            if _is_stale(observation, rarely.get(observation.kind, limit), now)
            else observation
            for key, observation in facts.observations.items()
        },
    )


def _is_stale(observation: Observation[Any], limit: timedelta, now: datetime) -> bool:
    return (
        observation.outcome == Outcome.COLLECTED
        and observation.observed_at is not None
        and now - observation.observed_at > limit
    )


def _stale(observation: Observation[Any], limit: timedelta, now: datetime) -> Observation[Any]:
    assert observation.observed_at is not None
    where = f" in {observation.region}" if observation.region else ""
    message = (
        f"{observation.kind}{where} was last seen {observation.observed_at:%Y-%m-%d %H:%M} UTC, "
        f"more than {limit / timedelta(hours=1):.0f} hours ago."
    )
    return replace(observation, outcome=Outcome.STALE, value=None, message=message)


def last_answers(observations: Mapping[Any, Observation[Any]]) -> dict[str, dict[str, datetime]]:
    """Account id → kind → when it was last collected, over all Regions."""
    found: dict[str, dict[str, datetime]] = {}
    for observation in observations.values():
        at = observation.observed_at
        if observation.outcome != Outcome.COLLECTED or at is None:
            continue
        kinds = found.setdefault(observation.account_id, {})
        kinds[observation.kind] = max(kinds.get(observation.kind, at), at)
    return found
