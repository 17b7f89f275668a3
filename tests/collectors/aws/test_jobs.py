"""Reports that AWS prepares are waited for, and no longer than the setting says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials

from collectors import aws as aws_package
from collectors.aws import Aws, CallFailed, Role, jobs
from collectors.aws.jobs import POLL_SECONDS, Clock
from collectors.guard import GET_CALLER_IDENTITY
from collectors.outcomes import Outcome
from inventory.policy import Policy, Values

ROLE = Role("arn:aws:iam::222222222222:role/CairnReadOnly", "A")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses made, by a clock that only they move."""
    pauses: list[float] = []
    monkeypatch.setattr(jobs, "CLOCK", Clock(lambda: sum(pauses), pauses.append))
    return pauses


def calling(seconds: int = 10) -> Aws:
    timeout = Policy({("JOB_TIMEOUT_SECONDS", "installation", ""): seconds})
    return Aws(ROLE, "us-east-1", Values(timeout), datetime.now(UTC))


def ready_after(asked: int, answer: str = "report") -> Callable[[], str | None]:
    answers = iter([None] * asked)
    return lambda: next(answers, answer)


def test_what_is_ready_at_once_is_not_waited_for(slept: list[float]) -> None:
    assert calling().when_ready(ready_after(0), "The report") == "report"
    assert slept == []


def test_it_is_asked_for_until_it_is_ready(slept: list[float]) -> None:
    assert calling().when_ready(ready_after(3), "The report") == "report"
    assert slept == [POLL_SECONDS] * 3


@pytest.mark.parametrize("asked", [6, 10**6])
def test_it_is_given_up_when_the_time_is_over(slept: list[float], asked: int) -> None:
    with pytest.raises(CallFailed) as failed:
        calling(10).when_ready(ready_after(asked), "The report")
    assert failed.value.outcome == Outcome.JOB_TIMEOUT
    assert failed.value.message == "The report was not ready within 10 seconds."
    assert sum(slept) == 10


def test_many_are_waited_for_together_and_the_slow_ones_left_out(slept: list[float]) -> None:
    asks = {"quick": ready_after(0, "a"), "slower": ready_after(2, "b"), "never": ready_after(99)}
    assert calling(6).all_ready(asks) == {"quick": "a", "slower": "b"}
    assert sum(slept) == 6


def test_what_was_answered_is_not_asked_again(slept: list[float]) -> None:
    asked: list[str] = []

    def quick() -> str:
        asked.append("quick")
        return "a"

    calling().all_ready({"quick": quick, "slow": ready_after(3)})
    assert asked == ["quick"]


def test_a_failure_while_waiting_passes_through(slept: list[float]) -> None:
    def denied() -> None:
        raise CallFailed(Outcome.ACCESS_DENIED, "No.")

    with pytest.raises(CallFailed) as failed:
        calling().when_ready(denied, "The report")
    assert failed.value.outcome == Outcome.ACCESS_DENIED


def test_a_job_keeps_the_session_that_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the role's credentials are renewed meanwhile."""
    made = iter("ABC")
    sent: list[str] = []

    def send(*_: Any, credentials: Callable[[bool], ReadOnlyCredentials], **__: Any) -> Any:
        sent.append(credentials(False).access_key or "")
        return {}

    def assumed(role: Role, *, renew: bool = False) -> ReadOnlyCredentials:
        return ReadOnlyCredentials(next(made), "secret", "token")

    monkeypatch.setattr(aws_package, "send", send)
    monkeypatch.setattr(aws_package, "credentials", assumed)
    aws = calling()
    steady = aws.in_one_session
    for caller in (steady, aws, steady):
        caller.call(GET_CALLER_IDENTITY)
    assert sent == ["A", "B", "A"]
    assert steady.calls == aws.calls
    assert "secret" not in repr(steady)
