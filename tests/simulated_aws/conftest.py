"""One world for all tests; what a test changes is undone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulated_aws import SimulatedAws
from tests.simulated_aws.callers import Callers


@pytest.fixture(scope="session")
def demo(simulation: SimulatedAws) -> SimulatedAws:
    """The demo world, for tests that change nothing."""
    return simulation


@pytest.fixture
def changing_demo(simulation: SimulatedAws) -> Iterator[SimulatedAws]:
    """The demo world, for tests that change it."""
    yield simulation
    simulation.reset()


@pytest.fixture
def callers(simulation: SimulatedAws) -> Callers:
    return Callers(simulation)
