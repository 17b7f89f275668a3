"""Reports that AWS prepares: asked about again and again until they are ready, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

POLL_SECONDS = 2.0


@dataclass
class Clock:
    """Seconds that only grow, and waiting for some to pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


def ready_in_time(
    asks: Mapping[K, Callable[[], T | None]], seconds: float, clock: Clock
) -> dict[K, T]:
    """The answers of those that were ready within ``seconds``; a report that is not gives None.

    Each is asked at least once. What an ask raises passes through.
    """
    deadline = clock.now() + seconds
    waiting = dict(asks)
    ready: dict[K, T] = {}
    while True:
        for key, ask in list(waiting.items()):
            answer = ask()
            if answer is not None:
                ready[key] = answer
                del waiting[key]
        if not waiting or clock.now() + POLL_SECONDS > deadline:
            return ready
        clock.sleep(POLL_SECONDS)
