"""What AWS's policy simulator says of requests by Cairn's own role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.iam import Simulated, Simulation, simulation
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

ON, OFF = {"SCP_SIMULATOR_CROSSCHECK": True}, {"SCP_SIMULATOR_CROSSCHECK": False}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/security/cairn"
USER = f"arn:aws:iam::{ACCOUNT}:user/cairn-probe"
LEAVE = "organizations:LeaveOrganization"
DENIED = "iam:CreateAccessKey"


def result(action: str, **more: Any) -> dict[str, Any]:
    return {
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": "implicitDeny",
        "MatchedStatements": [],
        "MissingContextValues": [],
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": action != DENIED},
        **more,
    }


def answer(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A page for each action."""
    return [{"EvaluationResults": [result(name)]} for name in params["ActionNames"]]


def simulated(
    told: Any = answer, asked: list[Any] | None = None, *, is_checked: bool = True
) -> Simulation:
    answers = {"simulate_principal_policy": told}
    found: Simulation = collect(
        simulation, answers, account_id=ACCOUNT, settings=ON, asked=asked, is_checked=is_checked
    )
    return found


def test_nothing_is_asked_unless_the_company_wants_it() -> None:
    asked: list[Any] = []
    found = collect(simulation, {}, account_id=ACCOUNT, settings=OFF, asked=asked)
    assert (found, asked) == (Simulation(), [])


def test_it_asks_for_its_own_role_about_one_resource_at_a_time() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    simulated(asked=asked)
    requests = [params for _, params in asked]
    assert {params["PolicySourceArn"] for params in requests} == {ROLE}
    assert [params["ResourceArns"] for params in requests] == [
        ["*"],
        [USER],
        [f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/cairn-probe"],
        [f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/cairn-probe"],
        [f"arn:aws:sqs:us-east-1:{ACCOUNT}:cairn-probe"],
    ]
    assert requests[1]["ActionNames"] == ["iam:CreateAccessKey", "iam:CreateUser"]


def test_it_keeps_what_aws_answered_and_was_told() -> None:
    found = simulated()
    assert found.principal == ROLE
    assert Simulated(LEAVE, "*", True) in found.answers
    assert Simulated(DENIED, USER, False) in found.answers
    assert len(found.answers) == 7
    assert found.context["aws:principalarn"] == (ROLE,)
    assert found.context["aws:requestedregion"] == ("us-east-1",)
    assert found.context["aws:currenttime"] == ("2026-11-24T09:00:00Z",)
    assert not {"aws:userid", "aws:principalorgid", "aws:multifactorauthpresent"} & set(
        found.context
    )


UNANSWERED: dict[str, Any] = {
    "outside an organization": {"OrganizationsDecisionDetail": {}},
    "another action": {"EvalActionName": "iam:DeleteUser"},
}


@pytest.mark.parametrize("more", UNANSWERED.values(), ids=UNANSWERED)
def test_what_aws_does_not_say_is_no_answer(more: dict[str, Any]) -> None:
    assert simulated({"EvaluationResults": [result(LEAVE, **more)]}).answers == ()


def test_a_role_that_aws_does_not_know_has_no_answers() -> None:
    assert simulated(Refusal("NoSuchEntity", Outcome.API_ERROR)).answers == ()


def test_being_denied_is_missing() -> None:
    with pytest.raises(Missing) as missing:
        simulated(Refusal("AccessDenied"))
    assert missing.value.outcome == Outcome.ACCESS_DENIED


@given(thinned({"simulate_principal_policy": {"EvaluationResults": [result(LEAVE)]}}))
def test_it_keeps_only_answers_that_are_whole(answers: Any) -> None:
    (told,) = answers["simulate_principal_policy"].get("EvaluationResults")
    detail = told.get("OrganizationsDecisionDetail") or {}
    is_whole = told.get("EvalActionName") == LEAVE and "AllowedByOrganizations" in detail
    found = simulated(answers["simulate_principal_policy"], is_checked=False)
    assert found.answers == ((Simulated(LEAVE, "*", True),) if is_whole else ())
