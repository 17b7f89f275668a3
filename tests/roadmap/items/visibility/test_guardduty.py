"""GuardDuty is on in every Region and run from the security account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import account, guardduty, organizations
from collectors.services.guardduty import Administration, Detector, Feature, Member
from roadmap.items.visibility.guardduty import item, judge
from roadmap.subject import Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, LOGS, MANAGEMENT, SECURITY, row, standalone
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

GOOD = Detector(
    id="d1",
    status="ENABLED",
    administrator=SECURITY,
    relationship="Enabled",
    features=(Feature("S3_DATA_EVENTS", "ENABLED"), Feature("FLOW_LOGS", "ENABLED")),
)
RUN = Administration(
    detector_id="d9",
    is_delegated_administrator=True,
    auto_enable="ALL",
    members=(Member(ACCOUNT, "Enabled", has_s3_protection=True),),
)
STRANGER = "999999999999"


def seen(
    detector: Detector | Outcome, more: dict[tuple[Any, ...], Any] | None = None, **rest: Any
) -> Subject:
    about = rest.pop("account", row())
    values = {
        **everywhere(about.account_id, guardduty.detector, detector),
        **everywhere(MANAGEMENT, guardduty.delegated_administrators, (SECURITY,)),
        **everywhere(SECURITY, guardduty.administration, RUN),
    }
    return central_subject(values | (more or {}), account=about, **rest)


def run_as(**changes: Any) -> dict[tuple[Any, ...], Any]:
    return everywhere(SECURITY, guardduty.administration, replace(RUN, **changes))


def delegated_to(*accounts: str) -> dict[tuple[Any, ...], Any]:
    return everywhere(MANAGEMENT, guardduty.delegated_administrators, accounts)


CASES = {
    "on and central": (GOOD, {}, Status.PASS, set()),
    "S3 protection off": (
        replace(GOOD, features=(Feature("S3_DATA_EVENTS", "DISABLED"),)),
        {},
        Status.PASS,
        {"guardduty_s3_off"},
    ),
    "auto-enable off": (
        GOOD,
        run_as(auto_enable="NONE"),
        Status.PASS,
        {"guardduty_autoenable_off"},
    ),
    "member limit reached": (
        GOOD,
        run_as(is_member_limit_reached=True),
        Status.PASS,
        {"guardduty_member_limit"},
    ),
    "no administrator": (
        replace(GOOD, administrator="", relationship=""),
        {},
        Status.PARTIAL,
        {"guardduty_not_central"},
    ),
    "run by the management account": (
        replace(GOOD, administrator=MANAGEMENT),
        {},
        Status.PARTIAL,
        {"guardduty_not_central"},
    ),
    "run by a stranger": (
        replace(GOOD, administrator=STRANGER),
        delegated_to(STRANGER),
        Status.PARTIAL,
        {"guardduty_not_central"},
    ),
    "run by security without delegation": (
        GOOD,
        delegated_to(),
        Status.PARTIAL,
        {"guardduty_not_central"},
    ),
    "relationship that is not in force": (
        replace(GOOD, relationship="Invited"),
        {},
        Status.PARTIAL,
        {"guardduty_not_central"},
    ),
    "no detector": (Detector(), {}, Status.FAIL, {"guardduty_off"}),
    "disabled": (replace(GOOD, status="DISABLED"), {}, Status.FAIL, {"guardduty_off"}),
    "a status nobody knows": (replace(GOOD, status="SLEEPING"), {}, Status.FAIL, {"guardduty_off"}),
    "suspended by the administrator": (
        replace(GOOD, status="DISABLED", relationship="Disabled"),
        {},
        Status.FAIL,
        {"guardduty_off", "guardduty_suspended_member"},
    ),
}


@pytest.mark.parametrize(("detector", "more", "status", "codes"), CASES.values(), ids=CASES)
def test_detector_and_administrator_decide(
    detector: Detector, more: dict[tuple[Any, ...], Any], status: Status, codes: set[str]
) -> None:
    verdict = judge(seen(detector, more))
    assert verdict.status == status
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_names_the_administrator_and_the_regions() -> None:
    sentence = judge(seen(GOOD)).sentence
    assert f"{SECURITY} (Audit)" in sentence
    assert "all 2 Regions" in sentence


def test_one_region_without_a_detector_is_partial() -> None:
    verdict = judge(seen(GOOD, {(ACCOUNT, guardduty.detector, OTHER): Detector()}))
    assert verdict.status == Status.PARTIAL
    assert verdict.regions[OTHER].status == Status.FAIL
    assert OTHER in verdict.sentence


def test_the_delegated_administrator_administers_itself() -> None:
    own = replace(GOOD, administrator="", relationship="")
    assert judge(seen(own, account=row(SECURITY))).status == Status.PASS


@pytest.mark.parametrize("problem", ["guardduty_autoenable_off", "guardduty_member_limit"])
def test_how_guardduty_is_run_is_a_matter_of_the_organization(problem: str) -> None:
    run = run_as(auto_enable="NONE", is_member_limit_reached=True)
    found = [p for p in judge(seen(GOOD, run)).problems if p.code == problem]
    assert {(p.region, p.organization) for p in found} == {(HOME, True), (OTHER, True)}
    assert all(f":{SECURITY}:detector/d9" in p.resource for p in found)


UNHEARD: dict[str, tuple[dict[tuple[Any, ...], Any], bool]] = {
    "the delegated administrator": (
        {(SECURITY, guardduty.administration, OTHER): Outcome.ACCESS_DENIED}, True,
    ),
    "another security account": (
        {(LOGS, guardduty.administration, OTHER): Outcome.ACCESS_DENIED}, False,
    ),
    "any of them, and who is delegated": (
        {
            (MANAGEMENT, guardduty.delegated_administrators, OTHER): Outcome.ACCESS_DENIED,
            (LOGS, guardduty.administration, OTHER): Outcome.ACCESS_DENIED,
        },
        False,
    ),
    "where the service is not offered": (
        {(SECURITY, guardduty.administration, OTHER): Outcome.SERVICE_UNAVAILABLE}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("more", "is_incomplete"), UNHEARD.values(), ids=UNHEARD)
def test_how_guardduty_is_run_has_to_be_seen_to_be_put_right(
    more: dict[tuple[Any, ...], Any], is_incomplete: bool
) -> None:
    verdict = judge(seen(GOOD, more))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, is_incomplete)
    assert verdict.regions[OTHER].incomplete is is_incomplete
    assert not verdict.regions[HOME].incomplete


def test_how_new_members_join_is_kept() -> None:
    assert judge(seen(GOOD)).facts["auto_enable"] == {
        HOME: {SECURITY: "ALL"},
        OTHER: {SECURITY: "ALL"},
    }


def test_s3_protection_that_the_administrator_was_not_told_is_not_on() -> None:
    member = run_as(members=(Member(ACCOUNT, "Enabled", None),))
    verdict = judge(seen(Outcome.ASSUME_ROLE_DENIED, member))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


@pytest.mark.parametrize(
    ("member", "status", "codes"),
    [
        (Member(ACCOUNT, "Enabled", True), Status.PASS, set()),
        (Member(ACCOUNT, "Enabled", False), Status.PASS, {"guardduty_s3_off"}),
        (Member(ACCOUNT, "Enabled", None), Status.PASS, set()),
        (Member(ACCOUNT, "Disabled"), Status.FAIL, {"guardduty_suspended_member"}),
        (Member(ACCOUNT, "Invited"), Status.UNKNOWN, set()),
        (Member(STRANGER, "Enabled"), Status.UNKNOWN, set()),
    ],
    ids=str,
)
def test_the_administrator_answers_for_an_account_that_cannot(
    member: Member, status: Status, codes: set[str]
) -> None:
    verdict = judge(seen(Outcome.ASSUME_ROLE_DENIED, run_as(members=(member,))))
    assert verdict.status == status
    assert {problem.code for problem in verdict.problems} == codes


def test_an_administrator_that_is_not_delegated_answers_for_nobody() -> None:
    verdict = judge(seen(Outcome.ASSUME_ROLE_DENIED, delegated_to(STRANGER)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ASSUME_ROLE_DENIED)


def test_nobody_answers_for_the_management_account() -> None:
    members = run_as(members=(Member(MANAGEMENT, "Enabled", True),))
    verdict = judge(seen(Outcome.ACCESS_DENIED, members, account=row(MANAGEMENT)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


UNTOLD = everywhere(MANAGEMENT, guardduty.delegated_administrators, Outcome.ACCESS_DENIED)


def test_having_been_told_the_configuration_proves_the_delegation() -> None:
    assert judge(seen(GOOD, UNTOLD)).status == Status.PASS


def test_without_proof_of_delegation_nothing_passes() -> None:
    verdict = judge(seen(GOOD, UNTOLD | run_as(is_delegated_administrator=False)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(
    ("enabled", "status"), [((HOME,), Status.PARTIAL), ((HOME, OTHER), Status.UNKNOWN)]
)
def test_nothing_is_delegated_where_the_management_account_has_no_such_region(
    enabled: tuple[str, ...], status: Status
) -> None:
    more = {
        (MANAGEMENT, account.regions): account.Regions(enabled),
        (MANAGEMENT, guardduty.delegated_administrators, OTHER): Outcome.NEVER_COLLECTED,
        (SECURITY, guardduty.administration, OTHER): Outcome.NEVER_COLLECTED,
    }
    assert judge(seen(GOOD, more)).regions[OTHER].status == status


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_outside_any_organization_guardduty_has_no_administrator() -> None:
    verdict = judge(seen(replace(GOOD, administrator=""), account=standalone()))
    assert verdict.status == Status.PARTIAL


def test_the_effective_policy_is_kept_where_there_is_one() -> None:
    content = {"guardduty": {"enable": {"@@assign": ["ALL_SUPPORTED"]}}}
    policy = organizations.EffectivePolicies(
        {organizations.GUARDDUTY_POLICY: organizations.EffectivePolicy(content)}
    )
    told = {(ACCOUNT, organizations.effective_policies): policy}
    assert judge(seen(GOOD, told)).facts["effective_policy"] == content
    assert judge(seen(GOOD)).facts["effective_policy"] is None
