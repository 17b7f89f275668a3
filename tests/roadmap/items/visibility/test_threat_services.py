"""The three threat services taken together."""

from __future__ import annotations

import pytest

from roadmap.items.visibility.threat_services import judge
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.parts import DENIED, FAIL, PARTIAL, PASS, of_three, together

KEYS = ("visibility.cloudtrail", "visibility.guardduty", "visibility.access_analyzer")


@of_three
def test_the_sub_checks_combine(
    parts: tuple[Verdict, ...], status: Status, incomplete: bool
) -> None:
    found = together(judge, KEYS, parts)
    assert (found.status, found.incomplete) == (status, incomplete)


@pytest.mark.parametrize("macie", [PASS, FAIL, DENIED], ids=lambda v: v.status)
def test_macie_never_enters(macie: Verdict) -> None:
    found = together(judge, (*KEYS, "visibility.macie"), (PASS, PASS, PASS, macie))
    assert found.status == Status.PASS


def test_all_denied_keeps_the_reason() -> None:
    assert together(judge, KEYS, (DENIED, DENIED, DENIED)).reason == Reason.ACCESS_DENIED


def test_a_sub_check_that_was_not_judged_is_unknown() -> None:
    found = together(judge, KEYS, (PASS, PASS))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_the_sentence_says_how_each_stands() -> None:
    assert together(judge, KEYS, (PASS, PARTIAL, FAIL)).sentence == (
        "CloudTrail: pass, GuardDuty: partial, Access Analyzer: fail."
    )
