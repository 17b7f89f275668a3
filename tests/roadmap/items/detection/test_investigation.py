"""Alerts, refused calls and the search by principal taken together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roadmap.items.detection.investigation import ABILITIES, judge
from roadmap.verdicts import (
    Reason,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown,
)
from tests.roadmap.items.subjects import subject

PASS, PARTIAL, FAIL = passed("p"), partly("h"), failed("f")
DENIED = unknown(Reason.ACCESS_DENIED, "u")
EXCLUDED = not_applicable(Reason.CLASS_EXCLUDED, "n")


def verdict(*parts: Verdict) -> Verdict:
    return judge(replace(subject(), verdicts=dict(zip(ABILITIES, parts, strict=False))))


@pytest.mark.parametrize(
    ("parts", "status", "incomplete"),
    [
        ((PASS, PASS, PASS), Status.PASS, False),
        ((PASS, EXCLUDED, PASS), Status.PASS, False),
        ((PASS, PARTIAL, PASS), Status.PARTIAL, False),
        ((PASS, PASS, FAIL), Status.PARTIAL, False),
        ((FAIL, EXCLUDED, FAIL), Status.FAIL, False),
        ((PASS, PASS, DENIED), Status.UNKNOWN, True),
        ((FAIL, FAIL, DENIED), Status.FAIL, True),
        ((PASS, PASS), Status.UNKNOWN, True),
        ((EXCLUDED, EXCLUDED, EXCLUDED), Status.NOT_APPLICABLE, False),
    ],
    ids=lambda value: " ".join(part.status for part in value) if isinstance(value, tuple) else None,
)
def test_it_is_as_good_as_the_three_together(
    parts: tuple[Verdict, ...], status: Status, incomplete: bool
) -> None:
    found = verdict(*parts)
    assert (found.status, found.incomplete) == (status, incomplete)
    assert found.rule == "combined over the abilities"


def test_the_sentence_says_how_each_ability_stands() -> None:
    sentence = verdict(PASS, FAIL, EXCLUDED).sentence
    assert sentence == (
        "GuardDuty alerts: pass, refused calls: fail, search by principal: not applicable."
    )
