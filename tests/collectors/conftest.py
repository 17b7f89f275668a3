"""The demo organization of the simulated AWS, connected, with rates that do not slow tests down."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command

from collectors import aws as aws_package
from collectors import limits
from collectors.aws import clients, contact_writes, requests
from collectors.connecting import Found, Wish, check, connect
from collectors.models import Connection, Run
from inventory.models import PolicySetting
from simulated_aws import SimulatedAws

REGIONS = ["eu-west-1", "us-east-1"]
# Enough to see every way a collection can go, in a second or two.
CORE = ("organizations.listing", "account.regions", "ec2.vpcs", "sts.identity", "s3.buckets")

Collect = Callable[..., Run]


@pytest.fixture
def aws(simulation: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAws]:
    """The demo organization as at the start; collectors reach it as they reach AWS."""
    for name, value in simulation.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(limits, "PUBLISHED", {})
    monkeypatch.setattr(requests.PATIENCE, "first_pause", 0.01)
    monkeypatch.setattr(requests.PATIENCE, "seconds", 10)
    monkeypatch.setattr(requests, "LONGEST_PAUSE", 0.1)
    for cached in (clients.members, clients.own, contact_writes.clients):
        cached.cache_clear()
    aws_package.forget_all()
    yield simulation
    simulation.reset()
    for cached in (clients.members, clients.own, contact_writes.clients):
        cached.cache_clear()
    aws_package.forget_all()


@pytest.fixture
def wish(aws: SimulatedAws) -> Wish:
    return Wish(
        role_arn=aws.world["management_role_arn"],
        external_id=aws.world["external_id"],
        member_role=aws.world["member_role_name"],
        name="Larkfield",
        regions=REGIONS,
    )


@pytest.fixture
def connection(db: None, wish: Wish) -> Connection:
    for name in ("RATE_ORGANIZATIONS_TPS", "RATE_IAM_TPS", "RATE_DEFAULT_TPS"):
        PolicySetting.objects.create(name=name, level="installation", value=1000)
    found = Found()
    assert [step.is_good for step in check(wish, found)] == [True] * 5
    return connect(wish, found)


@pytest.fixture
def collect(connection: Connection) -> Collect:
    """Collects inline and returns the run."""

    def collect(*accounts: str, names: tuple[str, ...] = CORE) -> Run:
        call_command(
            "collect", "--inline", account=list(accounts), collector=list(names), verbosity=0
        )
        return Run.objects.select_related("organization").latest("id")

    return collect
