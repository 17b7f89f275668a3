"""The three threat services taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from roadmap.items.visibility.threat_services import judge
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
ABSENT = not_applicable(Reason.SERVICE_UNAVAILABLE, "n")


def verdict(*parts: Verdict, macie: Verdict = FAIL) -> Verdict:
    keys = ("visibility.cloudtrail", "visibility.guardduty", "visibility.access_analyzer")
    given: Mapping[str, Verdict] = {
        **dict(zip(keys, parts, strict=False)),
        "visibility.macie": macie,
    }
    return judge(replace(subject(), verdicts=given))


@pytest.mark.parametrize(
    ("parts", "status", "incomplete"),
    [
        ((PASS, PASS, PASS), Status.PASS, False),
        ((PASS, PASS, ABSENT), Status.PASS, False),
        ((PASS, PARTIAL, PASS), Status.PARTIAL, False),
        ((PASS, PASS, FAIL), Status.PARTIAL, False),
        ((FAIL, FAIL, FAIL), Status.FAIL, False),
        ((PASS, PASS, DENIED), Status.UNKNOWN, True),
        ((FAIL, FAIL, DENIED), Status.FAIL, True),
        ((PARTIAL, DENIED, DENIED), Status.PARTIAL, True),
        ((ABSENT, ABSENT, ABSENT), Status.NOT_APPLICABLE, False),
    ],
    ids=lambda value: " ".join(part.status for part in value) if isinstance(value, tuple) else None,
)
def test_the_sub_checks_combine(
    parts: tuple[Verdict, ...], status: Status, incomplete: bool
) -> None:
    found = verdict(*parts)
    assert (found.status, found.incomplete) == (status, incomplete)


@pytest.mark.parametrize("macie", [PASS, FAIL, DENIED], ids=lambda v: v.status)
def test_macie_never_enters(macie: Verdict) -> None:
    assert verdict(PASS, PASS, PASS, macie=macie).status == Status.PASS


def test_all_denied_keeps_the_reason() -> None:
    assert verdict(DENIED, DENIED, DENIED).reason == Reason.ACCESS_DENIED


def test_a_sub_check_that_was_not_judged_is_unknown() -> None:
    found = verdict(PASS, PASS)
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)


def test_the_sentence_says_how_each_stands() -> None:
    assert verdict(PASS, PARTIAL, FAIL).sentence == (
        "CloudTrail: pass, GuardDuty: partial, Access Analyzer: fail."
    )
