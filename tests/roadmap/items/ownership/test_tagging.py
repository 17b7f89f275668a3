"""Resources carry the tags the company requires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Missing, Outcome
from collectors.services import config_queries, organizations, resource_explorer_2, sso_admin
from collectors.services import resourcegroupstaggingapi as tagging
from collectors.services.resource_explorer_2 import Explorer, Untagged
from collectors.services.resourcegroupstaggingapi import Tagged, TagSet
from collectors.tags import Tags
from roadmap.items.ownership.tagging import item, judge
from roadmap.subject import Excepted, Subject
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import (
    ACCOUNT,
    MANAGEMENT,
    REGIONS,
    SECURITY,
    attested,
    row,
    standalone,
    subject,
)
from tests.roadmap.items.surface.guardrails import deny, listing, policies

REQUIRED = {"owner": [], "environment": ["production", "test-*"]}
TYPES = ("ec2:instance", "s3:bucket")
HOME, OTHER = REGIONS
FULL = {"owner": "payments", "environment": "production"}
STRATEGY = [attested(item.key, "done", "organization")]


def arn(name: str, region: str = HOME) -> str:
    return f"arn:aws:ec2:{region}:{ACCOUNT}:instance/{name}"


def arns(count: int, start: str) -> tuple[str, ...]:
    return tuple(arn(f"{start}{n:03}") for n in range(count))


def alike(count: int, start: str = "i", *keys: str, **values: str) -> TagSet:
    """Instances with tags, of some of which only the key was kept."""
    tags = Tags((*keys, *values), tuple(values.items()))
    return TagSet("ec2:instance", tags, count, arns(count, start))


def tagged(*sets: TagSet) -> Tagged:
    return Tagged(sets)


def untagged(count: int, region: str = HOME) -> Untagged:
    return Untagged("ec2:instance", region, count, arns(count, "u"))


def explorer(*found: Untagged, **more: Any) -> Explorer:
    return Explorer(**{"indexed": REGIONS, "types": TYPES, "untagged": found, **more})


def policy(**entry: Any) -> organizations.EffectivePolicies:
    content = {"tags": {"owner": {"tag_key": "owner", **entry}}} if entry else None
    known = {organizations.TAG_POLICY: organizations.EffectivePolicy(content)}
    return organizations.EffectivePolicies(known)


def seen(here: Tagged | Outcome, knows: Explorer | Outcome | None = None, **rest: Any) -> Subject:
    values = {
        (ACCOUNT, tagging.tagged, HOME): here,
        (ACCOUNT, tagging.tagged, OTHER): rest.pop("elsewhere", tagged()),
        (ACCOUNT, resource_explorer_2.untagged): explorer() if knows is None else knows,
        (ACCOUNT, organizations.effective_policies): rest.pop("policy", policy()),
        **rest.pop("more", {}),
    }
    settings = {"REQUIRED_TAGS": REQUIRED, "TAG_RESOURCE_TYPES": list(TYPES)}
    return subject(values, settings=settings | rest.pop("settings", {}), **rest)


GOOD = tagged(alike(95, **FULL))
ENFORCED = policy(enforced_for=["ec2:instance"])

CASES = {
    "all tagged, with a strategy": (
        seen(GOOD, attestations=STRATEGY), Status.PASS, "tagged, with a strategy", set(),
    ),
    "just enough, with a strategy": (
        seen(GOOD, explorer(untagged(5)), attestations=STRATEGY),
        Status.PASS, "tagged, with a strategy", {"untagged_resource"},
    ),
    "a value that a pattern allows": (
        seen(tagged(alike(1, owner="x", environment="test-7")), attestations=STRATEGY),
        Status.PASS, "tagged, with a strategy", set(),
    ),
    "a value that the tag policy allows": (
        seen(GOOD, policy=policy(tag_value=["pay*"]), attestations=STRATEGY),
        Status.PASS, "tagged, with a strategy", set(),
    ),
    "all tagged, nobody says where the strategy is": (
        seen(GOOD), Status.PARTIAL, "tagged, without a strategy", set(),
    ),
    "all tagged, the strategy is written in part": (
        seen(GOOD, attestations=[attested(item.key, "partly", "organization")]),
        Status.PARTIAL, "tagged, without a strategy", set(),
    ),
    "all tagged, the answer about the strategy expired": (
        seen(GOOD, attestations=[attested(item.key, "done", "organization", days_left=-1)]),
        Status.PARTIAL, "tagged, without a strategy", set(),
    ),
    "a sixth is not tagged": (
        seen(GOOD, explorer(untagged(19)), attestations=STRATEGY),
        Status.PARTIAL, "tagged in part", {"untagged_resource"},
    ),
    "half lack a key, but the tag policy is enforced": (
        seen(tagged(alike(5, **FULL), alike(5, "l", owner="x")), policy=ENFORCED,
             attestations=STRATEGY),
        Status.PARTIAL, "enforced by the tag policy, not yet tagged", {"untagged_resource"},
    ),
    "half lack a key, the tag policy is enforced without a strategy": (
        seen(tagged(alike(5, **FULL), alike(5, "l", owner="x")), policy=ENFORCED),
        Status.FAIL, "too few tagged", {"untagged_resource"},
    ),
    "half lack a key": (
        seen(tagged(alike(5, **FULL), alike(5, "l", owner="x")), attestations=STRATEGY),
        Status.FAIL, "too few tagged", {"untagged_resource"},
    ),
    "a value that the setting does not allow": (
        seen(tagged(alike(5, owner="x", environment="moon")), attestations=STRATEGY),
        Status.FAIL, "too few tagged", {"tag_value_invalid"},
    ),
    "a value that the tag policy does not allow": (
        seen(GOOD, policy=policy(tag_value=["ledger"]), attestations=STRATEGY),
        Status.FAIL, "too few tagged", {"tag_value_invalid"},
    ),
    "a key in other letters": (
        seen(tagged(alike(5, Owner="x", environment="production")), attestations=STRATEGY),
        Status.FAIL, "too few tagged", {"untagged_resource"},
    ),
    "tags that were taken off again, where no index is": (
        seen(tagged(alike(5)), explorer(indexed=(OTHER,)), attestations=STRATEGY),
        Status.FAIL, "too few tagged", {"untagged_resource"},
    ),
    "nothing to tag": (
        seen(tagged(), attestations=STRATEGY), Status.NOT_APPLICABLE, "no resource to tag", set(),
    ),
    "no index anywhere": (
        seen(GOOD, Explorer(), attestations=STRATEGY),
        Status.UNKNOWN, "no list of resources", {"no_tag_population"},
    ),
    "no tag is required": (
        seen(GOOD, settings={"REQUIRED_TAGS": {}}, attestations=STRATEGY),
        Status.UNKNOWN, "no tags are required", set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("about", "status", "rule", "codes"), CASES.values(), ids=CASES)
def test_the_share_of_tagged_resources_and_the_strategy_decide(
    about: Subject, status: Status, rule: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, rule)
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_the_sentence_says_how_many_carry_which_keys() -> None:
    sentence = judge(seen(GOOD, explorer(untagged(5)), attestations=STRATEGY)).sentence
    assert "95 of 100 resources carry owner and environment" in sentence


GAPS = {
    "a Region nobody saw": ({"elsewhere": Outcome.THROTTLED}, {}),
    "a Region without an index": ({}, {"indexed": (HOME,)}),
    "more untagged ones than Resource Explorer shows": ({}, {"truncated": ("ec2:instance",)}),
    "a tag policy nobody told of": ({"policy": Outcome.ACCESS_DENIED}, {}),
}


@pytest.mark.parametrize(("facts", "knows"), GAPS.values(), ids=GAPS)
def test_with_a_gap_nothing_passes_and_what_is_bad_stays_bad(
    facts: dict[str, Any], knows: dict[str, Any]
) -> None:
    good = judge(seen(GOOD, explorer(**knows), attestations=STRATEGY, **facts))
    assert (good.status, good.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert good.rule == "not everything was seen"
    bad = judge(seen(tagged(alike(5, owner="x")), explorer(**knows), **facts))
    assert (bad.status, bad.incomplete) == (Status.FAIL, True)


@pytest.mark.parametrize("outcome", [Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED])
def test_a_region_in_which_nothing_can_be_is_no_gap(outcome: Outcome) -> None:
    verdict = judge(seen(GOOD, elsewhere=outcome, attestations=STRATEGY))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, False)


MISSING = {
    "no Region seen": seen(Outcome.ACCESS_DENIED, elsewhere=Outcome.ACCESS_DENIED),
    "Resource Explorer denied": seen(GOOD, Outcome.ACCESS_DENIED),
}


@pytest.mark.parametrize("about", MISSING.values(), ids=MISSING)
def test_what_was_not_told_is_unknown(about: Subject) -> None:
    with pytest.raises(Missing) as missing:
        judge(about)
    assert missing.value.outcome == Outcome.ACCESS_DENIED


GOOD_WITH_MORE = tagged(alike(95, "i", "cost-center", **FULL), alike(5, "l", **FULL))
UNREAD = "values not read yet"
CHANGED = {
    "a key that nearly all carry": (
        {"REQUIRED_TAGS": REQUIRED | {"cost-center": []}},
        Status.PASS, "tagged, with a strategy", False,
    ),
    "a key that nobody carries": (
        {"REQUIRED_TAGS": {"tier": ["one"]}}, Status.FAIL, "too few tagged", False,
    ),
    "a key whose values were not kept": (
        {"REQUIRED_TAGS": REQUIRED | {"cost-center": ["1*"]}}, Status.UNKNOWN, UNREAD, False,
    ),
    "a key of few whose values were not kept": (
        {"REQUIRED_TAGS": {"cost-center": ["1*"]}, "TAG_PASS_PCT": 99, "TAG_PARTIAL_PCT": 96},
        Status.FAIL, "too few tagged", True,
    ),
    "one key fewer": (
        {"REQUIRED_TAGS": {"owner": []}}, Status.PASS, "tagged, with a strategy", False,
    ),
    "other values": (
        {"REQUIRED_TAGS": REQUIRED | {"owner": ["ledger"]}}, Status.FAIL, "too few tagged", False,
    ),
    "no type that there is": (
        {"TAG_RESOURCE_TYPES": ["s3:bucket"]},
        Status.NOT_APPLICABLE, "no resource to tag", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "status", "rule", "incomplete"), CHANGED.values(), ids=CHANGED
)
def test_changed_settings_are_judged_by_the_keys_that_were_kept(
    settings: dict[str, Any], status: Status, rule: str, incomplete: bool
) -> None:
    about = seen(GOOD_WITH_MORE, settings=settings, attestations=STRATEGY, more=bound())
    verdict = judge(about)
    assert (verdict.status, verdict.rule, verdict.incomplete) == (status, rule, incomplete)


TOPICS = {"TAG_RESOURCE_TYPES": ["sns:topic"]}


def topics(alike: TagSet) -> Tagged:
    """Of a type that was not to be tagged when they were collected."""
    return tagged(replace(alike, resource_type="sns:topic", arns=()))


def test_of_another_type_only_what_was_never_tagged_waits() -> None:
    good = judge(seen(topics(alike(5, **FULL)), settings=TOPICS, attestations=STRATEGY))
    assert (good.status, good.reason) == (Status.UNKNOWN, Reason.PARTIAL_COLLECTION)
    assert "is asked for sns:topic without tags at the next collection" in good.sentence
    bad = judge(seen(topics(alike(5, owner="x")), settings=TOPICS))
    assert (bad.status, bad.incomplete) == (Status.FAIL, True)
    assert [problem.name for problem in bad.problems] == ["5 more of sns:topic"]


def test_tags_taken_off_again_count_once_where_an_index_lists_them() -> None:
    bare = replace(alike(5), arns=arns(5, "u"))
    verdict = judge(seen(tagged(alike(95, **FULL), bare), explorer(untagged(5))))
    assert verdict.facts["types"]["ec2:instance"]["total"] == 100


def test_excepted_resources_leave_the_count() -> None:
    exception = Excepted(item.key, "*:instance/l*")
    sets = tagged(alike(5, **FULL), alike(5, "l", owner="x"))
    verdict = judge(seen(sets, exceptions=[exception], attestations=STRATEGY))
    assert verdict.status == Status.PASS
    assert not verdict.problems


def test_beyond_a_limit_findings_are_summed_up_by_type() -> None:
    many = replace(alike(50, "l", owner="x"), count=70)
    verdict = judge(seen(tagged(many), settings={"EVIDENCE_LIST_LIMIT": 10}))
    single, summed = verdict.problems[:-1], verdict.problems[-1]
    assert len(single) == 10
    assert (summed.resource, summed.name) == ("ec2:instance", "60 more of ec2:instance")


def test_a_finding_says_where_and_what_is_missing() -> None:
    (problem,) = judge(seen(tagged(alike(1, owner="x")))).problems
    assert (problem.resource, problem.region) == (arn("i000"), HOME)
    assert problem.detail == "It lacks environment."


def test_the_shares_per_key_and_type_are_kept() -> None:
    facts = judge(seen(tagged(alike(5, **FULL), alike(5, "l", owner="x")))).facts
    assert facts["types"] == {
        "ec2:instance": {"total": 10, "good": 5, "with_key": {"owner": 10, "environment": 5}}
    }


def test_what_aws_itself_reports_is_kept_and_decides_nothing() -> None:
    more = {
        (ACCOUNT, tagging.required_tags): (tagging.RequiredTag("ec2:instance", ("owner",)),),
        (MANAGEMENT, tagging.compliance): {ACCOUNT: tagging.NonCompliance(3, "2026-11-22")},
    }
    verdict = judge(seen(GOOD, more=more, attestations=STRATEGY))
    assert verdict.status == Status.PASS
    assert verdict.facts["required_by_policy"] == {"ec2:instance": ["owner"]}
    assert verdict.facts["summary"] == {"resources": 3, "last_updated": "2026-11-22"}


def test_outside_an_organization_no_tag_policy_is_missed() -> None:
    about = seen(GOOD, policy=Outcome.NEVER_COLLECTED, account=standalone())
    assert (judge(about).status, judge(about).incomplete) == (Status.PARTIAL, False)


FEW = tagged(alike(5, **FULL), alike(5, "l", owner="x"))
WITHOUT_TAG = {"Null": {"aws:RequestTag/owner": "true"}}


def bound(*statements: Any, status: str = "ENABLED") -> dict[tuple[Any, ...], Any]:
    """The account's chain of service control policies."""
    return {
        (MANAGEMENT, organizations.listing): listing(status),
        (MANAGEMENT, organizations.policies): policies(*statements),
        (ACCOUNT, organizations.attached_scps): ("p-full",),
        (ACCOUNT, sso_admin.access): sso_admin.Access(),
    }


DEMANDED = "enforced by a guardrail, not yet tagged"
CHAINS = {
    "instances without a tag are refused": (
        bound(deny("ec2:RunInstances", condition=WITHOUT_TAG)), STRATEGY,
        Status.PARTIAL, DEMANDED, False,
    ),
    "refused, without a strategy": (
        bound(deny("ec2:RunInstances", condition=WITHOUT_TAG)), [],
        Status.FAIL, "too few tagged", False,
    ),
    "all instances are refused": (
        bound(deny("ec2:RunInstances")), STRATEGY, Status.FAIL, "too few tagged", False,
    ),
    "nothing is refused": (bound(), STRATEGY, Status.FAIL, "too few tagged", False),
    "policies are off": (
        bound(deny("ec2:RunInstances", condition=WITHOUT_TAG), status="PENDING_DISABLE"),
        STRATEGY, Status.FAIL, "too few tagged", False,
    ),
    "nobody saw the policies": ({}, STRATEGY, Status.FAIL, "too few tagged", True),
}  # fmt: skip


@pytest.mark.parametrize(
    ("chain", "answers", "status", "rule", "incomplete"), CHAINS.values(), ids=CHAINS
)
def test_a_guardrail_that_demands_tags_makes_up_for_old_resources(
    chain: dict[tuple[Any, ...], Any],
    answers: Any,
    status: Status,
    rule: str,
    incomplete: bool,
) -> None:
    verdict = judge(seen(FEW, more=chain, attestations=answers))
    assert (verdict.status, verdict.rule) == (status, rule)
    assert verdict.incomplete is incomplete


def test_no_guardrail_binds_the_management_account() -> None:
    chain = bound(deny("ec2:RunInstances", condition=WITHOUT_TAG))
    own = {
        (MANAGEMENT, kind, *where): value
        for (_, kind, *where), value in (
            ((ACCOUNT, tagging.tagged, HOME), FEW),
            ((ACCOUNT, tagging.tagged, OTHER), tagged()),
            ((ACCOUNT, resource_explorer_2.untagged), explorer()),
            ((ACCOUNT, organizations.effective_policies), policy()),
        )
    }
    about = seen(FEW, more=chain | own, attestations=STRATEGY, account=row(MANAGEMENT))
    assert judge(about).rule == "too few tagged"


def counted(**counts: int) -> dict[tuple[Any, ...], Any]:
    """By an aggregator of a security account, in one Region."""
    own = {kind.replace("_", ":"): count for kind, count in counts.items()}
    found = config_queries.Counts(TYPES, {ACCOUNT: own} if own else {})
    return {(SECURITY, config_queries.tag_counts, OTHER): found}


BY_CONFIG = {
    "as many as are tagged": (95, Status.PASS),
    "fewer than are tagged": (10, Status.PASS),
    "some more": (120, Status.PARTIAL),
    "many more": (400, Status.FAIL),
}


@pytest.mark.parametrize(("count", "status"), BY_CONFIG.values(), ids=BY_CONFIG)
@pytest.mark.parametrize("knows", [Explorer(), Outcome.ACCESS_DENIED], ids=["off", "denied"])
def test_an_aggregator_counts_what_was_never_tagged(count: int, status: Status, knows: Any) -> None:
    more = counted(ec2_instance=count) | bound()
    verdict = judge(seen(GOOD, knows, more=more, attestations=STRATEGY))
    assert (verdict.status, verdict.incomplete) == (status, False)
    assert verdict.facts["source"] == "config aggregator"


def test_what_only_the_aggregator_counts_is_summed_up_by_type() -> None:
    (problem,) = judge(seen(GOOD, Explorer(), more=counted(ec2_instance=120))).problems
    assert (problem.code, problem.name) == ("untagged_resource", "25 more of ec2:instance")


def test_what_both_list_counts_once() -> None:
    more = counted(ec2_instance=100)
    verdict = judge(seen(GOOD, explorer(untagged(5)), more=more, attestations=STRATEGY))
    assert verdict.facts["types"]["ec2:instance"]["total"] == 100


def test_an_index_that_is_not_everywhere_is_no_gap_beside_an_aggregator() -> None:
    knows = explorer(indexed=(HOME,))
    verdict = judge(seen(GOOD, knows, more=counted(ec2_instance=95), attestations=STRATEGY))
    assert verdict.status == Status.PASS


def test_excepted_resources_leave_the_aggregators_count_too() -> None:
    sets = tagged(alike(5, **FULL), alike(5, "l", owner="x"))
    about = seen(
        sets,
        Explorer(),
        more=counted(ec2_instance=10),
        exceptions=[Excepted(item.key, "*:instance/l*")],
        attestations=STRATEGY,
    )
    assert judge(about).status == Status.PASS


def test_an_account_that_the_aggregator_does_not_count_is_not_known_to_have_nothing() -> None:
    assert judge(seen(GOOD, Explorer(), more=counted())).rule == "no list of resources"
