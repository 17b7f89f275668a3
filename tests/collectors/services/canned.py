"""An Aws that answers from a table, and checks what it is asked against AWS's own model.

``answers`` are operation name → an answer, a list of pages, a function of the request's parameters,
or a Refusal. ``thinned`` draws an answer with fields missing, as the API of tomorrow may send it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import msgspec
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.validate import validate_parameters
from hypothesis import strategies as st

from collectors.aws import Aws
from collectors.aws.jobs import Clock, ready_in_time
from collectors.aws.roles import Role
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MANAGEMENT = "111111111111"
ACCOUNT = "222222222222"


@dataclass(frozen=True)
class Refusal:
    """An error that AWS answers with."""

    code: str = "AccessDeniedException"
    outcome: Outcome = Outcome.ACCESS_DENIED
    message: str = ""


Answers = Mapping[str, Any]


@dataclass(frozen=True)
class CannedAws:
    """``own`` answers for the target itself. ``asked`` are the requests so far."""

    answers: Answers
    account_id: str = MANAGEMENT
    target: str = ""
    own_answers: Answers | None = None
    region: str = "us-east-1"
    partition: str = "aws"
    is_checked: bool = True
    now: datetime = NOW
    settings: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    allowed: tuple[Operation, ...] | None = None
    allowed_of_own: tuple[Operation, ...] = ()
    builds_on: tuple[str, ...] | None = None

    @property
    def role(self) -> Role:
        return Role(f"arn:{self.partition}:iam::{self.account_id}:role/security/cairn", "A")

    @property
    def own(self) -> CannedAws:
        return CannedAws(
            self.own_answers or {},
            self.target,
            is_checked=self.is_checked,
            asked=self.asked,
            allowed=self.allowed_of_own,
        )

    @property
    def in_one_session(self) -> CannedAws:
        return self

    def fact(self, collector: Collector[Any]) -> Any:
        assert self.builds_on is None or collector.name in self.builds_on
        if collector.name not in self.stored:
            raise Missing(Outcome.NEVER_COLLECTED, f"{collector} was never collected.")
        return self.stored[collector.name]

    def last(self, collector: Collector[Any]) -> Any:
        assert self.builds_on is None or collector.name in self.builds_on
        return self.stored.get(collector.name)

    def when_ready(self, ask: Callable[[], Any], what: str) -> Any:
        return Aws.when_ready(cast(Aws, self), ask, what)

    def all_ready(self, asks: Mapping[Any, Callable[[], Any]]) -> dict[Any, Any]:
        """As Aws does, by a clock that nothing but waiting moves."""
        waited: list[float] = []
        clock = Clock(lambda: sum(waited), waited.append)
        return ready_in_time(asks, self.settings["JOB_TIMEOUT_SECONDS"], clock)

    def shared(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        return ask()

    def call(
        self,
        operation: Operation,
        *,
        absent: Sequence[str] = (),
        region: str | None = None,
        **params: Any,
    ) -> Any:
        pages = self._pages(operation, absent, params)
        return None if pages is None else pages[0]

    def pages(
        self,
        operation: Operation,
        *,
        absent: Sequence[str] = (),
        region: str | None = None,
        **params: Any,
    ) -> Any:
        pages = self._pages(operation, absent, params)
        if pages is None:
            return None
        return [one for page in pages for one in _listed(page, operation.result)]

    def whole_pages(self, operation: Operation, **params: Any) -> Any:
        return self._pages(operation, (), params)

    def _pages(
        self, operation: Operation, absent: Sequence[str], params: dict[str, Any]
    ) -> list[Any] | None:
        if self.allowed is not None:
            assert operation in self.allowed, f"{operation} is not declared"
        if self.is_checked:
            _check(operation, params, "input_shape")
        self.asked.append((operation.name, params))
        answer = self.answers[operation.name]
        answer = answer(params) if callable(answer) else answer
        if isinstance(answer, Refusal):
            if answer.code in absent:
                return None
            missing = Missing(answer.outcome, f"{answer.code}: {operation.name}. {answer.message}")
            missing.code = answer.code
            raise missing
        pages = answer if isinstance(answer, list) else [answer]
        if self.is_checked:
            for page in pages:
                _check(operation, page, "output_shape")
        return pages


def _listed(page: Mapping[str, Any], result: str) -> Sequence[Any]:
    """The list at a key such as ``Accounts`` or ``DistributionList.Items``."""
    *above, name = result.split(".")
    for key in above:
        page = page.get(key) or {}
    return page.get(name) or ()


def _check(operation: Operation, values: Any, shape: str) -> None:
    """Raises ParamValidationError for what AWS's model of the operation does not know."""
    model = _model(operation.client).operation_model(_api_name(operation))
    described = getattr(model, shape)
    if described is None:
        assert not values
    else:
        validate_parameters(values, described)
    if shape == "output_shape" and operation.result:
        assert operation.result.partition(".")[0] in described.members


@cache
def _model(client: str) -> ServiceModel:
    return Session().get_service_model(client)


def _api_name(operation: Operation) -> str:
    wanted = operation.name.replace("_", "")
    names = _model(operation.client).operation_names
    return next(name for name in names if name.lower() == wanted)


def collect(
    collector: Collector[Any],
    answers: Answers,
    *,
    target: str = ACCOUNT,
    own: Answers | None = None,
    account_id: str = MANAGEMENT,
    settings: Mapping[str, Any] | None = None,
    asked: list[tuple[str, dict[str, Any]]] | None = None,
    is_checked: bool = True,
    stored: Mapping[str, Any] | None = None,
) -> Any:
    """What the collector makes of the answers, as it is read back from the database. Operations
    that it does not declare are refused. ``stored`` are the facts it builds on, by name."""
    aws = CannedAws(
        answers,
        account_id,
        target,
        own,
        is_checked=is_checked,
        settings=settings or {},
        asked=[] if asked is None else asked,
        allowed=collector.operations,
        allowed_of_own=collector.own,
        stored=stored or {},
        builds_on=collector.builds_on,
    )
    value = collector.transform(collector.fetch(cast(Aws, aws)))
    return msgspec.convert(msgspec.to_builtins(value), collector.value)


def by(parameter: str, answers: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """An answer for each value of one parameter of the request."""
    return lambda params: answers[params.get(parameter, "")]


@st.composite
def thinned(draw: st.DrawFn, answers: Answers, kept: frozenset[str] = frozenset()) -> Answers:
    """The answers with any fields left out and any word become one nobody knows yet; whole lists
    and the fields ``kept`` stay."""
    return {name: _thin(draw, answer, kept) for name, answer in answers.items()}


def _thin(draw: st.DrawFn, value: Any, kept: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: part if name in kept else _thin(draw, part, kept)
            for name, part in value.items()
            if name in kept or isinstance(part, list) or draw(st.booleans())
        }
    if isinstance(value, list):
        return [_thin(draw, part, kept) for part in value]
    if isinstance(value, str):
        return draw(st.sampled_from([value, "TOMORROW"]))
    return value
