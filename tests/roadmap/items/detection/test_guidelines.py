"""Whether there is a rule book, what it names, and whether somebody went over it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roadmap.items.detection.guidelines import item, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import attested, subject

BOTH: dict[str, Any] = {
    "names_accepted_risks": "yes",
    "names_own_checks": "yes",
    "reviewed_on": "2026-10-01",
}


@pytest.mark.parametrize(
    ("claim", "details", "status", "told"),
    [
        pytest.param("done", BOTH, Status.PASS, "reviewed on 2026-10-01", id="done"),
        pytest.param(
            "done", BOTH | {"names_own_checks": "no"}, Status.PARTIAL, "own checks", id="no checks"
        ),
        pytest.param(
            "done", {"names_own_checks": "yes"}, Status.PARTIAL, "accepted risks", id="no risks"
        ),
        pytest.param("partly", BOTH, Status.PARTIAL, "in part", id="partly"),
        pytest.param("not_done", {}, Status.FAIL, "No guidelines", id="not done"),
    ],
)
def test_an_answer_that_holds(
    claim: str, details: dict[str, Any], status: Status, told: str
) -> None:
    answer = attested(item.key, claim, "organization", **details)
    verdict = judge(subject(attestations=[answer]))
    assert verdict.status == status
    assert told in verdict.sentence
    assert bool(verdict.problems) == (status == Status.FAIL)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param([], Reason.NOT_ATTESTED, id="nobody"),
        pytest.param(
            [attested(item.key, "done", "organization", days_left=0, **BOTH)],
            Reason.ATTESTATION_EXPIRED,
            id="expired",
        ),
    ],
)
def test_without_an_answer_that_holds_it_is_unknown(answers: list[Any], reason: Reason) -> None:
    verdict = judge(subject(attestations=answers))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, reason)
    assert [problem.code for problem in verdict.problems] == ["guideline_missing"]


REVIEWED = {
    "on the last day": ("2025-11-24", Status.PASS, "written down"),
    "a day too early": ("2025-11-23", Status.UNKNOWN, "reviewed too long ago"),
    "on no day": ("lately", Status.PASS, "written down"),
}


@pytest.mark.parametrize(("day", "status", "line"), REVIEWED.values(), ids=REVIEWED)
def test_a_review_holds_as_long_as_the_setting_says(day: str, status: Status, line: str) -> None:
    answer = attested(item.key, "done", "organization", **BOTH | {"reviewed_on": day})
    verdict = judge(subject(attestations=[answer]))
    assert (verdict.status, verdict.rule) == (status, line)
    longer = judge(subject(attestations=[answer], settings={"GUIDELINE_REVIEW_DAYS": 366}))
    assert longer.status == Status.PASS


def test_guidelines_that_were_reviewed_too_long_ago_are_a_finding() -> None:
    answer = attested(item.key, "partly", "organization", reviewed_on="2024-01-31")
    verdict = judge(subject(attestations=[answer]))
    assert (verdict.reason, verdict.sentence) == (
        Reason.ATTESTATION_EXPIRED,
        "The guidelines were last reviewed on 2024-01-31, more than 365 days ago.",
    )
    assert [problem.code for problem in verdict.problems] == ["guideline_missing"]


def test_without_a_link_nobody_can_read_them() -> None:
    answer = replace(attested(item.key, "done", "organization", **BOTH), url="")
    verdict = judge(subject(attestations=[answer]))
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "no link")


def test_an_answer_that_is_not_asked_for_is_no_pass() -> None:
    answer = attested(item.key, "declined", "organization", **BOTH)
    assert judge(subject(attestations=[answer])).status == Status.FAIL


def test_a_team_s_own_answer_wins_over_the_organization_s() -> None:
    above = attested(item.key, "done", "organization", **BOTH)
    own = attested(item.key, "not_done", "team")
    assert judge(subject(attestations=[above, own])).status == Status.FAIL
