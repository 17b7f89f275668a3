"""The ten guardrails taken together, and what all of them have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import iam, organizations
from roadmap.items.surface import scp_access_keys
from roadmap.items.surface.scps import item, judge
from roadmap.registry import children, items
from roadmap.verdicts import Reason, Status, failed, not_applicable, partly, passed, unknown
from tests.roadmap.items.subjects import ACCOUNT, MANAGEMENT, codes, row, standalone, subject
from tests.roadmap.items.surface.guardrails import (
    SCP,
    deny,
    except_for,
    guarded,
    listing,
    only,
    policies,
    problem,
)

KEYS = ("iam:CreateAccessKey", "iam:CreateServiceSpecificCredential")
ALL = [child.key for child in children(item.key)]
FAIL, PASS, PART = failed("No."), passed("Yes."), partly("Some.")
LEFT_OUT = not_applicable(Reason.CLASS_EXCLUDED, "Edge.")
OPEN = unknown(Reason.NOT_CONFIGURED, "Not set.")

TOGETHER: dict[str, tuple[list[Any], Status]] = {
    "all hold": ([PASS] * 10, Status.PASS),
    "all but those left out": ([PASS] * 9 + [LEFT_OUT], Status.PASS),
    "one with a gap": ([PASS] * 9 + [PART], Status.PARTIAL),
    "one missing": ([PASS] * 9 + [FAIL], Status.PARTIAL),
    "none": ([FAIL] * 10, Status.FAIL),
    "one not known": ([PASS] * 9 + [OPEN], Status.UNKNOWN),
    "one not judged": ([PASS] * 9, Status.UNKNOWN),
}


@pytest.mark.parametrize(("parts", "status"), TOGETHER.values(), ids=TOGETHER)
def test_the_guardrails_decide_together(parts: list[Any], status: Status) -> None:
    verdict = judge(replace(subject({}), verdicts=dict(zip(ALL, parts, strict=False))))
    assert verdict.status == status


def test_it_names_the_guardrails_that_do_not_hold() -> None:
    parts = dict(zip(ALL, [FAIL, PART, OPEN] + [PASS] * 7, strict=True))
    sentence = judge(replace(subject({}), verdicts=parts)).sentence
    assert sentence == (
        "7 of 10 guardrails hold. With a gap: Only approved regions. Missing: Root user denied. "
        "Not known: Only approved services."
    )


ROLE = f"arn:aws:iam::{ACCOUNT}:role/security/cairn"
LEAVE = "organizations:LeaveOrganization"


def cross_checked(*, allowed: bool, wanted: bool = True) -> Any:
    """Leaving is denied; all guardrails hold."""
    told = iam.Simulation(ROLE, {}, (iam.Simulated(LEAVE, "*", allowed),))
    settings = {"SCP_SIMULATOR_CROSSCHECK": wanted}
    about = guarded(deny(LEAVE), facts={(ACCOUNT, iam.simulation): told}, settings=settings)
    return judge(replace(about, verdicts=dict.fromkeys(ALL, PASS)))


def test_the_simulator_contradicts_and_decides_nothing() -> None:
    verdict = cross_checked(allowed=True)
    assert verdict.status == Status.PASS
    assert problem(verdict, "scp_evaluator_mismatch").detail == (
        f"For {ROLE}: {LEAVE} on * is denied by Cairn's evaluator and allowed by AWS's simulator."
    )
    assert verdict.facts["crosscheck"]["requests"] == [
        {"action": LEAVE, "resource": "*", "evaluated": "DENY", "simulated": "ALLOW"}
    ]


def test_the_simulator_confirms() -> None:
    verdict = cross_checked(allowed=False)
    assert not verdict.problems
    assert verdict.facts["crosscheck"]["principal"] == ROLE


def test_the_simulator_is_not_listened_to_unless_the_company_wants_it() -> None:
    verdict = cross_checked(allowed=True, wanted=False)
    assert not verdict.problems
    assert "crosscheck" not in verdict.facts


def test_nothing_binds_the_management_account() -> None:
    about = guarded(about=row(MANAGEMENT))
    assert judge(about).reason == Reason.MANAGEMENT_EXEMPT
    for child in children(item.key):
        assert child.judge is not None
        assert child.judge(about).reason == Reason.MANAGEMENT_EXEMPT


# One guardrail stands for all of them in what follows.


def judged(*statements: Any, facts: Any = None, **settings: Any) -> Any:
    return scp_access_keys.judge(guarded(*statements, facts=facts, settings=settings))


UNSET = (
    "surface.scp_regions",
    "surface.scp_services",
    "surface.scp_protected_roles",
)


@pytest.mark.parametrize("key", UNSET)
def test_without_service_control_policies_it_does_not_matter_what_is_not_set(key: str) -> None:
    told = {(MANAGEMENT, organizations.listing): listing("DISABLED")}
    judge_it = items()[key].judge
    assert judge_it is not None
    about = guarded(facts=told, settings={"PROTECTED_ROLE_PATTERNS": []})
    assert judge_it(about).rule == "service control policies not enabled"


@pytest.mark.parametrize(
    "told",
    [listing("DISABLED"), listing(features="CONSOLIDATED_BILLING")],
    ids=["type", "features"],
)
def test_without_service_control_policies_all_fail(told: Any) -> None:
    verdict = judged(deny("*"), facts={(MANAGEMENT, organizations.listing): told})
    assert (verdict.status, verdict.rule) == (
        Status.FAIL,
        "service control policies not enabled",
    )
    assert problem(verdict, "scp_not_enabled").organization


def test_nothing_binds_an_account_outside_an_organization() -> None:
    verdict = scp_access_keys.judge(guarded(about=standalone()))
    assert verdict.rule == "not in an organization"


UNSEEN: dict[str, Any] = {
    "policies": {(MANAGEMENT, organizations.policies): Outcome.ACCESS_DENIED},
    "the account's own": {(ACCOUNT, organizations.attached_scps): Outcome.ACCESS_DENIED},
    "the listing": {(MANAGEMENT, organizations.listing): Outcome.NEVER_COLLECTED},
    "its place": {(MANAGEMENT, organizations.listing): replace(listing(), accounts=())},
    "a level": {(MANAGEMENT, organizations.policies): replace(policies(), attached={})},
    "a policy": {(ACCOUNT, organizations.attached_scps): ("p-full", "p-unknown")},
    "a document": {
        (MANAGEMENT, organizations.policies): replace(
            policies(), policies=[organizations.Policy("p-full", SCP)]
        )
    },
}


@pytest.mark.parametrize("facts", UNSEEN.values(), ids=UNSEEN)
def test_a_chain_that_was_not_seen_is_missing(facts: Any) -> None:
    with pytest.raises(Missing):
        judged(deny(*KEYS), facts=facts)


def test_policies_of_other_kinds_bind_nobody() -> None:
    told = policies(deny(*KEYS))
    other = organizations.Policy("p-tags", "TAG_POLICY", content={"tags": {}})
    attached = {**told.attached, "ou-1": [*told.attached["ou-1"], "p-tags"]}
    mixed = replace(told, policies=[*told.policies, other], attached=attached)
    assert judged(facts={(MANAGEMENT, organizations.policies): mixed}).status == Status.PASS


def test_a_level_without_policies_allows_nothing() -> None:
    assert judged(facts={(ACCOUNT, organizations.attached_scps): ()}).status == Status.PASS


ROLE = "arn:aws:iam::*:role/rescue"
TAGGED = {"StringNotEquals": {"aws:PrincipalTag/rescue": "yes"}}
MAKING = deny("iam:CreateRole", Resource="arn:aws:iam::*:role/rescue")
TAGGING = deny("iam:TagRole", "iam:TagUser")
DECLARED = {"BREAK_GLASS_ROLE_PATTERNS": ["arn:*:iam::*:role/rescue"]}
EXEMPT: dict[str, tuple[list[Any], dict[str, Any], set[str]]] = {
    "nobody": ([deny(*KEYS)], {}, set()),
    "undeclared": ([deny(*KEYS, condition=except_for(ROLE)), MAKING], {}, {"undeclared_exemption"}),
    "declared": ([deny(*KEYS, condition=except_for(ROLE)), MAKING], DECLARED, set()),
    "declared, to be made": (
        [deny(*KEYS, condition=except_for(ROLE))],
        DECLARED,
        {"exempt_role_creatable"},
    ),
    "by a tag": ([deny(*KEYS, condition=TAGGED)], {}, {"tag_exemption_unprotected"}),
    "by a tag that nobody can set": ([deny(*KEYS, condition=TAGGED), TAGGING], {}, set()),
    "by user id": (
        [deny(*KEYS, condition={"StringNotLike": {"aws:userid": "AROARESCUE:*"}})],
        {},
        {"undeclared_exemption"},
    ),
    "in another account": (
        [deny(*KEYS, condition=except_for("arn:aws:iam::999999999999:role/rescue"))],
        {},
        set(),
    ),
    "of Identity Center": (
        [deny(*KEYS, condition=except_for("arn:aws:iam::*:role/aws-reserved/*/Rescue_*"))],
        {},
        {"undeclared_exemption"},
    ),
}


@pytest.mark.parametrize(("statements", "settings", "found"), EXEMPT.values(), ids=EXEMPT)
def test_whom_a_policy_lets_off_is_looked_at(
    statements: list[Any], settings: dict[str, Any], found: set[str]
) -> None:
    verdict = judged(*statements, **settings)
    assert verdict.status == Status.PASS
    assert codes(verdict) == found


def test_what_is_undetermined_is_not_said_to_be_allowed() -> None:
    for_users = deny(*KEYS, condition=only("arn:aws:iam::*:user/*"))
    perhaps = {**only("arn:aws:iam::*:role/aws-reserved/*"), "Bool": {"aws:MoonPhase": "true"}}
    verdict = judged(for_users, deny(*KEYS, condition=perhaps))
    told = (
        "iam:CreateAccessKey allowed for an ordinary role; "
        "iam:CreateAccessKey undetermined for an Identity Center administrator"
    )
    assert told in verdict.sentence
    assert problem(verdict, "guardrail_gap").detail == told


NOT_OURS = deny(*KEYS, condition={"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:*/*cairn-probe"}})
LET_OFF: dict[str, tuple[list[Any], bool]] = {
    "by name": ([deny(*KEYS, condition=except_for(ROLE))], True),
    "since others are meant": ([NOT_OURS], True),
    "not at all": ([deny(*KEYS)], False),
    "nothing is denied": ([], False),
}


@pytest.mark.parametrize(("statements", "let_off"), LET_OFF.values(), ids=LET_OFF)
def test_it_says_whether_each_declared_principal_is_let_off(
    statements: list[Any], let_off: bool
) -> None:
    verdict = judged(*statements, **DECLARED, AUTOMATION_ROLE_PATTERNS=[])
    assert verdict.facts["exemptions"]["exempt_allowed"] == {"arn:*:iam::*:role/rescue": let_off}


def test_a_strict_company_takes_a_loose_exemption_for_a_gap() -> None:
    loose = deny(*KEYS, condition=except_for(ROLE))
    verdict = judged(loose, SCP_STRICT_EXEMPTIONS=True)
    assert (verdict.status, verdict.rule) == (Status.PARTIAL, "loose exemption")
    assert "guardrail_gap" in codes(verdict)
    assert judged(loose, MAKING, SCP_STRICT_EXEMPTIONS=True, **DECLARED).status == Status.PASS
