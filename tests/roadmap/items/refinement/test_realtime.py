"""Events that matter reach the security account at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import cloudtrail, events, logs
from collectors.services.cloudtrail import Trail
from collectors.services.events import Bus
from collectors.services.logs import TrailLogs
from roadmap.items.refinement.realtime import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.routes import CALLS, arn, bus, rule, rules
from tests.roadmap.items.subjects import (
    ACCOUNT,
    LOGS,
    MANAGEMENT,
    NOW,
    ORGANIZATION,
    SECURITY,
    attested,
    row,
    standalone,
)
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

Facts = dict[tuple[Any, ...], Any]
GLOBAL = tuple(call for call in CALLS if call.startswith(("iam ", "organizations ")))
REGIONAL = tuple(call for call in CALLS if call not in GLOBAL)
CENTRAL = Bus("central", organizations=(ORGANIZATION,))
CONSUMER = rule("all", *CALLS, on="central", account=SECURITY)
RECEIVING = rules(CONSUMER, buses=(CENTRAL,))
TRAIL = Trail("arn:trail", is_organization_trail=True, is_multi_region=True, is_logging=True)
STREAM = arn("kinesis", "stream/siem", MANAGEMENT)
STREAMED = TrailLogs(TRAIL.arn, True, log_group="arn:group", subscriptions=(STREAM,))


def forwarding(*calls: str, to: tuple[str, ...] = (bus(),), **more: Any) -> events.Rules:
    return rules(rule("forward", *(calls or CALLS), to=to, **more))


def seen(
    own: Any = None,
    *,
    central: Any = RECEIVING,
    trail: Trail = TRAIL,
    streamed: TrailLogs | None = None,
    more: Facts | None = None,
    **rest: Any,
) -> Subject:
    about = rest.pop("account", row())
    values = {
        **everywhere(about.account_id, events.rules, rules() if own is None else own),
        **everywhere(SECURITY, events.security_rules, central),
        **everywhere(LOGS, events.security_rules, rules()),
        (MANAGEMENT, cloudtrail.organization_trails): (trail,),
        (MANAGEMENT, logs.organization_trail_logs): (streamed,) if streamed else (),
    }
    return central_subject(values | (more or {}), account=about, **rest)


REACH = "events reach the security account"
SOME = "some events reach the security account"
LOCAL = "local targets only"
NONE = "no rule matches"
STAYS = {"realtime_not_central"}
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "forwarded to a central bus": (seen(forwarding()), Status.PASS, REACH, set()),
    "forwarded in a state that sees reads": (
        seen(forwarding(state=events.ALL_CALLS)),
        Status.PASS,
        REACH,
        set(),
    ),
    "to a function of the security account": (
        seen(forwarding(to=(arn("lambda", "function:look", SECURITY),))),
        Status.PASS,
        REACH,
        set(),
    ),
    "to a stream of the security account": (
        seen(forwarding(to=(arn("firehose", "deliverystream/siem", LOGS),))),
        Status.PASS,
        REACH,
        set(),
    ),
    "to a bus that admits the account": (
        seen(
            forwarding(),
            central=rules(CONSUMER, buses=(Bus("central", accounts=(ACCOUNT,)),)),
        ),
        Status.PASS,
        REACH,
        set(),
    ),
    "to something local besides": (
        seen(forwarding(to=(bus(), arn("sns", "alerts")))),
        Status.PASS,
        REACH,
        set(),
    ),
    "some of the events": (
        seen(forwarding("ec2 AuthorizeSecurityGroupIngress", "s3 PutBucketPolicy")),
        Status.PARTIAL,
        SOME,
        set(),
    ),
    "some taken up there": (
        seen(
            forwarding(),
            central=rules(replace(CONSUMER, matches=("s3 PutBucketPolicy",)), buses=(CENTRAL,)),
        ),
        Status.PARTIAL,
        SOME,
        set(),
    ),
    "to something local": (
        seen(forwarding(to=(arn("lambda", "function:look"),))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a topic of the security account": (
        seen(forwarding(to=(arn("sns", "alerts", SECURITY),))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a target nobody knows": (
        seen(forwarding(to=("tomorrow",))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a bus that nothing takes up": (
        seen(forwarding(), central=rules(buses=(CENTRAL,))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a bus whose rule has no target": (
        seen(forwarding(), central=rules(replace(CONSUMER, targets=()), buses=(CENTRAL,))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a bus of another account": (
        seen(forwarding(to=(bus(account="999999999999"),))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "to a bus that admits nobody": (
        seen(forwarding(), central=rules(CONSUMER, buses=(Bus("central"),))),
        Status.PARTIAL,
        "central bus does not admit the account",
        {"realtime_not_central", "realtime_bus_policy_missing"},
    ),
    "to a bus that is not there": (
        seen(forwarding(), central=rules()),
        Status.PARTIAL,
        "central bus does not admit the account",
        {"realtime_not_central", "realtime_bus_policy_missing"},
    ),
    "to a bus with conditions of its own": (
        seen(forwarding(), central=rules(CONSUMER, buses=(Bus("central", is_conditional=True),))),
        Status.PARTIAL,
        LOCAL,
        STAYS,
    ),
    "the trail's log group streamed": (
        seen(streamed=STREAMED),
        Status.PARTIAL,
        "subscription filter on the trail's log group",
        {"no_realtime_rule"},
    ),
    "a stopped trail's": (
        seen(streamed=STREAMED, trail=replace(TRAIL, is_logging=False)),
        Status.FAIL,
        NONE,
        {"no_realtime_rule"},
    ),
    "another trail's": (
        seen(streamed=replace(STREAMED, trail="arn:other")),
        Status.FAIL,
        NONE,
        {"no_realtime_rule"},
    ),
    "a rule without target": (
        seen(forwarding(to=())),
        Status.FAIL,
        NONE,
        {"no_realtime_rule"},
    ),
    "a rule under an exception": (
        seen(forwarding(), exceptions=[Excepted(item.key, "*:rule/forward")]),
        Status.FAIL,
        NONE,
        {"no_realtime_rule"},
    ),
    "nothing": (seen(), Status.FAIL, NONE, {"no_realtime_rule"}),
}


@pytest.mark.parametrize(("about", "status", "line", "codes"), CASES.values(), ids=CASES)
def test_rules_and_what_takes_events_up_decide(
    about: Subject, status: Status, line: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert verdict.status == status, verdict
    assert {part.rule for part in verdict.regions.values()} == {line}
    assert {problem.code for problem in verdict.problems} == codes


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


def test_global_services_count_where_their_events_appear() -> None:
    verdict = judge(seen(forwarding(*REGIONAL)))
    assert verdict.regions[OTHER].status == Status.PASS
    assert verdict.regions[HOME].status == Status.PARTIAL
    assert "iam CreateUser" in verdict.regions[HOME].sentence
    assert judge(seen(forwarding(*GLOBAL))).regions[OTHER].status == Status.FAIL


def test_the_share_that_passes_is_a_setting() -> None:
    regional = {"REALTIME_PASS_PCT": 60}
    assert judge(seen(forwarding(*REGIONAL), settings=regional)).status == Status.PASS
    exactly = {"REALTIME_SAMPLE_EVENTS": list(REGIONAL[:5]), "REALTIME_PASS_PCT": 80}
    assert judge(seen(forwarding(*REGIONAL[:4]), settings=exactly)).status == Status.PASS
    assert judge(seen(forwarding(*REGIONAL[:3]), settings=exactly)).status == Status.PARTIAL


def test_a_region_in_which_no_wanted_event_appears_does_not_count() -> None:
    wanted = {"REALTIME_SAMPLE_EVENTS": list(GLOBAL)}
    verdict = judge(seen(forwarding(), settings=wanted))
    assert verdict.status == Status.PASS
    assert verdict.regions[OTHER].rule == "no events to look for"


def test_an_event_that_was_never_tested_is_unknown() -> None:
    wanted = {"REALTIME_SAMPLE_EVENTS": ["ec2 RunInstances"]}
    verdict = judge(seen(forwarding(), settings=wanted))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


def test_each_region_needs_its_rule() -> None:
    verdict = judge(seen(more={(ACCOUNT, events.rules, HOME): forwarding()}))
    assert verdict.status == Status.PARTIAL
    assert [(p.code, p.region) for p in verdict.problems] == [("no_realtime_rule", OTHER)]


def test_the_security_account_watches_itself() -> None:
    own = forwarding(to=(arn("lambda", "function:look", SECURITY),))
    assert judge(seen(own, account=row(SECURITY))).status == Status.PASS


def test_the_evidence_keeps_how_far_each_event_gets() -> None:
    facts = judge(seen(forwarding("s3 PutBucketPolicy"))).facts["regions"][OTHER]
    assert facts["events"]["s3 PutBucketPolicy"] == "central"
    assert facts["events"]["kms ScheduleKeyDeletion"] == "none"
    (kept,) = facts["rules"].values()
    assert kept == {"state": "ENABLED", "targets": [bus()]}


def product(
    claim: str = "done",
    level: str = "account",
    *,
    days_left: int = 30,
    tested: int | None = 180,
    name: str = "Skylark",
) -> Attested:
    """``tested`` so many days ago."""
    day = "" if tested is None else f"{NOW - timedelta(days=tested):%Y-%m-%d}"
    return attested(item.key, claim, level, days_left=days_left, product=name, tested_on=day)


@pytest.mark.parametrize("own", [None, forwarding("s3 PutBucketPolicy"), Outcome.ACCESS_DENIED])
@pytest.mark.parametrize("level", ["account", "organization"])
def test_a_streaming_product_is_a_way_too(level: str, own: Any) -> None:
    verdict = judge(seen(own, attestations=[product(level=level)]))
    assert (verdict.status, verdict.source) == (Status.PASS, Source.ATTESTED)
    part = verdict.regions[HOME]
    assert (part.rule, part.source) == ("streaming product, attested", Source.ATTESTED)
    assert "Skylark watches the account and was tested on 2026-05-28" in verdict.sentence
    assert part.facts["answer"]["product"] == "Skylark"
    assert not verdict.problems


def test_rules_that_pass_need_nobody_to_say_so() -> None:
    verdict = judge(seen(forwarding(), attestations=[product()]))
    assert {part.rule for part in verdict.regions.values()} == {REACH}
    assert {part.source for part in verdict.regions.values()} == {Source.AUTOMATIC}
    assert verdict.source == Source.AUTOMATIC


NO_ANSWERS = {
    "expired": product(days_left=-1),
    "partly": product("partly"),
    "not done": product("not_done"),
    "tested too long ago": product(tested=181),
    "to be tested": product(tested=-1),
    "never tested": product(tested=None),
    "no product named": product(name=""),
}


@pytest.mark.parametrize("given", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_any_other_answer_changes_nothing(given: Attested) -> None:
    assert judge(seen(attestations=[given])).status == Status.FAIL
    unseen = judge(seen(Outcome.ACCESS_DENIED, attestations=[given]))
    assert (unseen.status, unseen.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_how_recent_the_test_must_be_is_a_setting() -> None:
    given = product(tested=181)
    patient = seen(attestations=[given], settings={"ALERT_TEST_DAYS": 181})
    assert judge(patient).status == Status.PASS


def test_a_call_that_reads_is_seen_by_rules_that_are_given_such_calls() -> None:
    call = "ec2 GetPasswordData"
    wanted = {"REALTIME_SAMPLE_EVENTS": [call]}

    def told(state: str) -> Subject:
        own = replace(forwarding(call, state=state), tested=(call,))
        central = replace(
            rules(rule("all", call, on="central", account=SECURITY), buses=(CENTRAL,)),
            tested=(call,),
        )
        return seen(own, central=central, settings=wanted)

    assert judge(told(events.ALL_CALLS)).status == Status.PASS
    assert judge(told("ENABLED")).status == Status.FAIL


UNSEEN: list[tuple[str, Collector[Any], tuple[str, ...]]] = [
    (ACCOUNT, events.rules, (HOME, OTHER)),
    (MANAGEMENT, cloudtrail.organization_trails, ("",)),
    (MANAGEMENT, logs.organization_trail_logs, ("",)),
]


@pytest.mark.parametrize(("owner", "collector", "regions"), UNSEEN, ids=str)
def test_what_nobody_saw_is_unknown(
    owner: str, collector: Collector[Any], regions: tuple[str, ...]
) -> None:
    more = {
        (owner, collector, *([region] if region else [])): Outcome.ACCESS_DENIED
        for region in regions
    }
    verdict = judge(seen(more=more))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_a_central_bus_that_nobody_looked_at_is_unknown_unless_more_is_reached() -> None:
    unseen = {(SECURITY, events.security_rules, HOME): Outcome.ACCESS_DENIED}
    assert judge(seen(forwarding(), more=unseen)).status == Status.UNKNOWN
    also = forwarding(to=(bus(), arn("kinesis", "stream/siem", SECURITY)))
    assert judge(seen(also, more=unseen)).status == Status.PASS


def test_outside_any_organization_no_trail_is_asked_for() -> None:
    assert judge(seen(account=standalone())).status == Status.FAIL


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
