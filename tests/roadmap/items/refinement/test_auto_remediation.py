"""Some deviations are put right by themselves, and that was seen to work lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import config_remediation, events, securityhub, ssm
from collectors.services.config_remediation import Remediation, Remediations
from collectors.services.events import RemediationRule, RemediationRules
from collectors.services.ssm import Automation
from roadmap.items.refinement.auto_remediation import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    NOW,
    REGIONS,
    SECURITY,
    attested,
    standalone,
    subject,
)

HOME, OTHER = REGIONS
LATELY, LONG_AGO = NOW - timedelta(days=89), NOW - timedelta(days=91)
PATTERNS = ["arn:aws:lambda:*:function:repair-*", "arn:aws:ssm:*:automation-definition/Repair*"]
DOCUMENT = "AWS-DisableS3BucketPublicReadWrite"
CONFIG = Remediation(
    "s3-public", f"arn:aws:config:{HOME}:{ACCOUNT}:remediation-configuration/s3", DOCUMENT, True
)
MANUAL = replace(CONFIG, is_automatic=False)
TODAY = NOW.date()


def looked(*found: Remediation, days: int = 0) -> Remediations:
    return Remediations(TODAY - timedelta(days=days), 12, found)


def rule(target: str) -> RemediationRules:
    arn = f"arn:aws:events:{HOME}:{ACCOUNT}:rule/repair"
    one = RemediationRule("repair", arn, "default", (target,))
    return RemediationRules(tuple(sorted(PATTERNS)), (one,))


NO_RULES = RemediationRules(tuple(sorted(PATTERNS)))
FUNCTION = rule(f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:repair-groups")
RUNBOOK = rule(f"arn:aws:ssm:{HOME}:{ACCOUNT}:automation-definition/RepairGroups:$DEFAULT")


def ran(document: str, *, good: Any = None, bad: Any = None) -> tuple[Automation, ...]:
    return (Automation(document, 1, last_success_at=good, last_failure_at=bad),)


def answer(claim: str = "done", *, days_left: int = 30, **details: Any) -> dict[str, Any]:
    given = attested(item.key, claim, "organization", days_left=days_left, **details)
    return {"attestations": [given]}


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).isoformat()


def seen(
    config: Any = looked(),  # noqa: B008  (a value that nothing changes)
    rules: Any = NO_RULES,
    runs: Any = (),
    *,
    security: Mapping[Any, Any] | None = None,
    elsewhere: Mapping[Any, Any] | None = None,
    more: Mapping[Any, Any] | None = None,
    **rest: Any,
) -> Subject:
    nothing = {
        config_remediation.remediations: looked(days=400),
        events.remediation_rules: NO_RULES,
        ssm.automations: (),
    }
    here = {
        config_remediation.remediations: config,
        events.remediation_rules: rules,
        ssm.automations: runs,
    }
    values: dict[tuple[Any, ...], Any] = {}
    for about in (ACCOUNT, SECURITY, LOGS):
        for region in REGIONS:
            values |= {(about, c, region): value for c, value in nothing.items()}
    values |= {(ACCOUNT, c, OTHER): value for c, value in (elsewhere or {}).items()}
    values |= {(ACCOUNT, c, HOME): value for c, value in here.items()}
    values |= {(SECURITY, c, HOME): value for c, value in (security or {}).items()}
    values |= more or {}
    settings = {"REMEDIATION_TARGET_PATTERNS": PATTERNS, **rest.pop("settings", {})}
    return subject(values, settings=settings, **rest)


PROVEN = "automatic, and succeeded lately"
UNPROVEN = "automatic, without a recent success"
ATTESTED = "a recent run was attested"
NONE = {"no_remediation"}
CASES = {
    "Config repaired something lately": (
        seen(looked(replace(CONFIG, last_success_at=LATELY))), Status.PASS, PROVEN, set(),
    ),
    "the automation of Config's remediation succeeded lately": (
        seen(looked(CONFIG), runs=ran(DOCUMENT, good=LATELY)), Status.PASS, PROVEN, set(),
    ),
    "an automation that events start succeeded lately": (
        seen(rules=RUNBOOK, runs=ran("RepairGroups", good=LATELY)), Status.PASS, PROVEN, set(),
    ),
    "an automation of the security account succeeded lately": (
        seen(security={events.remediation_rules: RUNBOOK,
                       ssm.automations: ran("RepairGroups", good=LATELY)}),
        Status.PASS, PROVEN, set(),
    ),
    "it succeeded lately and failed since": (
        seen(looked(replace(CONFIG, last_success_at=LATELY, last_failure_at=NOW))),
        Status.PASS, PROVEN, {"remediation_failing"},
    ),
    "a run was attested": (seen(**answer(last_run=day(89))), Status.PASS, ATTESTED, set()),
    "a run of a function was attested": (
        seen(rules=FUNCTION, **answer(last_run=day(3))), Status.PASS, ATTESTED, set(),
    ),
    "Config repaired something long ago": (
        seen(looked(replace(CONFIG, last_success_at=LONG_AGO))), Status.PARTIAL, UNPROVEN, set(),
    ),
    "Config only ever failed": (
        seen(looked(replace(CONFIG, last_failure_at=LATELY))),
        Status.PARTIAL, UNPROVEN, {"remediation_failing"},
    ),
    "another automation succeeded": (
        seen(looked(CONFIG), runs=ran("AWS-StopEC2Instance", good=LATELY)),
        Status.PARTIAL, UNPROVEN, set(),
    ),
    "a function that events start": (seen(rules=FUNCTION), Status.PARTIAL, UNPROVEN, set()),
    "a function of the security account": (
        seen(security={events.remediation_rules: FUNCTION}), Status.PARTIAL, UNPROVEN, set(),
    ),
    "a function whose run was attested too long ago": (
        seen(rules=FUNCTION, **answer(last_run=day(91))), Status.PARTIAL, UNPROVEN, set(),
    ),
    "automatic, attested as not done": (
        seen(looked(CONFIG), **answer("not_done")), Status.PARTIAL, UNPROVEN, set(),
    ),
    "automatic, declined": (
        seen(looked(CONFIG), **answer("declined")), Status.PARTIAL, UNPROVEN, set(),
    ),
    "only by hand": (
        seen(looked(replace(MANUAL, last_success_at=LATELY))),
        Status.PARTIAL, "only by hand", set(),
    ),
    "only by hand, and a run was attested": (
        seen(looked(MANUAL), **answer(last_run=day(3))), Status.PARTIAL, "only by hand", set(),
    ),
    "by hand and automatic, and a run was attested": (
        seen(looked(MANUAL, CONFIG), **answer(last_run=day(3))), Status.PASS, ATTESTED, set(),
    ),
    "attested without a day": (
        seen(**answer()), Status.PARTIAL, "attested, without a recent run", NONE,
    ),
    "attested with a day to come": (
        seen(**answer(last_run=day(-1))), Status.PARTIAL, "attested, without a recent run", NONE,
    ),
    "attested with a day that is none": (
        seen(**answer(last_run="soon")), Status.PARTIAL, "attested, without a recent run", NONE,
    ),
    "attested in part, with a day": (
        seen(**answer("partly", last_run=day(1))), Status.PARTIAL, "attested in part", NONE,
    ),
    "attested as not done": (
        seen(**answer("not_done")), Status.FAIL, "attested as not done", NONE,
    ),
    "a claim nobody knows": (
        seen(**answer("dreamt")), Status.FAIL, "attested as not done", NONE,
    ),
    "nothing for ninety days": (
        seen(looked(days=90)), Status.FAIL, "nothing found for 90 days", NONE,
    ),
    "nothing for less": (seen(looked(days=89)), Status.UNKNOWN, "not attested", NONE),
    "the answer expired": (
        seen(looked(days=400), **answer(last_run=day(1), days_left=-1)),
        Status.UNKNOWN, "attestation expired", NONE,
    ),
    "declined": (seen(**answer("declined")), Status.NOT_APPLICABLE, "declined", set()),
}  # fmt: skip


@pytest.mark.parametrize(("about", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_repairs_their_runs_and_the_answer_decide(
    about: Subject, status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_names_the_repair() -> None:
    verdict = judge(seen(looked(replace(CONFIG, last_success_at=LATELY))))
    assert verdict.sentence == ("s3-public put things right by themselves, last on 2026-08-27.")
    assert verdict.source == Source.AUTOMATIC
    assert "repair → " in judge(seen(rules=FUNCTION)).sentence


def test_an_attested_run_is_peoples_word() -> None:
    verdict = judge(seen(**answer(last_run=day(3))))
    assert (verdict.source, day(3) in verdict.sentence) == (Source.ATTESTED, True)
    assert verdict.facts["answer"]["last_run"] == day(3)


def test_what_security_accounts_repair_is_for_their_organization_alone() -> None:
    about = seen(
        security={
            events.remediation_rules: RUNBOOK,
            ssm.automations: ran("RepairGroups", good=LATELY),
        },
        account=standalone(),
    )
    assert judge(about).rule == "not attested"


def test_a_finding_is_about_what_fails() -> None:
    (problem,) = judge(seen(looked(replace(CONFIG, last_failure_at=LATELY)))).problems
    assert (problem.resource, problem.name, problem.region) == (CONFIG.arn, "s3-public", HOME)


def test_what_is_excepted_repairs_nothing() -> None:
    verdict = judge(seen(looked(CONFIG), exceptions=[Excepted(item.key, CONFIG.arn)]))
    assert verdict.rule == "not attested"


def test_the_evidence_keeps_repairs_with_their_last_runs() -> None:
    facts = judge(seen(looked(replace(CONFIG, last_success_at=LATELY)))).facts
    assert facts["repairs"] == [
        {
            "name": "s3-public",
            "region": HOME,
            "document": DOCUMENT,
            "is_automatic": True,
            "last_success_on": LATELY.date().isoformat(),
            "last_failure_on": None,
        }
    ]


GAPS = {
    "remediations elsewhere": {"elsewhere": {config_remediation.remediations: Outcome.THROTTLED}},
    "rules elsewhere": {"elsewhere": {events.remediation_rules: Outcome.THROTTLED}},
    "rules of a security account": {"security": {events.remediation_rules: Outcome.THROTTLED}},
}


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_with_a_gap_nothing_is_proven_absent(gap: dict[str, Any]) -> None:
    nothing = judge(seen(looked(days=400), **gap))
    assert (nothing.status, nothing.reason) == (Status.UNKNOWN, Reason.THROTTLED)
    said = judge(seen(looked(days=400), **gap, **answer("partly")))
    assert (said.rule, said.incomplete, said.problems) == ("attested in part", True, [])
    found = judge(seen(looked(replace(CONFIG, last_success_at=LATELY)), **gap))
    assert (found.status, found.incomplete) == (Status.PASS, True)
    manual = judge(seen(looked(MANUAL), **gap))
    assert (manual.status, manual.incomplete) == (Status.PARTIAL, True)


def test_runs_nobody_saw_leave_the_verdict_incomplete() -> None:
    verdict = judge(seen(looked(CONFIG), runs=Outcome.ACCESS_DENIED))
    assert (verdict.rule, verdict.incomplete) == (UNPROVEN, True)


@pytest.mark.parametrize("outcome", [Outcome.REGION_BLOCKED, Outcome.SERVICE_UNAVAILABLE])
def test_a_region_in_which_nothing_can_be_is_no_gap(outcome: Outcome) -> None:
    gone = {config_remediation.remediations: outcome, events.remediation_rules: outcome}
    verdict = judge(seen(looked(days=400), elsewhere=gone))
    assert (verdict.rule, verdict.incomplete) == ("nothing found for 90 days", False)


def test_targets_declared_since_the_last_collection_are_not_known_yet() -> None:
    old = RemediationRules(("arn:old",))
    verdict = judge(seen(looked(days=400), rules=old))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_targets_that_are_no_longer_declared_repair_nothing() -> None:
    proven: dict[str, Any] = {"rules": RUNBOOK, "runs": ran("RepairGroups", good=LATELY)}
    fewer = {"REMEDIATION_TARGET_PATTERNS": PATTERNS[:1]}
    assert judge(seen(**proven)).status == Status.PASS
    assert judge(seen(**proven, settings=fewer)).rule == "not attested"


@pytest.mark.parametrize("unseen", [SECURITY, LOGS], ids=["the first", "the second"])
def test_one_security_account_may_be_denied_and_another_repair(unseen: str) -> None:
    other = LOGS if unseen == SECURITY else SECURITY
    facts = {
        (unseen, events.remediation_rules, HOME): Outcome.ACCESS_DENIED,
        (other, events.remediation_rules, HOME): RUNBOOK,
        (other, ssm.automations, HOME): ran("RepairGroups", good=LATELY),
    }
    verdict = judge(seen(more=facts))
    assert (verdict.rule, verdict.incomplete) == (PROVEN, True)


def test_nothing_seen_is_unknown() -> None:
    with pytest.raises(Missing) as missing:
        judge(subject({}))
    assert missing.value.outcome == Outcome.NEVER_COLLECTED


def test_an_answer_counts_where_nothing_was_seen() -> None:
    verdict = judge(subject({}, **answer(last_run=day(1))))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


def test_rules_that_change_findings_are_counted_and_decide_nothing() -> None:
    hub = {securityhub.automation_rules: ("suppress", "raise")}
    verdict = judge(seen(security=hub))
    assert (verdict.rule, verdict.facts["automation_rules"]) == ("not attested", 2)
