"""Passes that overlap, and one that was killed in the middle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from roadmap import storage
from roadmap.evaluation import judge, passes
from roadmap.models import AccountStanding, AccountVerdict, DailyProgress, Finding, StageTally
from roadmap.storage import standings
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Verdict, failed
from tests import organization
from tests.roadmap.conftest import make_item


def bad(subject: Subject) -> Verdict:
    return failed(
        "Bad.",
        problems=[Problem("table_open", f"arn:t/{n}") for n in range(3)]
        + [Problem("nobody_looks", organization=True)],
    )


@pytest.fixture
def judging(transactional_db: None, catalogue: Callable[..., None]) -> int:
    """How many accounts are judged by a rule: all but the suspended one."""
    world = organization.create()
    catalogue(make_item("inventory.bad", bad), make_item("surface.bad", bad, order="6.1"))
    return len(world.accounts) - 1


def state() -> dict[str, int]:
    return {
        "verdicts": AccountVerdict.objects.count(),
        "open": Finding.objects.filter(state="open").count(),
        "tallies": StageTally.objects.count(),
        "standings": AccountStanding.objects.count(),
        "progress": DailyProgress.objects.filter(dimension="all").count(),
    }


def expected(judged: int) -> dict[str, int]:
    accounts = judged + 1
    return {
        "verdicts": accounts * 2,
        "open": judged * 2 * 3 + 2,
        "tallies": accounts * 10,
        "standings": accounts,
        "progress": 10,
    }


def test_passes_at_the_same_time_leave_what_one_would(judging: int) -> None:
    def one_pass(_: int) -> None:
        try:
            judge()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one_pass, range(8)))
    assert state() == expected(judging)


def test_a_pass_that_dies_in_a_batch_leaves_nothing_of_it_and_the_next_finishes(
    judging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands in for the end of the process."""

    batches = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == 2:
            with monkeypatch.context() as inner:
                inner.setattr(standings, "write", _raise(Killed))
                return storage.store(*args, **kwargs)
        return storage.store(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(passes, "BATCH", 3)
        patched.setattr(passes, "store", dying)
        with pytest.raises(Killed):
            judge()
    assert AccountStanding.objects.count() == 3
    assert AccountVerdict.objects.count() == 6
    assert not connection.in_atomic_block
    judge()
    assert state() == expected(judging)


def _raise(error: type[BaseException]) -> Callable[..., None]:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    return fails
