"""The demo organization, connected for one module of tests that read it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulated_aws import SimulatedAws
from tests.collectors.services.over_http import World, connected


@pytest.fixture(scope="module")
def world(simulation: SimulatedAws) -> Iterator[World]:
    with connected(simulation) as found:
        yield found
