"""Counts, scores and levels, against counting by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.rollups import Counts, count, level, total
from roadmap.verdicts import Status

STATUSES = st.lists(st.sampled_from(Status), max_size=30)


@given(STATUSES)
def test_counts_are_those_of_counting_one_by_one(statuses: list[Status]) -> None:
    counts = count(statuses)
    assert {s: counts.of(s) for s in Status} == {s: statuses.count(s) for s in Status}
    assert counts.cells == len(statuses)


@given(STATUSES, STATUSES)
def test_counts_of_two_groups_add_up(one: list[Status], other: list[Status]) -> None:
    assert count(one) + count(other) == count(one + other) == total([count(one), count(other)])


@given(STATUSES)
def test_the_score_is_the_mean_over_what_applies(statuses: list[Status]) -> None:
    scores = [s.score for s in statuses if s.score is not None]
    expected = sum(scores) / len(scores) if scores else None
    assert count(statuses).score == pytest.approx(expected)


DONE = Counts(passed=3, not_applicable=1)
NOTHING = Counts(not_applicable=2)
OPEN = {
    "partial": Counts(passed=3, partial=1),
    "fail": Counts(passed=3, failed=1),
    "unknown": Counts(passed=3, unknown=1),
}


@pytest.mark.parametrize(
    ("by_stage", "expected"),
    [
        pytest.param({}, 0, id="never judged"),
        pytest.param(dict.fromkeys(range(1, 11), NOTHING), 0, id="nothing applies"),
        pytest.param({1: OPEN["fail"]}, 0, id="fails in the first stage"),
        pytest.param({1: DONE, 2: OPEN["partial"], 3: DONE}, 1, id="partial in the second"),
        pytest.param({1: DONE, 2: OPEN["unknown"]}, 1, id="unknown in the second"),
        pytest.param({1: DONE, 2: NOTHING, 3: OPEN["fail"]}, 2, id="nothing applies in the second"),
        pytest.param(dict.fromkeys(range(1, 11), DONE), 10, id="all done"),
    ],
)
def test_the_level_is_the_highest_stage_with_all_below_done(
    by_stage: dict[int, Counts], expected: int
) -> None:
    assert level(by_stage) == expected
