"""In how many repositories a team looks for secrets before they are pushed."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.items.identity.secret_hooks import item, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import attested, row, subject

PAYMENTS = row(team="Payments")


@pytest.mark.parametrize(
    ("claim", "details", "status"),
    [
        pytest.param("done", {"share": 90}, Status.PASS, id="as many as asked"),
        pytest.param("done", {"share": 89}, Status.PARTIAL, id="one too few"),
        pytest.param("done", {}, Status.PARTIAL, id="no share"),
        pytest.param("done", {"share": "all"}, Status.PARTIAL, id="share is no number"),
        pytest.param("partly", {"share": 100}, Status.PARTIAL, id="partly"),
        pytest.param("not_done", {}, Status.FAIL, id="not done"),
    ],
)
def test_the_share_decides(claim: str, details: dict[str, Any], status: Status) -> None:
    answer = attested(item.key, claim, "team", **details)
    verdict = judge(subject(account=PAYMENTS, attestations=[answer]))
    assert verdict.status == status
    assert "Payments" in verdict.sentence
    assert bool(verdict.problems) == (status == Status.FAIL)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param([], Reason.NOT_ATTESTED, id="nobody"),
        pytest.param(
            [attested(item.key, "done", "team", days_left=0, share=100)],
            Reason.ATTESTATION_EXPIRED,
            id="expired",
        ),
    ],
)
def test_without_an_answer_that_holds_it_is_unknown(answers: list[Any], reason: Reason) -> None:
    for account in (PAYMENTS, row(team="")):
        verdict = judge(subject(account=account, attestations=answers))
        assert (verdict.status, verdict.reason) == (Status.UNKNOWN, reason)
        assert [problem.code for problem in verdict.problems] == ["secret_hook_missing"]
