"""In how many repositories a team looks for secrets before they are pushed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roadmap.items.identity.secret_hooks import item, judge
from roadmap.scans import Failure
from roadmap.subject import Excepted
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import NOW, attested, reported, row, scan, scanned, subject

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


LAMBDA = "arn:aws:lambda:eu-west-1:222222222222:function:pay"
CHECK = "awslambda_function_no_secrets_in_variables"
SECRET = Failure("prowler", CHECK, "eu-west-1", LAMBDA, NOW)


def contradicted(claim: str, *failing: Failure, **details: Any) -> Any:
    return subject(
        account=PAYMENTS,
        attestations=[attested(item.key, claim, "team", **details)],
        scans=scanned(
            item, scan(200, awslambda_function_no_secrets_in_variables=(0, 1)), failing=failing
        ),
    )


@pytest.mark.parametrize(
    ("claim", "details", "failing", "status", "rule"),
    [
        pytest.param(
            "done", {"share": 100}, [SECRET], Status.PARTIAL, "contradicted by a scan", id="done"
        ),
        pytest.param("done", {"share": 100}, [], Status.PASS, "repositories covered", id="clean"),
        pytest.param(
            "done",
            {"share": 100},
            [replace(SECRET, check="ec2_instance_public_ip")],
            Status.PASS,
            "repositories covered",
            id="of another check",
        ),
        pytest.param(
            "done", {"share": 5}, [SECRET], Status.PARTIAL, "too few repositories covered", id="few"
        ),
        pytest.param("partly", {"share": 99}, [SECRET], Status.PARTIAL, "done in part", id="part"),
        pytest.param("not_done", {}, [SECRET], Status.FAIL, "not done", id="not done"),
    ],
)
def test_a_secret_that_a_scan_shows_contradicts_the_team(
    claim: str, details: dict[str, Any], failing: list[Failure], status: Status, rule: str
) -> None:
    verdict = judge(contradicted(claim, *failing, **details))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert ("secret_in_resource" in reported(verdict)) == (failing == [SECRET])


def test_the_secret_is_a_finding_of_its_resource() -> None:
    twice = replace(SECRET, check="awslambda_function_no_secrets_in_code")
    muted = replace(SECRET, resource=f"{LAMBDA}-2", is_muted=True)
    about = contradicted("done", SECRET, twice, muted, share=95)
    first, second = judge(about).problems
    assert (first.resource, first.name, first.region) == (LAMBDA, "pay", "eu-west-1")
    assert first.detail == f"Prowler {CHECK}."
    assert (second.name, "muted" in second.detail) == ("pay-2", True)
    assert item.findings["secret_in_resource"].severity == "high"
    assert "Prowler shows a secret in 2 resources" in judge(about).sentence
    assert about.scans.kept["prowler"]["checks"][CHECK]["failed"] == 1


def test_a_secret_under_an_exception_contradicts_nobody() -> None:
    about = contradicted("done", SECRET, share=95)
    excepted = replace(about, exceptions=[Excepted(item.key, "arn:aws:lambda:*:pay")])
    assert judge(excepted).status == Status.PASS


def test_without_an_answer_there_is_nothing_to_contradict() -> None:
    scans = scanned(item, scan(1), failing=[SECRET])
    verdict = judge(subject(account=PAYMENTS, scans=scans))
    assert (verdict.status, reported(verdict)) == (Status.UNKNOWN, ["secret_hook_missing"])
