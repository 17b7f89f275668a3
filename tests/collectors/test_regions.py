"""Regions in scope: section 0.4 of the evidence rules, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from collectors import regions
from collectors.facts import Observation
from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import ec2, rds, s3
from inventory.policy import Policy, Values


def settings(scope: str, approved: list[str] | None = None) -> Values:
    rows: dict[tuple[str, str, str], Any] = {("REGION_SCOPE", "installation", ""): scope}
    rows["APPROVED_REGIONS", "installation", ""] = approved or []
    return Values(Policy(rows))


@pytest.mark.parametrize(
    ("scope", "approved", "used", "blocked", "expected"),
    [
        ("effective", [], [], [], ["a", "b", "c"]),
        ("effective", [], [], ["b"], ["a", "c"]),
        ("effective", [], ["b"], ["b", "c"], ["a", "b"]),
        ("effective", [], ["elsewhere"], [], ["a", "b", "c"]),
        ("approved", ["a"], [], [], ["a"]),
        ("approved", ["a", "elsewhere"], ["c"], [], ["a", "c"]),
        ("approved", [], [], [], []),
        ("all", ["a"], [], ["b"], ["a", "b", "c"]),
    ],
)
def test_scope(
    scope: str, approved: list[str], used: list[str], blocked: list[str], expected: list[str]
) -> None:
    assert regions.scope_of(settings(scope, approved), ["a", "b", "c"], used, blocked) == expected


def seen(
    collector: Collector[Any], region: str, value: Any = (), outcome: Outcome = Outcome.COLLECTED
) -> tuple[Collector[Any], Observation[Any]]:
    return collector, Observation(collector.name, "1", region, outcome, value)


def test_default_vpcs_do_not_make_a_region_used_but_resources_and_buckets_do() -> None:
    found = regions.used(
        [
            seen(ec2.vpcs, "a", (ec2.Vpc("vpc-1", is_default=True),)),
            seen(ec2.vpcs, "b", (ec2.Vpc("vpc-2", is_default=False),)),
            seen(s3.buckets, "", (s3.Bucket("one", "c"), s3.Bucket("two", ""))),
            seen(ec2.instances, "d", (), Outcome.ACCESS_DENIED),
        ]
    )
    assert found == {"b", "c"}


@dataclass(frozen=True)
class Case:
    vpcs: Outcome
    databases: Outcome
    blocked: bool


@pytest.mark.parametrize(
    "case",
    [
        Case(Outcome.REGION_BLOCKED, Outcome.REGION_BLOCKED, True),
        Case(Outcome.REGION_BLOCKED, Outcome.SERVICE_UNAVAILABLE, True),
        Case(Outcome.REGION_BLOCKED, Outcome.COLLECTED, False),
        Case(Outcome.REGION_BLOCKED, Outcome.THROTTLED, False),
        Case(Outcome.SERVICE_UNAVAILABLE, Outcome.SERVICE_UNAVAILABLE, False),
    ],
)
def test_a_region_is_blocked_only_where_every_probe_was_stopped(case: Case) -> None:
    probes = [
        seen(ec2.vpcs, "a", outcome=case.vpcs),
        seen(rds.instances, "a", outcome=case.databases),
    ]
    assert regions.blocked(probes) == ({"a"} if case.blocked else set())


def test_a_connection_may_narrow_the_regions() -> None:
    assert regions.narrowed(["b", "a"], []) == ["a", "b"]
    assert regions.narrowed(["b", "a"], ["b", "c"]) == ["b"]
