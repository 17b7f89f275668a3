"""Findings become tickets: by a route that is seen, and by somebody's word that it works."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.registry import Collector
from collectors.services import events, securityhub
from collectors.services.events import Bus
from collectors.services.securityhub import Connector
from roadmap.items.detection.ticketing import item, judge
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Reason, Source, Status
from tests.roadmap.items.detection.routes import IMPORTED, SEVERE, TOPIC, arn, bus, rule, rules
from tests.roadmap.items.subjects import ACCOUNT, LOGS, MANAGEMENT, SECURITY, attested, row
from tests.roadmap.items.visibility.central import HOME, OTHER, central_subject, everywhere

Facts = dict[tuple[Any, ...], Any]
JIRA = Connector("arn:jira", "jira", "JIRA_CLOUD", "CONNECTED", ("to-jira",))
API = arn("events", "api-destination/tickets/1", SECURITY)
QUEUE = arn("sqs", "tickets", SECURITY)
STEPS = arn("states", "stateMachine:tickets", SECURITY)
LAMBDA = arn("lambda", "function:tickets", SECURITY)
STREAM = arn("kinesis", "stream/siem", SECURITY)


def answer(claim: str = "done", kind: str = "eventbridge", days_left: int = 30) -> list[Attested]:
    details = {"kind": kind} if kind else {}
    return [
        attested(item.key, claim, "organization", days_left=days_left, system="Jira", **details)
    ]


def seen(
    central: Any = None,
    *connectors: Connector,
    given: list[Attested] | None = None,
    more: Facts | None = None,
    **rest: Any,
) -> Subject:
    """What the security account has in one of its Regions; in all others there is nothing."""
    values = {
        **everywhere(SECURITY, events.security_rules, rules()),
        **everywhere(LOGS, events.security_rules, rules()),
        **everywhere(SECURITY, securityhub.connectors, ()),
        **everywhere(LOGS, securityhub.connectors, ()),
        (SECURITY, events.security_rules, HOME): rules() if central is None else central,
        (SECURITY, securityhub.connectors, HOME): connectors,
    }
    return central_subject(
        values | (more or {}), account=row(MANAGEMENT), attestations=given or [], **rest
    )


def to(*targets: str, **more: Any) -> events.Rules:
    return rules(rule("findings", SEVERE, to=targets, account=SECURITY), **more)


def topic(**protocols: int) -> events.Rules:
    return to(TOPIC, topics={TOPIC: protocols})


def passed_on(*to_people: str) -> events.Rules:
    return rules(
        rule("forward", events.ACCESS_ANALYZER, to=(bus(),)),
        rule("all", events.ACCESS_ANALYZER, to=to_people, on="central"),
        buses=(Bus("central"),),
    )


def on_a_bus(where: Bus) -> events.Rules:
    return rules(rule("all", SEVERE, to=(QUEUE,), on="central"), buses=(where,))


NO_ROUTE = {"no_alert_route"}
CASES: dict[str, tuple[Subject, Status, str, set[str]]] = {
    "a connector": (seen(None, JIRA), Status.PASS, "connector with an automation rule", set()),
    "a connector to ServiceNow": (
        seen(None, replace(JIRA, provider="SERVICENOW"), given=answer("not_done")),
        Status.PASS,
        "connector with an automation rule",
        set(),
    ),
    "an API destination": (
        seen(to(API), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a function": (seen(to(LAMBDA), given=answer()), Status.PASS, "ticket route, attested", set()),
    "a queue": (seen(to(QUEUE), given=answer()), Status.PASS, "ticket route, attested", set()),
    "a workflow": (seen(to(STEPS), given=answer()), Status.PASS, "ticket route, attested", set()),
    "a topic with a system behind it": (
        seen(topic(email=2, https=1), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a bus and a rule there": (
        seen(passed_on(QUEUE), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a rule for some accounts": (
        seen(rules(rule("some", matches_of={"9": (SEVERE,)}, to=(QUEUE,))), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a system that fetches findings": (
        seen(given=answer(kind="siem_pull")),
        Status.PASS,
        "findings pulled, attested",
        set(),
    ),
    "a route that nobody vouches for": (
        seen(to(QUEUE)),
        Status.PARTIAL,
        "ticket route without valid attestation",
        set(),
    ),
    "a route and an expired answer": (
        seen(to(QUEUE), given=answer(days_left=-1)),
        Status.PARTIAL,
        "ticket route without valid attestation",
        set(),
    ),
    "a route that somebody denies": (
        seen(to(QUEUE), given=answer("not_done")),
        Status.PARTIAL,
        "ticket route without valid attestation",
        set(),
    ),
    "messages to people": (
        seen(topic(email=2, chat=1, sms=1), given=answer()),
        Status.PARTIAL,
        "notify routes only",
        {"notify_only"},
    ),
    "a stream": (
        seen(to(STREAM), given=answer()),
        Status.PARTIAL,
        "route not known to open tickets",
        set(),
    ),
    "a topic that only a stream subscribes to": (
        seen(topic(firehose=1), given=answer()),
        Status.PARTIAL,
        "route not known to open tickets",
        set(),
    ),
    "a topic with subscribers of tomorrow": (
        seen(topic(email=1, tomorrow=1), given=answer()),
        Status.PARTIAL,
        "route not known to open tickets",
        set(),
    ),
    "a topic that does not answer": (
        seen(to(TOPIC, topics={TOPIC: None}), given=answer()),
        Status.PARTIAL,
        "route to a topic that could not be read",
        set(),
    ),
    "a rule on a bus to which members send": (
        seen(on_a_bus(Bus("central", accounts=(ACCOUNT,))), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a rule on a bus to which the organization sends": (
        seen(on_a_bus(Bus("central", organizations=("o-a1b2c3d4e5",))), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a rule on a bus to which others send under conditions": (
        seen(on_a_bus(Bus("central", is_conditional=True)), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "a rule on a bus to which only the account itself sends": (
        seen(on_a_bus(Bus("central", bus(), accounts=(SECURITY,)))),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "an imported finding": (
        seen(rules(rule("hub", IMPORTED, to=(QUEUE,))), given=answer()),
        Status.PASS,
        "ticket route, attested",
        set(),
    ),
    "an attested rule that is not there": (
        seen(given=answer()),
        Status.PARTIAL,
        "attested route not seen",
        {"route_not_found"},
    ),
    "an attested connector that is not there": (
        seen(given=answer(kind="connector")),
        Status.PARTIAL,
        "attested route not seen",
        {"route_not_found"},
    ),
    "an answer without its kind": (
        seen(given=answer(kind="")),
        Status.PARTIAL,
        "attested route not seen",
        {"route_not_found"},
    ),
    "a system that fetches part": (
        seen(given=answer("partly", "siem_pull")),
        Status.PARTIAL,
        "findings pulled, attested in part",
        set(),
    ),
    "attested as not done": (
        seen(given=answer("not_done")),
        Status.FAIL,
        "attested as not done",
        NO_ROUTE,
    ),
    "nothing": (seen(), Status.UNKNOWN, "not attested", NO_ROUTE),
    "nothing, and an expired answer": (
        seen(given=answer(days_left=-1)),
        Status.UNKNOWN,
        "attestation expired",
        NO_ROUTE,
    ),
    "a rule without target": (
        seen(to()),
        Status.UNKNOWN,
        "not attested",
        {"rule_without_target", "no_alert_route"},
    ),
    "a topic without subscribers": (
        seen(topic()),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a bus that nothing listens to": (
        seen(rules(rule("forward", SEVERE, to=(bus(),)), buses=(Bus("central"),))),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a rule about calls": (
        seen(rules(rule("calls", "iam CreateUser", to=(QUEUE,)))),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a rule about calls without target": (
        seen(rules(rule("calls", "iam CreateUser", to=()))),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a rule on a bus that is not listed": (
        seen(rules(rule("all", SEVERE, to=(QUEUE,), on="gone"))),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a connector without a rule": (
        seen(None, replace(JIRA, rules=())),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a connector that is not connected": (
        seen(None, replace(JIRA, status="PENDING_AUTHORIZATION")),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a connector to a cloud": (
        seen(None, replace(JIRA, provider="AZURE")),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a connector of tomorrow": (
        seen(None, replace(JIRA, provider="TOMORROW")),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
    "a route under an exception": (
        seen(to(QUEUE), exceptions=[Excepted(item.key, "*:rule/findings")]),
        Status.UNKNOWN,
        "not attested",
        NO_ROUTE,
    ),
}


@pytest.mark.parametrize(("about", "status", "line", "codes"), CASES.values(), ids=CASES)
def test_routes_and_answers_decide(
    about: Subject, status: Status, line: str, codes: set[str]
) -> None:
    verdict = judge(about)
    assert (verdict.status, verdict.rule) == (status, line)
    assert {problem.code for problem in verdict.problems} == codes
    assert all(problem.organization for problem in verdict.problems)


def test_every_declared_finding_occurs() -> None:
    assert set(item.findings) == set().union(*(codes for *_, codes in CASES.values()))


@pytest.mark.parametrize(
    ("days_left", "reason"),
    [(None, Reason.NOT_ATTESTED), (-1, Reason.ATTESTATION_EXPIRED)],
)
def test_without_a_route_somebody_has_to_say(days_left: int | None, reason: Reason) -> None:
    given = [] if days_left is None else answer(days_left=days_left)
    assert judge(seen(given=given)).reason == reason


def test_the_sentence_names_the_rule_and_the_ticket_system() -> None:
    sentence = judge(seen(to(QUEUE), given=answer())).sentence
    assert "Rule findings of 333333333333 (Audit) in us-east-1" in sentence
    assert "Jira" in sentence


SAID = {
    "nobody": ([], "nobody has said that a test finding did"),
    "expired": (answer(days_left=-1), "the answer of somebody that a test finding did has expired"),
    "in part": (answer("partly"), "somebody says that alerts become tickets in part"),
    "not done": (answer("not_done"), "somebody says that none becomes one"),
}


@pytest.mark.parametrize(("given", "said"), SAID.values(), ids=SAID)
def test_of_a_route_the_sentence_says_what_was_answered(given: list[Attested], said: str) -> None:
    verdict = judge(seen(to(QUEUE), given=given))
    assert verdict.rule == "ticket route without valid attestation"
    assert verdict.sentence.endswith(f"may open tickets; {said}.")


def test_a_topic_that_could_not_be_read_is_named_and_may_only_notify() -> None:
    verdict = judge(seen(to(TOPIC, topics={TOPIC: None}), given=answer()))
    assert TOPIC in verdict.sentence
    assert verdict.incomplete


def test_without_a_security_account_nobody_looked() -> None:
    about = seen()
    nobody = replace(about.facts.organization, security_account_ids=())
    verdict = judge(replace(about, facts=nobody.of(MANAGEMENT)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
    assert verdict.problems == []
    assert "SECURITY_ACCOUNTS" in verdict.sentence


def test_what_only_a_person_says_is_attested() -> None:
    assert judge(seen(given=answer(kind="siem_pull"))).source == Source.ATTESTED


def test_the_evidence_keeps_routes_and_counts_of_subscribers() -> None:
    facts = judge(seen(topic(email=2, https=1), given=answer())).facts
    assert facts["topics"] == {TOPIC: {"email": 2, "https": 1}}
    (route,) = facts["routes"]
    assert (route["state"], route["targets"], route["matches"]) == (
        "ENABLED",
        [TOPIC],
        [SEVERE],
    )


KINDS = [events.security_rules, securityhub.connectors]


@pytest.mark.parametrize("collector", KINDS, ids=str)
def test_what_nobody_saw_is_unknown(collector: Collector[Any]) -> None:
    unseen = {(LOGS, collector, OTHER): Outcome.ACCESS_DENIED}
    for given in ([], answer(), answer("not_done")):
        verdict = judge(seen(more=unseen, given=given))
        assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.ACCESS_DENIED)


def test_what_is_seen_stands_though_more_is_unseen() -> None:
    unseen = {(LOGS, events.security_rules, OTHER): Outcome.ACCESS_DENIED}
    verdict = judge(seen(to(QUEUE), given=answer(), more=unseen))
    assert (verdict.status, verdict.incomplete) == (Status.PASS, True)
    verdict = judge(seen(to(QUEUE), more=unseen))
    assert (verdict.status, verdict.incomplete) == (Status.PARTIAL, True)


def test_a_bus_that_nobody_looked_at_is_unknown() -> None:
    elsewhere = rules(rule("forward", SEVERE, to=(bus(account="999999999999"),)))
    verdict = judge(seen(elsewhere))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)


@pytest.mark.parametrize("outcome", [Outcome.SERVICE_UNAVAILABLE, Outcome.REGION_BLOCKED])
def test_a_region_without_the_service_hides_nothing(outcome: Outcome) -> None:
    verdict = judge(seen(more={(SECURITY, securityhub.connectors, OTHER): outcome}))
    assert verdict.reason == Reason.NOT_ATTESTED


def test_nothing_collected_is_unknown() -> None:
    verdict = judge(central_subject({}, account=row(MANAGEMENT)))
    assert (verdict.status, verdict.reason) == (Status.UNKNOWN, Reason.NEVER_COLLECTED)
