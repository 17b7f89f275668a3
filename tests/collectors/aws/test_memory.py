"""What all accounts share is asked for once, and again when it may have changed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from collectors import aws as aws_package
from collectors.aws import memory
from collectors.aws.memory import KEPT_SECONDS, Memory


def test_it_is_asked_for_once_until_it_is_old() -> None:
    times = [0.0]
    kept = Memory(lambda: times[0])
    asked = iter("ab")

    first = [kept.get(("x",), lambda: next(asked)) for _ in range(3)]
    times[0] = KEPT_SECONDS + 1

    assert [*first, kept.get(("x",), lambda: next(asked))] == ["a", "a", "a", "b"]


def test_keys_are_told_apart() -> None:
    kept = Memory()
    asked = iter("abc")
    assert [kept.get((key,), lambda: next(asked)) for key in "xyx"] == ["a", "b", "a"]


def test_a_failure_is_not_kept() -> None:
    kept = Memory()

    def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        kept.get(("x",), fail)
    assert kept.get(("x",), lambda: "a") == "a"


def test_one_thread_asks_while_the_others_wait() -> None:
    kept = Memory()
    begun, release = threading.Event(), threading.Event()
    asked: list[str] = []

    def slow() -> str:
        asked.append("x")
        begun.set()
        release.wait(10)
        return "a"

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(kept.get, ("x",), slow) for _ in range(4)]
        assert begun.wait(10)
        release.set()
        assert {future.result(10) for future in waiting} == {"a"}
    assert asked == ["x"]


def test_nothing_and_none_are_answers_too() -> None:
    kept = Memory()
    asked = iter([None, "again"])
    assert [kept.get(("x",), lambda: next(asked)) for _ in range(2)] == [None, None]


def test_forgetting_the_sessions_forgets_what_was_learned_with_them() -> None:
    memory.SHARED.get(("x",), lambda: "old")
    aws_package.forget_all()
    assert memory.SHARED.get(("x",), lambda: "new") == "new"
    aws_package.forget_all()
