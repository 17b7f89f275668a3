"""AWS's AI services may not keep the account's content to improve themselves."""

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import organizations
from collectors.services.organizations import (
    AISERVICES_OPT_OUT_POLICY,
    EffectivePolicies,
    EffectivePolicy,
    Listing,
    Organization,
    Policies,
    Policy,
    Root,
)
from roadmap.items.inventory import ai_optout
from roadmap.verdicts import Reason, Status, Verdict
from tests.roadmap.items.subjects import (
    ACCOUNT,
    MANAGEMENT,
    ORGANIZATION,
    reported,
    row,
    standalone,
    subject,
)

ENABLED = Listing(
    Organization(ORGANIZATION, management_account_id=MANAGEMENT),
    roots=[Root("r-1", policy_types={AISERVICES_OPT_OUT_POLICY: "ENABLED"})],
)


def effective(**services: Any) -> EffectivePolicies:
    content = {
        "services": {
            name: {"opt_out_policy": choice} if isinstance(choice, str) else choice
            for name, choice in services.items()
        }
    }
    return EffectivePolicies({AISERVICES_OPT_OUT_POLICY: EffectivePolicy(content)})


def judge(found: Any, listing: Any = ENABLED, allowed: list[str] | None = None) -> Verdict:
    values = {
        (MANAGEMENT, organizations.listing): listing,
        (ACCOUNT, organizations.effective_policies): found,
    }
    return ai_optout.judge(subject(values, settings={"AI_OPTIN_ALLOWED": allowed or []}))


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        pytest.param(effective(default="optOut"), [], id="default"),
        pytest.param(effective(default="optOut", lex="optOut"), [], id="default and a service"),
        pytest.param(effective(default="optOut", lex="optIn"), ["lex"], id="allowed service in"),
    ],
)
def test_a_default_of_opting_out_passes(found: EffectivePolicies, allowed: list[str]) -> None:
    verdict = judge(found, allowed=allowed)

    assert verdict.status == Status.PASS
    assert not verdict.problems


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            effective(default="optOut", lex="optIn", polly="optIn"),
            ["ai_service_opted_in", "ai_service_opted_in"],
            id="services opted in",
        ),
        pytest.param(
            effective(default="optOut", lex={}), ["ai_service_opted_in"], id="service without value"
        ),
        pytest.param(effective(lex="optOut"), ["ai_not_opted_out"], id="no default, a service out"),
        pytest.param(
            effective(lex="optOut", polly="optIn"),
            ["ai_not_opted_out", "ai_service_opted_in"],
            id="no default, one out, one in",
        ),
    ],
)
def test_opting_out_in_part_is_partial(found: EffectivePolicies, expected: list[str]) -> None:
    verdict = judge(found)

    assert verdict.status == Status.PARTIAL
    assert reported(verdict) == expected


def test_each_service_opted_in_is_a_finding_of_its_own() -> None:
    verdict = judge(effective(default="optOut", lex="optIn", polly="optIn"))

    assert [problem.resource for problem in verdict.problems] == ["lex", "polly"]
    assert "lex and polly" in verdict.sentence


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(EffectivePolicies({AISERVICES_OPT_OUT_POLICY: EffectivePolicy()}), id="none"),
        pytest.param(effective(default="optIn"), id="default in"),
        pytest.param(effective(default="optIn", lex="optOut"), id="default in, a service out"),
        pytest.param(effective(default="OPTOUT"), id="capitals do not count"),
        pytest.param(effective(lex="optIn"), id="only a service, in"),
        pytest.param(effective(), id="no services"),
        pytest.param(
            EffectivePolicies({AISERVICES_OPT_OUT_POLICY: EffectivePolicy({"services": "all"})}),
            id="not the form of a policy",
        ),
    ],
)
def test_not_opting_out_fails(found: EffectivePolicies) -> None:
    verdict = judge(found)

    assert verdict.status == Status.FAIL
    assert "ai_not_opted_out" in reported(verdict)


@pytest.mark.parametrize("types", [{}, {AISERVICES_OPT_OUT_POLICY: "PENDING_ENABLE"}])
def test_a_policy_type_that_is_not_enabled_fails(types: dict[str, str]) -> None:
    listing = Listing(Organization(ORGANIZATION), roots=[Root("r-1", policy_types=types)])

    verdict = judge(effective(default="optOut"), listing)

    assert verdict.status == Status.FAIL
    assert reported(verdict) == ["ai_not_opted_out"]


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        pytest.param(Outcome.THROTTLED, Outcome.THROTTLED, id="nothing collected"),
        pytest.param(EffectivePolicies(), Outcome.NEVER_COLLECTED, id="type not asked for"),
        pytest.param(
            EffectivePolicies(
                {AISERVICES_OPT_OUT_POLICY: EffectivePolicy(outcome=Outcome.ACCESS_DENIED)}
            ),
            Outcome.ACCESS_DENIED,
            id="type denied",
        ),
    ],
)
def test_an_effective_policy_that_nobody_saw_is_missing(found: Any, outcome: Outcome) -> None:
    with pytest.raises(Missing) as missing:
        judge(found)

    assert missing.value.outcome == outcome


def test_a_standalone_account_fails() -> None:
    verdict = ai_optout.judge(subject({}, standalone()))

    assert verdict.status == Status.FAIL
    assert verdict.facts["note"] == "not_in_organization"


def test_in_china_aws_has_no_such_policies() -> None:
    without = replace(ENABLED, roots=[Root("r-1")])
    values = {(MANAGEMENT, organizations.listing): without}

    verdict = ai_optout.judge(subject(values, row(partition="aws-cn")))

    assert (verdict.status, verdict.reason) == (
        Status.NOT_APPLICABLE,
        Reason.SERVICE_UNAVAILABLE,
    )


NONE = {"@@operators_allowed_for_child_policies": ["@@none"]}
OUT = {"@@assign": "optOut"}


class TestOverridableRootPolicy:
    def judge(self, services: Any, attached: Any = None) -> Verdict:
        policy = Policy(
            "p-1",
            AISERVICES_OPT_OUT_POLICY,
            "arn:aws:organizations::1:policy/p-1",
            "OptOut",
            content={"services": services},
        )
        found = Policies([policy], {"r-1": ["p-1"]}, ["r-1"]) if attached is None else attached
        values = {
            (MANAGEMENT, organizations.listing): ENABLED,
            (MANAGEMENT, organizations.effective_policies): effective(default="optOut"),
            (MANAGEMENT, organizations.policies): found,
        }
        return ai_optout.judge(subject(values, row(MANAGEMENT)))

    @pytest.mark.parametrize(
        "services",
        [
            pytest.param({"default": {"opt_out_policy": OUT}}, id="open"),
            pytest.param(
                {"default": {**NONE, "opt_out_policy": {**NONE, **OUT}}}, id="services may be added"
            ),
            pytest.param({**NONE, "default": {"opt_out_policy": OUT}}, id="default may be changed"),
        ],
    )
    def test_a_policy_that_children_may_override_is_a_finding_of_the_organization(
        self, services: Any
    ) -> None:
        verdict = self.judge(services)

        assert verdict.status == Status.PASS
        assert reported(verdict) == ["ai_optout_overridable"]
        assert verdict.problems[0].organization

    @pytest.mark.parametrize(
        "services",
        [
            {**NONE, "default": {**NONE, "opt_out_policy": {**NONE, **OUT}}},
            {**NONE, "default": {"opt_out_policy": {**NONE, **OUT}}},
        ],
    )
    def test_a_closed_policy_is_none(self, services: Any) -> None:
        assert not self.judge(services).problems

    def test_denied_policies_resolve_nothing(self) -> None:
        verdict = self.judge({}, Outcome.ACCESS_DENIED)

        assert verdict.status == Status.PASS
        assert verdict.incomplete

    def test_it_is_found_although_the_effective_policy_was_not_seen(self) -> None:
        policy = Policy("p-1", AISERVICES_OPT_OUT_POLICY, content={"services": {}})
        values = {
            (MANAGEMENT, organizations.listing): ENABLED,
            (MANAGEMENT, organizations.policies): Policies([policy], {"r-1": ["p-1"]}, ["r-1"]),
        }

        verdict = ai_optout.judge(subject(values, row(MANAGEMENT)))

        assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
        assert reported(verdict) == ["ai_optout_overridable"]

    def test_nothing_seen_resolves_nothing(self) -> None:
        verdict = ai_optout.judge(subject({}, row(MANAGEMENT)))

        assert (verdict.status, verdict.incomplete) == (Status.UNKNOWN, True)
