"""When incident response was last practised, and whether that still counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from roadmap.items.incident.practice import item, judge
from roadmap.subject import Attested
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import NOW, attested, subject

TIMES: dict[str, Any] = {"detect_minutes": 10, "understand_minutes": 40, "contain_minutes": 95}
WHOLE: dict[str, Any] = TIMES | {"lessons": "https://wiki.example.com/lessons", "kind": "live"}


def exercise(
    days_ago: int, claim: str = "done", level: str = "organization", **details: Any
) -> Attested:
    held_on = (NOW - timedelta(days=days_ago)).date().isoformat()
    return attested(item.key, claim, level, days_left=-1, **({"held_on": held_on} | details))


CASES = {
    "this year, with times and lessons": (exercise(300, **WHOLE), Status.PASS),
    "on the last day that counts": (exercise(365, **WHOLE), Status.PASS),
    "without lessons": (exercise(10, **TIMES), Status.PARTIAL),
    "without times": (exercise(10, lessons="https://wiki.example.com/l"), Status.PARTIAL),
    "without one of the times": (
        exercise(10, **{n: v for n, v in WHOLE.items() if n != "contain_minutes"}),
        Status.PARTIAL,
    ),
    "only in part": (exercise(10, "partly", **WHOLE), Status.PARTIAL),
    "overdue": (exercise(366, **WHOLE), Status.PARTIAL),
    "overdue for long": (exercise(730, **WHOLE), Status.PARTIAL),
    "too old": (exercise(731, **WHOLE), Status.FAIL),
    "not done": (exercise(1, "not_done"), Status.FAIL),
}


@pytest.mark.parametrize(("answer", "status"), CASES.values(), ids=CASES)
def test_the_day_of_the_exercise_decides(answer: Attested, status: Status) -> None:
    verdict = judge(subject(attestations=[answer]))
    assert verdict.status == status
    overdue = [problem.code for problem in verdict.problems] == ["practice_overdue"]
    assert overdue == (status == Status.FAIL or "overdue" in verdict.sentence)


def test_without_a_day_the_answer_s_own_counts() -> None:
    answer = attested(item.key, "done", "organization", days_left=-1, **WHOLE)
    assert "2025-11-23" in judge(subject(attestations=[answer])).sentence


def test_an_exercise_to_come_is_none_yet() -> None:
    verdict = judge(subject(attestations=[exercise(-2, **WHOLE)]))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_ATTESTED)
    assert "2026-11-26 is still to come" in verdict.sentence
    assert judge(subject(attestations=[exercise(-1, **WHOLE)])).status == Status.PASS


def test_nobody_said_anything() -> None:
    verdict = judge(subject())
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NOT_ATTESTED)


def test_where_teams_practise_the_organization_s_exercise_does_not_count() -> None:
    settings = {"PRACTICE_LEVEL": "team"}
    above = exercise(1, **WHOLE)
    own = exercise(500, level="team", **WHOLE)
    assert judge(subject(attestations=[above])).status == Status.PASS
    assert judge(subject(attestations=[above], settings=settings)).status == Status.UNKNOWN
    assert judge(subject(attestations=[above, own], settings=settings)).status == Status.PARTIAL
