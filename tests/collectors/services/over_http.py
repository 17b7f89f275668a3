"""Single facts of the simulated AWS, read over HTTP as a collection reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from collectors.aws import MAIN_REGION, Aws, Role, clients, forget_all, requests
from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Reach, Scope
from inventory.policy import Policy, Values
from simulated_aws import SimulatedAws

World = dict[str, Any]


@contextmanager
def connected(simulation: SimulatedAws) -> Iterator[World]:
    """The demo organization behind AWS_ENDPOINT_URL, without AWS's rates, with little patience."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in simulation.environment().items():
            patch.setenv(name, value)
        patch.setattr(requests, "wait_for_turn", lambda limit: None)
        patch.setattr(requests, "LONGEST_PAUSE", 0.01)
        _forget_clients()
        yield dict(simulation.world)
    _forget_clients()
    simulation.reset()


def _forget_clients() -> None:
    clients.members.cache_clear()
    clients.own.cache_clear()
    forget_all()


def observe(
    world: World,
    collector: Collector[Any],
    about: str,
    region: str = "",
    stored: Mapping[str, Observation[Any]] | None = None,
) -> Observation[Any]:
    """One fact, with the settings of the world; ``stored`` are those it builds on, by name."""
    member = Role(
        f"arn:aws:iam::{about}:role/{world['member_role_name']}", "A", world["external_id"]
    )
    is_central = collector.scope in (Scope.ORGANIZATION, Scope.TARGET)
    rows = {(name, "installation", ""): value for name, value in world["settings"].items()}
    aws = Aws(
        role=Role(world["management_role_arn"], "M", world["external_id"])
        if is_central
        else member,
        region=region or MAIN_REGION["aws"],
        settings=Values(Policy(rows)),
        now=datetime.now(UTC),
        target=about if collector.scope == Scope.TARGET else "",
        is_regional=collector.reach == Reach.REGIONAL,
        own_role=member if is_central else None,
        stored=stored or {},
    )
    try:
        value = collector.transform(collector.fetch(aws))
    except Missing as missing:
        return Observation(collector.name, about, region, missing.outcome, message=missing.message)
    stored = msgspec.convert(msgspec.to_builtins(value), collector.value)
    return Observation(
        collector.name, about, region, Outcome.COLLECTED, stored, "", aws.now, aws.calls
    )


def is_open(about: World) -> bool:
    return bool(about["state"] == "ACTIVE")
