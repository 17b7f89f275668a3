"""In how many repositories a team looks for secrets before they are pushed."""

from __future__ import annotations

from typing import Any

import pytest

from roadmap.items.identity.secret_hooks import item, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import attested, row, subject

PAYMENTS = row(team="Payments")


@pytest.mark.parametrize(
    ("claim", "details", "status", "said"),
    [
        pytest.param("done", {"share": 90}, Status.PASS, "in 90 %", id="as many as asked"),
        pytest.param("done", {"share": 100}, Status.PASS, "in 100 %", id="all"),
        pytest.param("done", {"share": 89}, Status.PARTIAL, "90 % are asked", id="one too few"),
        pytest.param("done", {"share": 0}, Status.PARTIAL, "in 0 %", id="none"),
        pytest.param("done", {}, Status.PARTIAL, "not said", id="no share"),
        pytest.param("done", {"share": "all"}, Status.PARTIAL, "not said", id="no number"),
        pytest.param("done", {"share": 900}, Status.PARTIAL, "not said", id="more than all"),
        pytest.param("partly", {"share": 95}, Status.PARTIAL, "in part", id="partly"),
        pytest.param("partly", {}, Status.PARTIAL, "not said", id="partly, no share"),
        pytest.param("not_done", {}, Status.FAIL, "in no repository", id="not done"),
    ],
)
def test_the_share_decides(claim: str, details: dict[str, Any], status: Status, said: str) -> None:
    answer = attested(item.key, claim, "team", **details)
    verdict = judge(subject(account=PAYMENTS, attestations=[answer]))
    assert verdict.status == status
    assert "Payments" in verdict.sentence
    assert said in verdict.sentence
    assert bool(verdict.problems) == (status == Status.FAIL)
    assert verdict.facts == {
        "team": "Payments",
        "level": "team",
        "claim": claim,
        "url": answer.url,
        **details,
    }


def test_how_many_repositories_are_enough_is_a_setting() -> None:
    answer = attested(item.key, "done", "team", share=60)
    lenient = subject(
        account=PAYMENTS, attestations=[answer], settings={"SECRET_HOOK_PASS_PCT": 60}
    )
    assert judge(lenient).status == Status.PASS


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
