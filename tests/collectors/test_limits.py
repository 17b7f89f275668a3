"""Calls wait their turn, in one process and between several."""

from __future__ import annotations

import pytest
from django.conf import settings

from collectors.guard import GET_CALLER_IDENTITY
from collectors.limits import Buckets, Limit, LocalBuckets, RedisBuckets, limit_of
from collectors.registry import Operation
from inventory.policy import Policy, Values

VALUES = Values(Policy())


def waits(buckets: Buckets, limit: Limit, calls: int) -> list[float]:
    return [buckets.reserve(limit) for _ in range(calls)]


def check(buckets: Buckets) -> None:
    """Ten a second, three at once: the fourth waits a tenth of a second, the fifth two."""
    found = waits(buckets, Limit("a", 10, 3), 5)
    assert found[:3] == [0, 0, 0]
    assert found[3] == pytest.approx(0.1, abs=0.05)
    assert found[4] == pytest.approx(0.2, abs=0.05)
    assert buckets.reserve(Limit("b", 10, 3)) == 0


def test_a_burst_is_free_and_then_each_call_waits_its_turn() -> None:
    check(LocalBuckets())


@pytest.mark.services
def test_workers_share_their_limits_through_redis() -> None:
    prefix = f"{settings.CACHES['default']['KEY_PREFIX']}limits"
    check(RedisBuckets(settings.REDIS_URL, prefix))
    # Another worker finds the bucket as this one left it.
    other = RedisBuckets(settings.REDIS_URL, prefix)
    assert other.reserve(Limit("a", 10, 3)) == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize(
    ("client", "name", "key", "rate"),
    [
        ("organizations", "list_accounts", "organizations:1:", 4),
        ("iam", "list_users", "iam:1:", 8),
        ("ec2", "describe_vpcs", "ec2:1:eu-west-1", 10),
        ("account", "list_regions", "account.list_regions:1:eu-west-1", 5),
        ("account", "get_alternate_contact", "account.get_alternate_contact:1:eu-west-1", 10),
        ("account", "put_alternate_contact", "account.put_alternate_contact:1:eu-west-1", 5),
        ("cloudtrail", "lookup_events", "cloudtrail.lookup_events:1:eu-west-1", 2),
    ],
)
def test_each_api_has_its_limit(client: str, name: str, key: str, rate: int) -> None:
    limit = limit_of(Operation(client, name, ""), "1", "eu-west-1", VALUES)
    assert (limit.key, limit.rate) == (key, rate)


def test_rates_are_settings() -> None:
    policy = Policy({("RATE_DEFAULT_TPS", "installation", ""): 50})
    assert limit_of(GET_CALLER_IDENTITY, "1", "", Values(policy)).rate == 50


@pytest.mark.parametrize(("name", "rate"), [("put_alternate_contact", 1), ("list_regions", 5)])
def test_what_aws_publishes_for_china_holds_there(name: str, rate: float) -> None:
    operation = Operation("account", name, "")
    assert limit_of(operation, "1", "cn-northwest-1", VALUES).rate == rate
