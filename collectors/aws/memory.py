"""Answers that are the same for every account of an organization: asked for once in a while in a
process, not once for each account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

KEPT_SECONDS = 300.0


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: list[Any] = field(default_factory=list)  # none or one
    made_at: float = 0.0


class Memory:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, ...], _Slot] = {}

    def get(self, key: tuple[str, ...], ask: Callable[[], T]) -> T:
        """What ``ask`` answered lately; one thread asks while the others wait. What it raises is
        not kept."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if not slot.answers or self._now() - slot.made_at > KEPT_SECONDS:
                slot.answers = [ask()]
                slot.made_at = self._now()
            answer: T = slot.answers[0]
            return answer

    def forget(self) -> None:
        with self._lock:
            self._slots.clear()


SHARED = Memory()
