"""Which calls the server has answered: how a test proves what a collection asked, and how often."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final

from simulated_aws.wire import Call


@dataclass(frozen=True)
class Entry:
    """error is AWS's code, or the HTTP status where moto worded the error; None for a result."""

    account: str | None
    principal: str | None
    service: str
    operation: str
    region: str
    error: str | None


class CallLog:
    def __init__(self) -> None:
        self._counts: Counter[Entry] = Counter()
        self._lock = threading.Lock()

    def record(self, call: Call, error: str | None) -> None:
        principal = call.principal
        entry = Entry(
            principal.account if principal else None,
            principal.session_arn if principal else None,
            call.service,
            call.operation,
            call.region,
            error,
        )
        with self._lock:
            self._counts[entry] += 1

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**asdict(entry), "count": n} for entry, n in self._counts.items()]


CALLS: Final = CallLog()
