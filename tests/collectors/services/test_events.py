"""Event buses, and which rules match the sample events, as EventBridge itself says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import events
from collectors.services.events import Bus, Rules
from collectors.services.events.samples import DENIED, Setting, event_of
from simulated_aws.event_patterns import InvalidPattern, matches, parse
from tests.collectors.services.canned import ACCOUNT, Refusal, collect, thinned

SETTINGS = {
    "GUARDDUTY_MIN_SEVERITY": 4,
    "REALTIME_SAMPLE_EVENTS": ["iam CreateUser", "ec2 AuthorizeSecurityGroupIngress"],
}
SEVERE = {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}
CALLS = {"detail-type": ["AWS API Call via CloudTrail"]}
OTHER = {"source": ["aws.autoscaling"]}
TOPIC = "arn:aws:sns:us-east-1:222222222222:alerts"
FUNCTION = "arn:aws:lambda:us-east-1:222222222222:function:forward"


def bus_arn(name: str) -> str:
    return f"arn:aws:events:us-east-1:222222222222:event-bus/{name}"


def rule(name: str, pattern: Any, state: str = "ENABLED", **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Arn": f"arn:aws:events:us-east-1:222222222222:rule/{name}",
        "State": state,
        "EventPattern": json.dumps(pattern),
        **more,
    }


def as_eventbridge(params: Mapping[str, Any]) -> Any:
    """As EventBridge answers."""
    try:
        pattern = parse(params["EventPattern"])
    except InvalidPattern:
        return Refusal("InvalidEventPatternException", Outcome.API_ERROR)
    return {"Result": matches(pattern, json.loads(params["Event"]))}


def answers(
    *rules: Mapping[str, Any],
    buses: Sequence[Mapping[str, Any]] = ({"Name": "default", "Arn": bus_arn("default")},),
    targets: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """``targets`` are ARNs by the name of the rule; rules without bus are on the default one."""
    found = targets or {}

    def on_bus(params: Mapping[str, Any]) -> Any:
        name = params["EventBusName"]
        return [
            {"Rules": [r for r in rules if r.get("EventBusName", "default") == name]},
            {"Rules": []},
        ]

    def of_rule(params: Mapping[str, Any]) -> Any:
        targets = [{"Id": f"t{arn[-3:]}", "Arn": arn} for arn in found.get(params["Rule"], ())]
        return {"Targets": targets} if targets else {}

    return {
        "list_event_buses": {"EventBuses": list(buses)},
        "list_rules": on_bus,
        "list_targets_by_rule": of_rule,
        "test_event_pattern": as_eventbridge,
        **more,
    }


def seen(
    answered: Any,
    collector: Collector[Rules] = events.rules,
    asked: list[tuple[str, dict[str, Any]]] | None = None,
    **more: Any,
) -> Rules:
    found: Rules = collect(
        collector, answered, account_id=ACCOUNT, settings=SETTINGS, asked=asked, **more
    )
    return found


def names(rules: Sequence[events.Rule]) -> list[str]:
    return [one.name for one in rules]


def test_a_rule_is_kept_with_what_it_matches_and_where_it_sends_it() -> None:
    found = seen(
        answers(
            rule("severe", SEVERE), rule("scaling", OTHER), targets={"severe": [TOPIC, FUNCTION]}
        )
    )
    (kept,) = found.rules
    assert (kept.name, kept.bus, kept.state) == ("severe", "default", "ENABLED")
    assert kept.targets == (FUNCTION, TOPIC)
    assert kept.matches == ("guardduty 8",)
    assert json.loads(kept.pattern) == SEVERE
    assert found.rule_count == 2
    assert found.tested == (
        "guardduty 8",
        "guardduty 4",
        "denied iam",
        "denied ec2",
        "iam CreateUser",
        "ec2 AuthorizeSecurityGroupIngress",
    )


def test_disabled_rules_rules_of_tomorrow_and_schedules_do_not_count() -> None:
    scheduled = {"Name": "nightly", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}
    found = seen(
        answers(
            rule("off", SEVERE, "DISABLED"),
            rule("odd", SEVERE, "ENABLED_TOMORROW"),
            rule("all", SEVERE, events.ALL_CALLS),
            scheduled,
        )
    )
    assert names(found.rules) == ["all"]
    assert found.rule_count == 1
    assert found.rules[0].sees_reads


def test_a_rule_without_targets_is_kept_without_targets() -> None:
    assert seen(answers(rule("severe", SEVERE))).rules[0].targets == ()


def test_a_rule_that_goes_away_meanwhile_is_left_out() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    found = seen(answers(rule("severe", SEVERE), list_targets_by_rule=gone))
    assert found.rules == ()


def test_rules_of_every_bus_are_read() -> None:
    found = seen(
        answers(
            rule("central", CALLS, EventBusName="security"),
            buses=[{"Name": "default"}, {"Name": "security", "Arn": bus_arn("security")}],
        )
    )
    assert names(found.of("iam CreateUser", ACCOUNT, "security")) == ["central"]
    assert found.of("iam CreateUser", ACCOUNT) == ()


def counted(asked: Sequence[tuple[str, dict[str, Any]]]) -> int:
    return Counter(name for name, _ in asked)["test_event_pattern"]


def test_many_rules_that_match_nothing_take_one_call_a_sample() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    rules = [rule(f"r{at}", {"source": [f"aws.service{at}"]}) for at in range(20)]
    found = seen(answers(*rules), asked=asked)
    assert found.rules == ()
    assert counted(asked) == len(found.tested)


def test_a_pattern_that_many_rules_share_is_tested_once() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    found = seen(answers(*(rule(f"r{at}", CALLS) for at in range(5))), asked=asked)
    assert len(found.rules) == 5
    assert counted(asked) == len(found.tested)


def test_without_rules_nothing_is_tested() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    seen(answers(), asked=asked)
    assert counted(asked) == 0


@given(st.sets(st.integers(0, 30)))
def test_the_right_ones_are_found_among_many(severe: set[int]) -> None:
    rules = [
        rule(f"r{at}", {**(SEVERE if at in severe else OTHER), "region": ["us-east-1", str(at)]})
        for at in range(31)
    ]
    found = seen(answers(*rules), is_checked=False)
    assert set(names(found.of("guardduty 8", ACCOUNT))) == {f"r{at}" for at in severe}


def test_patterns_too_long_to_be_joined_are_tested_apart() -> None:
    long = [{**SEVERE, "id": [{"anything-but": "x" * 3000 + str(at)}]} for at in range(3)]
    asked: list[tuple[str, dict[str, Any]]] = []
    found = seen(answers(*(rule(f"r{at}", p) for at, p in enumerate(long))), asked=asked)
    assert len(found.of("guardduty 8", ACCOUNT)) == 3
    assert all(len(p["EventPattern"]) <= 4096 for name, p in asked if name == "test_event_pattern")


def test_patterns_too_complex_together_are_tested_apart() -> None:
    def too_complex(params: Mapping[str, Any]) -> Any:
        if "$or" in params["EventPattern"]:
            return Refusal("InvalidEventPatternException", Outcome.API_ERROR)
        return as_eventbridge(params)

    found = seen(
        answers(rule("a", SEVERE), rule("b", OTHER), test_event_pattern=too_complex),
    )
    assert names(found.rules) == ["a"]


@pytest.mark.parametrize(
    "operation",
    ["list_event_buses", "list_rules", "list_targets_by_rule", "test_event_pattern"],
)
def test_being_denied_is_not_being_without_rules(operation: str) -> None:
    with pytest.raises(Missing) as missing:
        seen(answers(rule("severe", SEVERE)) | {operation: Refusal()})
    assert missing.value.outcome == Outcome.ACCESS_DENIED


def test_calls_of_global_services_are_tested_where_they_appear() -> None:
    setting = ["us-east-1", "eu-west-1"]
    assert [events.arises_in("iam CreateUser", region, "aws") for region in setting] == [
        True,
        False,
    ]
    assert events.arises_in("ec2 RunInstances", "eu-west-1", "aws")
    assert events.arises_in("iam CreateUser", "us-gov-west-1", "aws-us-gov")


SECURITY_ANSWERS: dict[str, Any] = {
    "list_subscriptions_by_topic": {
        "Subscriptions": [
            {"SubscriptionArn": f"{TOPIC}:1", "Protocol": "email", "Endpoint": "a@example.com"},
            {"SubscriptionArn": f"{TOPIC}:2", "Protocol": "email", "Endpoint": "b@example.com"},
            {"SubscriptionArn": "PendingConfirmation", "Protocol": "sms", "Endpoint": "+1"},
            {
                "SubscriptionArn": f"{TOPIC}:3",
                "Protocol": "https",
                "Endpoint": "https://global.sns-api.chatbot.amazonaws.com",
            },
            {
                "SubscriptionArn": f"{TOPIC}:4",
                "Protocol": "https",
                "Endpoint": "https://hooks.example.com/chatbot.amazonaws.com",
            },
        ]
    }
}


def test_a_topic_is_kept_as_protocols_without_addresses() -> None:
    found = seen(
        answers(rule("severe", SEVERE), targets={"severe": [TOPIC]}, **SECURITY_ANSWERS),
        events.security_rules,
    )
    assert found.topics == {TOPIC: {"chat": 1, "email": 2, "https": 1}}
    assert "example.com" not in repr(found)


@pytest.mark.parametrize(
    ("refusal", "told"),
    [(Refusal("NotFound", Outcome.API_ERROR), {}), (Refusal("AuthorizationError"), None)],
    ids=["gone", "another account's"],
)
def test_a_topic_that_does_not_answer(refusal: Refusal, told: Any) -> None:
    found = seen(
        answers(
            rule("severe", SEVERE),
            targets={"severe": [TOPIC]},
            list_subscriptions_by_topic=refusal,
        ),
        events.security_rules,
    )
    assert found.topics == {TOPIC: told}


def test_security_accounts_test_findings_of_all_services() -> None:
    found = seen(answers(), events.security_rules)
    wanted = {"guardduty 8", "guardduty 4", "securityhub 8", "securityhub 4"}
    assert wanted | {events.ACCESS_ANALYZER, "iam CreateUser"} <= set(found.tested)


def test_a_rule_for_some_accounts_is_told_apart_by_account() -> None:
    mine, others = "444444444444", "555555555555"
    only = {**SEVERE, "account": [mine]}
    besides = {**SEVERE, "detail": {"accountId": [{"anything-but": mine}]}}
    found = seen(
        answers(rule("only", only), rule("besides", besides), rule("everybody", SEVERE)),
        events.security_rules,
    )
    assert names(found.of("guardduty 8", mine)) == ["only", "everybody"]
    assert names(found.of("guardduty 8", others)) == ["besides", "everybody"]
    assert found.of("guardduty 8", mine)[1].matches_of == {}


def policy(principal: Any, condition: Any = None, action: Any = "events:PutEvents") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Statement": [statement]})


ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
BUS_POLICIES = {
    "no policy": ("", Bus("b")),
    "everybody": (policy("*"), Bus("b", accounts=("*",))),
    "everybody of AWS": (policy({"AWS": "*"}), Bus("b", accounts=("*",))),
    "an account": (policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), Bus("b", accounts=(ACCOUNT,))),
    "an account's id": (policy({"AWS": [ACCOUNT]}), Bus("b", accounts=(ACCOUNT,))),
    "the organization": (policy("*", ORGANIZATION), Bus("b", organizations=("o-a1b2c3d4e5",))),
    "all of its paths": (
        policy("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/*"]}}),
        Bus("b", organizations=("o-a1b2c3d4e5",)),
    ),
    "one of its units": (
        policy("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2/r-1/ou-1/*"]}}),
        Bus("b", is_conditional=True),
    ),
    "the organization and more": (
        policy("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1", "events:source": "aws.iam"}}),
        Bus("b", is_conditional=True),
    ),
    "not the organization": (
        policy("*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
        Bus("b", is_conditional=True),
    ),
    "another action": (policy("*", None, "events:PutRule"), Bus("b")),
    "every action": (policy("*", None, ["events:*"]), Bus("b", accounts=("*",))),
    "no JSON": ("{", Bus("b")),
    "no object": ("[]", Bus("b")),
}


@pytest.mark.parametrize(("text", "bus"), BUS_POLICIES.values(), ids=BUS_POLICIES)
def test_a_bus_says_whom_it_lets_in(text: str, bus: Bus) -> None:
    described = {"Name": "b", **({"Policy": text} if text else {})}
    assert seen(answers(buses=[described])).buses == (bus,)


def test_a_bus_admits_those_its_policy_names() -> None:
    assert Bus("b", accounts=(ACCOUNT,)).admits(ACCOUNT, "")
    assert Bus("b", organizations=("o-1",)).admits(ACCOUNT, "o-1")
    assert Bus("b", accounts=("*",)).admits(ACCOUNT, "")
    assert not Bus("b", organizations=("o-1",)).admits(ACCOUNT, "o-2")
    assert not Bus("b").admits(ACCOUNT, "")


WHOLE = {
    "list_event_buses": {"EventBuses": [{"Name": "default", "Policy": policy("*", ORGANIZATION)}]},
    "list_rules": {"Rules": [rule("severe", SEVERE)]},
    "list_targets_by_rule": {"Targets": [{"Id": "1", "Arn": TOPIC}]},
    "test_event_pattern": {"Result": True},
    "list_subscriptions_by_topic": SECURITY_ANSWERS["list_subscriptions_by_topic"],
}


@pytest.mark.parametrize("collector", [events.rules, events.security_rules], ids=str)
@given(data=st.data())
def test_answers_with_fields_missing_match_nothing_they_do_not_say(
    collector: Collector[Rules], data: Any
) -> None:
    answered = data.draw(thinned(WHOLE))
    found = seen(answered, collector, is_checked=False)
    if found.rules:
        (told,) = answered["list_rules"]["Rules"]
        assert told["State"] == "ENABLED"
        assert told["Name"]
        assert told["EventPattern"]
        assert answered["test_event_pattern"] == {"Result": True}


SAMPLES = ["guardduty 8", "guardduty 4.5", "access-analyzer", "securityhub 8", *DENIED]
SAMPLES += ["iam CreateUser", "signin ConsoleLogin"]
MANDATORY = {"id", "account", "source", "time", "region", "resources", "detail-type", "detail"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_whole_event_about_the_account(name: str) -> None:
    setting = Setting(ACCOUNT, "eu-west-1", "aws", datetime(2026, 11, 24, 9, tzinfo=UTC))
    event = event_of(name, setting)
    assert event.keys() >= MANDATORY
    assert (event["account"], event["region"]) == (ACCOUNT, "eu-west-1")
    assert event["time"] == "2026-11-24T09:00:00Z"
    json.dumps(event)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("guardduty 8", {"source": ["aws.guardduty"], "detail": {"severity": [8]}}),
        ("guardduty 4.5", {"detail": {"severity": [4.5], "accountId": [ACCOUNT]}}),
        ("access-analyzer", {"detail-type": ["Access Analyzer Finding"]}),
        (
            "securityhub 8",
            {
                "source": ["aws.securityhub"],
                "detail-type": ["Security Hub Findings - Imported"],
                "detail": {
                    "findings": {
                        "ProductName": ["GuardDuty"],
                        "Severity": {"Label": ["HIGH", "CRITICAL"]},
                        "Workflow": {"Status": ["NEW"]},
                    }
                },
            },
        ),
        ("securityhub 4", {"detail": {"findings": {"Severity": {"Label": ["MEDIUM"]}}}}),
        ("securityhub 9", {"detail": {"findings": {"Severity": {"Normalized": [90]}}}}),
        ("securityhub 3.9", {"detail": {"findings": {"Severity": {"Label": ["LOW"]}}}}),
        ("denied iam", {"detail": {"errorCode": [{"prefix": "AccessDenied"}]}}),
        ("denied ec2", {"detail": {"errorCode": [{"suffix": "UnauthorizedOperation"}]}}),
        (
            "iam CreateUser",
            {
                "source": ["aws.iam"],
                "detail": {"eventSource": ["iam.amazonaws.com"], "eventName": ["CreateUser"]},
            },
        ),
        (
            "signin ConsoleLogin",
            {
                "detail-type": ["AWS Console Sign In via CloudTrail"],
                "detail": {"eventName": ["ConsoleLogin"]},
            },
        ),
    ],
)
def test_samples_match_the_patterns_of_aws_examples(name: str, pattern: Any) -> None:
    setting = Setting(ACCOUNT, "eu-west-1", "aws", datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert matches(parse(json.dumps(pattern)), event_of(name, setting))
