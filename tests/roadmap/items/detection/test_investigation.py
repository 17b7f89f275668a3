"""Alerts, refused calls and the search by principal taken together."""

from __future__ import annotations

from roadmap.items.detection.investigation import ABILITIES, judge
from roadmap.verdicts import Status, Verdict
from tests.roadmap.items.parts import FAIL, LEFT_OUT, PASS, of_three, together


@of_three
def test_it_is_as_good_as_the_three_together(
    parts: tuple[Verdict, ...], status: Status, incomplete: bool
) -> None:
    found = together(judge, ABILITIES, parts)
    assert (found.status, found.incomplete) == (status, incomplete)
    assert found.rule == "combined over the abilities"


def test_the_sentence_says_how_each_ability_stands() -> None:
    sentence = together(judge, ABILITIES, (PASS, FAIL, LEFT_OUT)).sentence
    assert sentence == (
        "GuardDuty alerts: pass, refused calls: fail, search by principal: not applicable."
    )
