"""The evaluator beside AWS's policy simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import iam, organizations
from collectors.services.iam.simulator import ASKED
from inventory.policy_settings import SETTINGS
from roadmap.guardrails import case
from roadmap.guardrails.crosscheck import crosscheck
from roadmap.guardrails.documents import policy_of
from roadmap.guardrails.evaluation import Chain, Decision, Effect, Request
from roadmap.guardrails.trial import FULL, trial
from roadmap.registry import children
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, row, standalone
from tests.roadmap.items.surface.guardrails import deny, except_for, guarded, listing

ON = {"SCP_SIMULATOR_CROSSCHECK": True}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/security/cairn"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/rescue"
USER = f"arn:aws:iam::{ACCOUNT}:user/cairn-probe"
KEY = "iam:CreateAccessKey"
CONTEXT = {"aws:principalarn": (ROLE,), "aws:requestedregion": ("us-east-1",)}
ALLOW, DENY, UNDETERMINED = Effect.ALLOW, Effect.DENY, Effect.UNDETERMINED


def told(*, allowed: bool) -> iam.Simulation:
    return iam.Simulation(ROLE, CONTEXT, (iam.Simulated(KEY, USER, allowed),))


def only_if(operator: str, key: str, value: str) -> Any:
    return deny(KEY, condition={operator: {key: value}})


CASES: dict[str, tuple[list[Any], Effect]] = {
    "nothing denies it": ([], ALLOW),
    "denied": ([deny(KEY)], DENY),
    "another user's": ([deny(KEY, Resource="arn:aws:iam::*:user/other")], ALLOW),
    "Cairn's role let off": ([deny(KEY, condition=except_for(ROLE))], ALLOW),
    "another role let off": ([deny(KEY, condition=except_for(OTHER_ROLE))], DENY),
    "denied in the Region": ([only_if("StringEquals", "aws:RequestedRegion", "us-east-1")], DENY),
    "denied elsewhere": ([only_if("StringEquals", "aws:RequestedRegion", "eu-west-1")], ALLOW),
    "denied without MFA": ([only_if("BoolIfExists", "aws:MultiFactorAuthPresent", "false")], DENY),
    "the organization untold": (
        [only_if("StringEquals", "aws:PrincipalOrgID", "o-1")],
        UNDETERMINED,
    ),
    "the user id untold": ([only_if("StringLike", "aws:userid", "AROA*")], UNDETERMINED),
    "the role's tags untold": (
        [only_if("StringNotEquals", "aws:PrincipalTag/rescue", "yes")],
        UNDETERMINED,
    ),
}


@pytest.mark.parametrize("allowed", [True, False], ids=["AWS allows", "AWS denies"])
@pytest.mark.parametrize(("statements", "evaluated"), CASES.values(), ids=CASES)
def test_only_opposite_answers_are_a_mismatch(
    statements: list[Any], evaluated: Effect, allowed: bool
) -> None:
    facts = {(ACCOUNT, iam.simulation): told(allowed=allowed)}
    (found,) = crosscheck(guarded(*statements, facts=facts, settings=ON))
    simulated = ALLOW if allowed else DENY
    assert (found.evaluated, found.simulated) == (evaluated, simulated)
    assert found.is_mismatch == ({evaluated, simulated} == {ALLOW, DENY})


ASKS: dict[str, Mapping[str, Any]] = {
    "not wanted": {"settings": {}},
    "nothing asked": {"facts": {(ACCOUNT, iam.simulation): iam.Simulation()}},
    "denied": {"facts": {(ACCOUNT, iam.simulation): Outcome.ACCESS_DENIED}},
    "never asked": {"facts": {}},
    "policies not seen": {
        "facts": {
            (ACCOUNT, iam.simulation): told(allowed=True),
            (MANAGEMENT, organizations.policies): Outcome.ACCESS_DENIED,
        }
    },
    "policies not enabled": {
        "facts": {
            (ACCOUNT, iam.simulation): told(allowed=True),
            (MANAGEMENT, organizations.listing): listing("DISABLED"),
        }
    },
    "the management account": {
        "about": row(MANAGEMENT),
        "facts": {(MANAGEMENT, iam.simulation): told(allowed=True)},
    },
    "no organization": {"about": standalone()},
}


@pytest.mark.parametrize("asked", ASKS.values(), ids=ASKS)
def test_there_is_nothing_to_compare(asked: Mapping[str, Any]) -> None:
    facts = {(ACCOUNT, iam.simulation): told(allowed=True)}
    known = {"facts": facts, "settings": ON, **asked}
    assert not crosscheck(guarded(deny(KEY), **known))


def test_aws_is_asked_what_guardrails_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    decide = Chain.decide

    def noted(chain: Chain, request: Request) -> Decision:
        asked.update((request.action, resource) for resource in request.resources)
        return decide(chain, request)

    monkeypatch.setattr(Chain, "decide", noted)
    case.forget()
    about = trial(policy_of(FULL), {name: one.default for name, one in SETTINGS.items()})
    for child in children("surface.scps"):
        assert child.judge is not None
        child.judge(about)
    wanted = {
        (action, template.format(p="aws", a="000000000000", r="us-east-1"))
        for template, actions in ASKED.items()
        for action in actions
    }
    assert wanted <= asked
