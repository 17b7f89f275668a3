"""Every instance requires a token for metadata, and so does the default."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import autoscaling, ec2, organizations
from collectors.services.autoscaling import LaunchConfiguration
from collectors.services.ec2 import Instance, MetadataDefaults, TemplateVersion
from roadmap.items.surface.imdsv2 import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Severity, Status, partly, passed, unknown
from tests.roadmap.items.subjects import ACCOUNT, subject

HERE = "eu-west-1"
GOOD = Instance("i-1", "web", "running", http_tokens="required", http_endpoint="enabled")
LOOSE = replace(GOOD, instance_id="i-2", http_tokens="optional")
SET = MetadataDefaults("required")
OFF = MetadataDefaults()
ARN = f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/"


def seen(
    instances: Any,
    defaults: Any = SET,
    templates: Any = (),
    configurations: Any = (),
    **more: Any,
) -> Subject:
    """An account with one Region."""
    values = {
        (ACCOUNT, ec2.instances, HERE): instances,
        (ACCOUNT, ec2.metadata_defaults, HERE): defaults,
        (ACCOUNT, ec2.launch_templates, HERE): templates,
        (ACCOUNT, autoscaling.launch_configurations, HERE): configurations,
    }
    return subject(values | more.pop("values", {}), regions={ACCOUNT: (HERE,)}, **more)


def many(loose: int, total: int) -> tuple[Instance, ...]:
    return tuple(replace(LOOSE if n < loose else GOOD, instance_id=f"i-{n}") for n in range(total))


CASES: dict[str, tuple[Any, Any, Status, str]] = {
    "all good, default set": (
        (GOOD,), SET, Status.PASS, "all require tokens, default set",
    ),
    "no metadata at all is good": (
        (replace(LOOSE, http_endpoint="disabled"),),
        SET,
        Status.PASS,
        "all require tokens, default set",
    ),
    "stopped ones count": (
        (replace(LOOSE, state="stopped"),), SET, Status.FAIL, "too many without tokens",
    ),
    "ended ones do not": (
        (GOOD, replace(LOOSE, state="terminated"), replace(LOOSE, state="shutting-down")),
        SET,
        Status.PASS,
        "all require tokens, default set",
    ),
    "none, default set": ((), SET, Status.PASS, "no instance, default set"),
    "none, default not set": ((), OFF, Status.NOT_APPLICABLE, "no instance, default not set"),
    "all good, default not set": (
        (GOOD,), OFF, Status.PARTIAL, "all require tokens, default not set",
    ),
    "all good, default optional": (
        (GOOD,),
        MetadataDefaults("optional"),
        Status.PARTIAL,
        "all require tokens, default not set",
    ),
    "all good, a default nobody knows": (
        (GOOD,),
        MetadataDefaults("tomorrow"),
        Status.PARTIAL,
        "all require tokens, default not set",
    ),
    "nine of ten good": (many(1, 10), SET, Status.PARTIAL, "nearly all require tokens"),
    "nine of ten good, default not set": (
        many(1, 10), OFF, Status.PARTIAL, "nearly all require tokens",
    ),
    "eight of nine good": (many(1, 9), SET, Status.FAIL, "too many without tokens"),
    "none good": (many(2, 2), OFF, Status.FAIL, "too many without tokens"),
    "a setting nobody knows": (
        (replace(GOOD, http_tokens="tomorrow"),), SET, Status.FAIL, "too many without tokens",
    ),
    "not said": ((replace(GOOD, http_tokens=""),), SET, Status.FAIL, "too many without tokens"),
}  # fmt: skip


@pytest.mark.parametrize(("instances", "defaults", "status", "rule"), CASES.values(), ids=CASES)
def test_instances_and_default_decide(
    instances: Any, defaults: Any, status: Status, rule: str
) -> None:
    part = judge(seen(instances, defaults)).regions[HERE]
    assert (part.status, part.rule) == (status, rule)


def test_a_share_is_measured_by_the_setting() -> None:
    strict = seen(many(1, 10), settings={"IMDSV2_PARTIAL_PCT": 95})
    assert judge(strict).status == Status.FAIL


def test_an_account_without_anything_has_no_resources() -> None:
    verdict = judge(seen((), OFF))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, Reason.NO_RESOURCES)
    assert verdict.problems == []
    assert "No instance" in verdict.sentence


@pytest.mark.parametrize(
    ("guardrail", "status"),
    [(passed("Denied."), Status.PASS), (partly("In part."), Status.PARTIAL)],
    ids=["passes", "passes in part"],
)
def test_the_guardrail_stands_in_for_the_default(guardrail: Any, status: Status) -> None:
    guarded = replace(seen((GOOD,), OFF), verdicts={"surface.scp_imdsv2": guardrail})
    assert judge(guarded).status == status


UNKNOWN = unknown(Reason.ACCESS_DENIED, "Nobody saw the policies.")
GUARDED: dict[str, tuple[Subject, tuple[Status, str]]] = {
    "default set": (seen((GOOD,), SET), (Status.PASS, "all require tokens, default set")),
    "default not set": (seen((GOOD,), OFF), (Status.UNKNOWN, "guardrail not known")),
    "default not set, no instance": (seen((), OFF), (Status.UNKNOWN, "guardrail not known")),
    "something loose": (seen((LOOSE,), OFF), (Status.FAIL, "too many without tokens")),
}


@pytest.mark.parametrize(("about", "expected"), GUARDED.values(), ids=GUARDED)
def test_a_guardrail_nobody_knows_may_stand_in_for_the_default(
    about: Subject, expected: tuple[Status, str]
) -> None:
    verdict = judge(replace(about, verdicts={"surface.scp_imdsv2": UNKNOWN}))
    part = verdict.regions[HERE]
    assert (part.status, part.rule) == expected
    assert verdict.incomplete == (part.status != Status.PASS)
    assert "imdsv2_default_off" not in {problem.code for problem in verdict.problems}


def test_a_guardrail_replaces_a_default_nobody_could_see() -> None:
    blind = seen((GOOD,), Outcome.ACCESS_DENIED)
    guarded = replace(blind, verdicts={"surface.scp_imdsv2": passed("Denied.")})
    assert judge(guarded).status == Status.PASS
    assert judge(blind).reason == Reason.ACCESS_DENIED


def test_what_is_loose_fails_whatever_the_default_is() -> None:
    verdict = judge(seen((LOOSE,), Outcome.ACCESS_DENIED))
    assert (verdict.status, verdict.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize("which", ["templates", "configurations"])
def test_unseen_templates_leave_the_verdict_and_make_it_incomplete(which: str) -> None:
    verdict = judge(seen((GOOD,), **{which: Outcome.ACCESS_DENIED}))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)


@pytest.mark.parametrize("outcome", [Outcome.ACCESS_DENIED, Outcome.NEVER_COLLECTED])
def test_unseen_instances_are_unknown(outcome: Outcome) -> None:
    verdict = judge(seen(outcome))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason(outcome.value))


def test_a_blocked_region_is_left_out() -> None:
    assert judge(seen(Outcome.REGION_BLOCKED)).reason == Reason.REGION_UNREACHABLE


def test_an_excepted_instance_leaves_the_count_and_is_not_reported() -> None:
    excepted = [Excepted("surface.imdsv2", f"{ARN}i-2")]
    verdict = judge(seen((GOOD, LOOSE), exceptions=excepted))
    assert verdict.status == Status.PASS
    assert verdict.problems == []


TEMPLATE = TemplateVersion("lt-1", "web", 3, True)
CONFIGURATION = LaunchConfiguration("old", "arn:aws:autoscaling:old", "optional")
FINDINGS: dict[str, tuple[Subject, list[tuple[str, str]]]] = {
    "loose": (seen((LOOSE,)), [("imdsv1_instance", f"{ARN}i-2")]),
    "hops": (seen((replace(GOOD, hop_limit=3),)), [("imds_hop_limit", f"{ARN}i-1")]),
    "two hops": (seen((replace(GOOD, hop_limit=2),)), []),
    "hops of nothing": (
        seen((replace(GOOD, hop_limit=64, http_endpoint="disabled"),)), [],
    ),
    "default off": (seen((GOOD,), OFF), [("imdsv2_default_off", "")]),
    "template while the default is off": (
        seen((), OFF, (TEMPLATE,)),
        [
            ("imdsv2_default_off", ""),
            ("launch_template_imdsv1", f"arn:aws:ec2:{HERE}:{ACCOUNT}:launch-template/lt-1"),
        ],
    ),
    "template while the default is on": (seen((), SET, (TEMPLATE,)), []),
    "good template": (
        seen((GOOD,), OFF, (replace(TEMPLATE, http_tokens="required"),)),
        [("imdsv2_default_off", "")],
    ),
    "template without metadata": (
        seen((GOOD,), OFF, (replace(TEMPLATE, http_endpoint="disabled"),)),
        [("imdsv2_default_off", "")],
    ),
    "configuration": (
        seen((), SET, (), (CONFIGURATION,)), [("launch_configuration_imdsv1", CONFIGURATION.arn)],
    ),
    "good configuration": (
        seen((), SET, (), (replace(CONFIGURATION, http_tokens="required"),)), [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "found"), FINDINGS.values(), ids=FINDINGS)
def test_what_is_found(about: Subject, found: list[tuple[str, str]]) -> None:
    assert [(p.code, p.resource) for p in judge(about).problems] == found


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == {code for _, found in FINDINGS.values() for code, _ in found}


def test_an_instance_with_credentials_to_steal_weighs_more() -> None:
    (plain,) = judge(seen((LOOSE,))).problems
    (worse,) = judge(seen((replace(LOOSE, has_profile=True),))).problems
    assert (plain.severity, worse.severity) == (None, Severity.HIGH)


def test_all_loose_versions_of_a_template_are_one_finding() -> None:
    other = replace(TEMPLATE, number=5, is_default=False)
    problems = judge(seen((), OFF, (TEMPLATE, other))).problems
    (found,) = [p for p in problems if p.code == "launch_template_imdsv1"]
    assert found.detail == "Version 3 (default) and 5."


def test_the_sentence_names_what_is_loose() -> None:
    sentence = judge(seen((LOOSE, GOOD))).sentence
    assert sentence == "1 of 2 instances answers without a token (web) in eu-west-1."


def test_it_keeps_what_decided() -> None:
    content = {"ec2_attributes": {"instance_metadata_defaults": {"http_tokens": "required"}}}
    policies = organizations.EffectivePolicies(
        {organizations.DECLARATIVE_POLICY_EC2: organizations.EffectivePolicy(content)}
    )
    told = {(ACCOUNT, organizations.effective_policies): policies}
    loose = replace(LOOSE, launch_template="lt-1")
    facts = judge(seen((GOOD, loose), values=told)).facts
    assert facts["effective_policy"] == {"http_tokens": "required"}
    assert facts["regions"][HERE]["instances"] == {"running": 2}
    assert facts["regions"][HERE]["without_tokens"] == {"i-2": "lt-1"}
    assert facts["regions"][HERE]["defaults"]["http_tokens"] == "required"


def test_regions_are_combined() -> None:
    here, there = "eu-west-1", "us-east-1"
    values = {
        (ACCOUNT, collector, region): value
        for region in (here, there)
        for collector, value in (
            (ec2.instances, (GOOD,) if region == here else (LOOSE,)),
            (ec2.metadata_defaults, SET),
            (ec2.launch_templates, ()),
            (autoscaling.launch_configurations, ()),
        )
    }
    assert judge(subject(values)).status == Status.PARTIAL


def test_it_is_declared_with_what_it_reads() -> None:
    about = seen((GOOD,))
    judge(about)
    assert {one.kind for one in about.facts.read} <= {c.name for c in item.reads}
