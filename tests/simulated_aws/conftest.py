"""One server for all tests of this folder; what a test changes is undone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulated_aws import SimulatedAws, serve
from tests.simulated_aws.callers import Callers


@pytest.fixture(scope="session")
def running_demo() -> Iterator[SimulatedAws]:
    with serve() as aws:
        yield aws


@pytest.fixture(scope="session")
def demo(running_demo: SimulatedAws) -> SimulatedAws:
    """The demo world, for tests that change nothing."""
    return running_demo


@pytest.fixture
def changing_demo(running_demo: SimulatedAws) -> Iterator[SimulatedAws]:
    """The demo world, for tests that change it."""
    yield running_demo
    running_demo.reset()


@pytest.fixture
def callers(running_demo: SimulatedAws) -> Callers:
    return Callers(running_demo)
