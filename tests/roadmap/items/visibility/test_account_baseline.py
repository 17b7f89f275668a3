"""A written process makes accounts, and the baseline reaches each of them by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import cloudformation, controltower, organizations
from collectors.services.cloudformation import StackInstance, StackSet, StackSets
from collectors.services.controltower import EnabledBaseline, LandingZone
from roadmap.items.visibility.account_baseline import STACK_SETS_SERVICE, item, judge
from roadmap.subject import Attested, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    SECURITY,
    attested,
    row,
    standalone,
    subject,
)

KEY = "visibility.account_baseline"
REGION = "us-east-1"
CURRENT = StackInstance(ACCOUNT, REGION, "CURRENT", "SUCCEEDED", drift_status="IN_SYNC")
BASELINE = StackSet(
    "baseline", "baseline:1", "arn:baseline", "ACTIVE", "SERVICE_MANAGED", True,
    instances=(CURRENT,),
)  # fmt: skip
NO_ZONE = LandingZone()
ZONE = LandingZone(
    "arn:zone", "ACTIVE", "3.3", baselines=(EnabledBaseline("ou-work", "SUCCEEDED"),)
)
PROCESS = attested(KEY, level="organization")
EXPIRED = attested(KEY, level="organization", days_left=-1)
PIPELINE = attested(KEY)

Facts = dict[tuple[Any, ...], Any]


def found(*sets: StackSet, asked: tuple[str, ...] = ("baseline",)) -> StackSets:
    return StackSets(asked, tuple(s.name for s in sets), sets)


def with_instances(*instances: StackInstance, **more: Any) -> StackSets:
    return found(replace(BASELINE, instances=instances, **more))


def instance(**changes: Any) -> StackInstance:
    return replace(CURRENT, **changes)


def seen(
    sets: Any = None,
    *answers: Attested,
    zone: Any = NO_ZONE,
    delegated: Any = None,
    named: tuple[str, ...] = ("baseline",),
    account: Any = None,
    more: Facts | None = None,
) -> Subject:
    values: Facts = {
        (MANAGEMENT, cloudformation.stack_sets, REGION): sets or found(asked=named),
        (SECURITY, cloudformation.delegated_stack_sets, REGION): delegated or found(asked=named),
        (LOGS, cloudformation.delegated_stack_sets, REGION): found(asked=named),
        (MANAGEMENT, controltower.landing_zone, REGION): zone,
        **(more or {}),
    }
    about = account or row(ou_ids=("r-1", "ou-work"))
    settings = {"BASELINE_STACKSETS": list(named)}
    return subject(values, about, settings=settings, attestations=answers)


OUTDATED = instance(status="OUTDATED", detailed_status="PENDING")
FAILED = instance(status="OUTDATED", detailed_status="FAILED", status_reason="Role exists")
SKIPPED = instance(status="OUTDATED", detailed_status="SKIPPED_SUSPENDED_ACCOUNT")

# What the account got → verdict with and without a written process, and findings.
CASES: dict[str, tuple[Any, Status, Status, set[str]]] = {
    "current": (found(BASELINE), Status.PASS, Status.PARTIAL, set()),
    "drifted": (
        with_instances(instance(drift_status="DRIFTED")), Status.PARTIAL, Status.PARTIAL, set(),
    ),
    "not deployed to new accounts": (
        with_instances(CURRENT, has_auto_deployment=False),
        Status.PARTIAL,
        Status.PARTIAL,
        {"autodeploy_off"},
    ),
    "self-managed": (
        with_instances(CURRENT, permission_model="SELF_MANAGED"),
        Status.PARTIAL,
        Status.PARTIAL,
        {"autodeploy_off"},
    ),
    "outdated in one of two Regions": (
        with_instances(CURRENT, replace(OUTDATED, region="eu-west-1")),
        Status.PARTIAL,
        Status.PARTIAL,
        {"baseline_outdated"},
    ),
    "outdated": (
        with_instances(OUTDATED), Status.PARTIAL, Status.FAIL, {"baseline_outdated"},
    ),
    "failed": (with_instances(FAILED), Status.PARTIAL, Status.FAIL, {"baseline_failed"}),
    "inoperable": (
        with_instances(instance(status="INOPERABLE", detailed_status="INOPERABLE")),
        Status.PARTIAL,
        Status.FAIL,
        {"baseline_failed"},
    ),
    "current by a word nobody knows": (
        with_instances(instance(status="FRESH")), Status.PARTIAL, Status.FAIL, set(),
    ),
    "skipped while suspended": (
        with_instances(SKIPPED), Status.PARTIAL, Status.FAIL, {"baseline_missing"},
    ),
    "current, and skipped once": (
        with_instances(CURRENT, SKIPPED), Status.PASS, Status.PARTIAL, set(),
    ),
    "of another account": (
        with_instances(instance(account_id=SECURITY)),
        Status.PARTIAL,
        Status.FAIL,
        {"baseline_missing"},
    ),
    "no such stack set": (found(), Status.PARTIAL, Status.FAIL, {"baseline_missing"}),
}  # fmt: skip


@pytest.mark.parametrize(("sets", "with_process", "without", "codes"), CASES.values(), ids=CASES)
def test_process_and_stack_sets_decide(
    sets: StackSets, with_process: Status, without: Status, codes: set[str]
) -> None:
    written = judge(seen(sets, PROCESS))
    assert written.status == with_process
    assert {problem.code for problem in written.problems} == codes
    unwritten = judge(seen(sets))
    assert unwritten.status == without
    assert {p.code for p in unwritten.problems} == codes | {"process_undocumented"}


def test_every_declared_finding_occurs() -> None:
    codes = set().union(*(codes for *_, codes in CASES.values()))
    assert set(item.findings) == codes | {"process_undocumented"}


def test_what_concerns_the_organization_is_reported_for_it() -> None:
    problems = judge(seen(with_instances(CURRENT, has_auto_deployment=False))).problems
    assert {(p.code, p.organization) for p in problems} == {
        ("autodeploy_off", True),
        ("process_undocumented", True),
    }


def test_every_named_stack_set_has_to_arrive() -> None:
    both = ("baseline", "alarms")
    sets = found(BASELINE, asked=both)
    assert judge(seen(sets, PROCESS, named=both)).status == Status.PARTIAL
    sets = found(BASELINE, replace(BASELINE, name="alarms"), asked=both)
    assert judge(seen(sets, PROCESS, named=both)).status == Status.PASS


def test_stack_sets_run_from_a_security_account_count() -> None:
    assert judge(seen(None, PROCESS, delegated=found(BASELINE))).status == Status.PASS


ZONES: dict[str, tuple[LandingZone, Status]] = {
    "on its OU": (ZONE, Status.PASS),
    "on the account": (
        replace(ZONE, baselines=(EnabledBaseline(ACCOUNT, "SUCCEEDED"),)), Status.PASS,
    ),
    "on another OU": (
        replace(ZONE, baselines=(EnabledBaseline("ou-else", "SUCCEEDED"),)), Status.PARTIAL,
    ),
    "failed": (
        replace(ZONE, baselines=(EnabledBaseline("ou-work", "FAILED"),)), Status.PARTIAL,
    ),
    "a status nobody knows": (
        replace(ZONE, baselines=(EnabledBaseline("ou-work", "FINE"),)), Status.PARTIAL,
    ),
    "landing zone not active": (replace(ZONE, status="FAILED"), Status.PARTIAL),
    "drifted": (
        replace(ZONE, baselines=(EnabledBaseline("ou-work", "SUCCEEDED", is_drifted=True),)),
        Status.PARTIAL,
    ),
    "drifted on the account, not on its OU": (
        replace(
            ZONE,
            baselines=(*ZONE.baselines, EnabledBaseline(ACCOUNT, "SUCCEEDED", is_drifted=True)),
        ),
        Status.PARTIAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("zone", "status"), ZONES.values(), ids=ZONES)
def test_control_tower_counts_instead(zone: LandingZone, status: Status) -> None:
    assert judge(seen(None, PROCESS, zone=zone, named=())).status == status


def test_control_tower_without_a_process_is_partial() -> None:
    assert judge(seen(zone=ZONE, named=())).status == Status.PARTIAL


@pytest.mark.parametrize(
    ("answers", "status", "reason"),
    [
        ((), Status.UNKNOWN, Reason.NOT_CONFIGURED),
        ((EXPIRED,), Status.UNKNOWN, Reason.ATTESTATION_EXPIRED),
        ((PROCESS,), Status.PARTIAL, None),
        ((PIPELINE,), Status.PARTIAL, None),
        ((PROCESS, PIPELINE), Status.PASS, None),
        ((PROCESS, attested(KEY, "partly")), Status.PARTIAL, None),
        ((attested(KEY, "partly", "organization"), PIPELINE), Status.PARTIAL, None),
        ((attested(KEY, "not_done", "organization"),), Status.FAIL, None),
        ((PROCESS, attested(KEY, days_left=-1)), Status.PARTIAL, None),
        ((EXPIRED, attested(KEY, "not_done")), Status.FAIL, None),
    ],
    ids=[
        "nothing", "process expired", "process", "pipeline", "both", "pipeline in part",
        "process in part", "no process", "pipeline expired", "process expired, no pipeline",
    ],
)  # fmt: skip
def test_answers_decide_where_nothing_is_configured(
    answers: tuple[Attested, ...], status: Status, reason: Reason | None
) -> None:
    verdict = judge(seen(None, *answers, named=()))
    assert (verdict.status, verdict.reason) == (status, reason)


def test_a_pipeline_is_a_persons_word() -> None:
    assert judge(seen(None, PROCESS, PIPELINE)).source == Source.ATTESTED
    assert judge(seen(found(BASELINE), PROCESS)).source == Source.AUTOMATIC


MANAGED = row(MANAGEMENT, ou_ids=("r-1",))


@pytest.mark.parametrize(
    ("answers", "status", "reason"),
    [
        ((PROCESS, PIPELINE), Status.PASS, None),
        ((PROCESS,), Status.PARTIAL, None),
        ((), Status.UNKNOWN, Reason.NOT_ATTESTED),
        ((attested(KEY, days_left=-1),), Status.UNKNOWN, Reason.ATTESTATION_EXPIRED),
        ((attested(KEY, "not_done"),), Status.FAIL, None),
    ],
    ids=["both", "process", "nothing", "its own expired", "not done"],
)
def test_the_management_account_needs_an_answer_of_its_own(
    answers: tuple[Attested, ...], status: Status, reason: Reason | None
) -> None:
    there = with_instances(instance(account_id=MANAGEMENT))
    verdict = judge(seen(there, *answers, account=MANAGED))
    assert (verdict.status, verdict.reason) == (status, reason)


DENIED = Outcome.ACCESS_DENIED
UNSEEN = {
    "stack sets": seen(DENIED, PROCESS),
    "stack sets, no process": seen(DENIED),
    "stack sets, Control Tower elsewhere": seen(DENIED, PROCESS, zone=replace(ZONE, baselines=())),
    "a security account's stack sets": seen(None, PROCESS, delegated=DENIED),
    "control tower": seen(None, PROCESS, zone=DENIED),
    "stack sets, a pipeline in part": seen(DENIED, PROCESS, attested(KEY, "partly")),
    "control tower, nothing configured": seen(None, zone=DENIED, named=()),
}


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_saw_is_unknown_with_the_reason(unseen: Subject) -> None:
    with pytest.raises(Missing) as missing:
        judge(unseen)
    assert missing.value.outcome == DENIED


def test_a_stack_set_named_only_now_was_not_looked_for_yet() -> None:
    with pytest.raises(Missing) as missing:
        judge(seen(found(BASELINE, asked=()), PROCESS, named=("new",)))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED


def test_what_is_in_place_needs_nothing_else_to_be_seen() -> None:
    assert judge(seen(found(BASELINE), PROCESS, zone=DENIED)).status == Status.PASS
    assert judge(seen(DENIED, PROCESS, zone=ZONE)).status == Status.PASS
    assert judge(seen(DENIED, PROCESS, PIPELINE)).status == Status.PASS


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (attested(KEY, "partly", "organization"), "The baseline could not be read."),
        (attested(KEY, "partly"), "Another tool in part baselines the account"),
    ],
    ids=["process", "pipeline"],
)
def test_what_is_there_in_part_is_partial_whatever_the_stack_sets_say(
    answer: Attested, said: str
) -> None:
    verdict = judge(seen(DENIED, answer))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)
    assert said in verdict.sentence


SAID: dict[str, tuple[tuple[Attested, ...], str]] = {
    "nobody": ((), "Nobody has said that the process of creating accounts is written down."),
    "written": ((PROCESS,), "The process of creating accounts is written down."),
    "not yet": (
        (attested(KEY, "not_done", "organization"),),
        "The process of creating accounts is not written down.",
    ),
    "expired": (
        (EXPIRED,), "The answer that the process of creating accounts is written down has exp",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "said"), SAID.values(), ids=SAID)
def test_the_sentence_begins_with_what_is_said_of_the_process(
    answers: tuple[Attested, ...], said: str
) -> None:
    assert judge(seen(found(BASELINE), *answers)).sentence.startswith(said)


def test_a_region_without_control_tower_casts_no_doubt() -> None:
    assert judge(seen(None, PROCESS, zone=Outcome.SERVICE_UNAVAILABLE)).status == Status.PARTIAL


def test_outside_any_organization_nothing_arrives() -> None:
    assert judge(seen(account=standalone())).status == Status.FAIL


@pytest.mark.parametrize(
    ("services", "trusted"),
    [((STACK_SETS_SERVICE,), True), ((), False), (DENIED, None)],
    ids=["trusted", "not trusted", "not told"],
)
def test_whether_stack_sets_are_trusted_is_kept(services: Any, trusted: bool | None) -> None:
    told: Facts = {(MANAGEMENT, organizations.service_access): services}
    verdict = judge(seen(found(BASELINE), PROCESS, more=told))
    assert verdict.facts["trusted_access"] is trusted
