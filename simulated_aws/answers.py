"""What the simulation answers itself: computed by a function, or canned for the moment.

Functions are registered by the modules in `services/`. Canned answers are put there over HTTP
while the server runs (`control`), win over everything else, and the newest match wins.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from simulated_aws import errors
from simulated_aws.errors import AwsError
from simulated_aws.wire import Call

Result = Mapping[str, Any]
# A function answers None to hand the call on to moto, after having checked it.
Function = Callable[[Call], Result | None]

FUNCTIONS: Final[dict[tuple[str, str], Function]] = {}
ANY: Final = "*"


def answers(service: str, *operations: str) -> Callable[[Function], Function]:
    """Register the function for these operations of the service."""

    def register(function: Function) -> Function:
        for operation in operations:
            if (service, operation) in FUNCTIONS:
                raise ValueError(f"{service}.{operation} is answered twice.")
            FUNCTIONS[service, operation] = function
        return function

    return register


def load_services() -> None:
    from simulated_aws import services

    for module in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        importlib.import_module(module.name)


@dataclass
class CannedAnswer:
    """An answer for the calls it matches: a result as boto3 shapes it, or an error.

    error is AWS's code with message, or one of SYMBOLS, which take the code of the call's
    protocol. parameters must be among the call's own. times limits how often it is given.
    """

    service: str = ANY
    operation: str = ANY
    account: str = ANY
    region: str = ANY
    parameters: Mapping[str, Any] = field(default_factory=dict)
    result: Result | None = None
    error: str | None = None
    message: str = ""
    status: int | None = None
    times: int | None = None
    id: int = 0

    def __post_init__(self) -> None:
        if (self.result is None) == (self.error is None):
            raise ValueError("A canned answer has either a result or an error.")

    def matches(self, call: Call) -> bool:
        return (
            self.times != 0
            and self.service in (ANY, call.service)
            and self.operation in (ANY, call.operation)
            and self.account in (ANY, call.account)
            and self.region in (ANY, call.region)
            and all(call.parameters.get(k) == v for k, v in self.parameters.items())
        )

    def outcome(self, call: Call) -> Result | AwsError:
        if self.result is not None:
            return self.result
        symbol = SYMBOLS.get(self.error or "")
        if symbol:
            return symbol(call.error_family, self.message)
        return AwsError(self.error or "", self.message, self.status)


SYMBOLS: Final[Mapping[str, Callable[[str, str], AwsError]]] = {
    "denied": errors.denied,
    "throttled": lambda family, _: errors.throttled(family),
    "invalid-credentials": lambda family, _: errors.invalid_credentials(family),
    "expired": lambda family, _: errors.expired(family),
}


class CannedAnswers:
    """The canned answers of this server, in the order they came."""

    def __init__(self) -> None:
        self._answers: list[CannedAnswer] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, answer: CannedAnswer) -> int:
        with self._lock:
            answer.id = next(self._ids)
            self._answers.append(answer)
            return answer.id

    def remove(self, answer_id: int) -> bool:
        with self._lock:
            kept = [a for a in self._answers if a.id != answer_id]
            removed = len(kept) < len(self._answers)
            self._answers = kept
            return removed

    def take(self, call: Call) -> Result | AwsError | None:
        """The outcome of the newest answer that matches; counts as one of its times."""
        with self._lock:
            answer = next((a for a in reversed(self._answers) if a.matches(call)), None)
            if answer is None:
                return None
            if answer.times is not None:
                answer.times -= 1
        return answer.outcome(call)

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(answer) for answer in self._answers]


CANNED: Final = CannedAnswers()
