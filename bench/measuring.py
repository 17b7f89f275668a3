"""Time and processor time, taken in turns so that a busy machine is busy for everyone alike."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

Action = Callable[[], Any]


@dataclass(frozen=True)
class Spent:
    """Seconds: ``wall`` by the clock, ``cpu`` of this process, its threads and its children."""

    wall: float
    cpu: float


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def once(action: Action) -> Spent:
    gc.collect()
    cpu, wall = _cpu(), time.perf_counter()
    action()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def in_turns(actions: Mapping[str, Action], rounds: int, *, warm: bool = True) -> dict[str, Spent]:
    """Medians of all actions, one after the other in each round."""
    taken: dict[str, list[Spent]] = {name: [] for name in actions}
    if warm:
        for action in actions.values():
            action()
    for _ in range(rounds):
        for name, action in actions.items():
            taken[name].append(once(action))
    return {
        name: Spent(median(s.wall for s in spent), median(s.cpu for s in spent))
        for name, spent in taken.items()
    }
