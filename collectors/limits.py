"""Rates below which AWS does not throttle, shared by all workers through Redis.

Each limit is a bucket that is refilled at a steady rate (the generic cell rate algorithm): a call
reserves its turn in one step and then waits for it, so nobody starves and nothing is polled.
Without Redis there is one worker process, and its memory is enough.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import redis
from django.conf import settings

from collectors.registry import Operation
from inventory.policy import Values


@dataclass(frozen=True)
class Limit:
    """``rate`` calls a second, of which ``burst`` may come at once."""

    key: str
    rate: float
    burst: float


# Quotas that AWS publishes: (calls a second, burst).
# https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
PUBLISHED = {
    ("account", "get_alternate_contact"): (10, 15),
    ("account", "get_contact_information"): (10, 15),
    ("account", "put_alternate_contact"): (5, 8),
    ("account", "list_regions"): (5, 5),
    ("account", "get_primary_email"): (3, 3),
    ("account", "get_account_information"): (3, 3),
    ("cloudtrail", "lookup_events"): (2, 2),
    ("securityhub", "get_findings"): (3, 6),
}
# https://docs.amazonaws.cn/en_us/accounts/latest/reference/quotas.html
PUBLISHED_IN_CHINA = {
    ("account", "get_alternate_contact"): (3, 5),
    ("account", "get_contact_information"): (3, 5),
    ("account", "put_alternate_contact"): (1, 6),
}


def limit_of(operation: Operation, account_id: str, region: str, values: Values) -> Limit:
    """The limit of an operation called with an account's credentials in a Region."""
    client = operation.client
    key = (client, operation.name)
    elsewhere = PUBLISHED_IN_CHINA if region.startswith("cn-") else {}
    published = elsewhere.get(key) or PUBLISHED.get(key)
    if published:
        rate, burst = published
        return Limit(f"{client}.{operation.name}:{account_id}:{region}", rate, burst)
    if client == "organizations":
        rate, region = values["RATE_ORGANIZATIONS_TPS"], ""
    elif client == "iam":
        rate, region = values["RATE_IAM_TPS"], ""
    else:
        rate = values["RATE_DEFAULT_TPS"]
    return Limit(f"{client}:{account_id}:{region}", rate, max(1, rate))


class Buckets(Protocol):
    def reserve(self, limit: Limit) -> float:
        """Take the next turn; seconds until it comes."""


class LocalBuckets:
    """Buckets of this process. Full ones are forgotten, so memory follows the calls of a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def reserve(self, limit: Limit) -> float:
        interval = 1 / limit.rate
        with self._lock:
            now = time.monotonic()
            if len(self._next) > 20_000:
                self._next = {key: due for key, due in self._next.items() if due > now}
            due = max(now, self._next.get(limit.key, 0))
            self._next[limit.key] = due + interval
        return max(0.0, due - (limit.burst - 1) * interval - now)


# The same arithmetic as LocalBuckets, with the clock of the Redis server.
RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local interval = 1 / tonumber(ARGV[1])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local after = due + interval
local lifetime = math.ceil((after - now) * 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', lifetime)
return string.format('%.6f', math.max(0, due - (tonumber(ARGV[2]) - 1) * interval - now))
"""


class RedisBuckets:
    def __init__(self, url: str, prefix: str) -> None:
        self._script = redis.Redis.from_url(url).register_script(RESERVE)
        self._prefix = prefix

    def reserve(self, limit: Limit) -> float:
        key = f"{self._prefix}:rate:{limit.key}"
        return float(self._script(keys=[key], args=[limit.rate, limit.burst]))


@cache
def buckets() -> Buckets:
    if not settings.REDIS_URL:
        return LocalBuckets()
    return RedisBuckets(settings.REDIS_URL, settings.CACHES["default"]["KEY_PREFIX"])


def wait_for_turn(limit: Limit) -> None:
    seconds = buckets().reserve(limit)
    if seconds > 0:
        time.sleep(seconds)
