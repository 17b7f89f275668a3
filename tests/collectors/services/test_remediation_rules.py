"""EventBridge rules whose targets repair things, and Security Hub's rules that change findings."""

from typing import Any

import pytest
from hypothesis import given

from collectors.outcomes import Missing, Outcome
from collectors.services.events import RemediationRule, RemediationRules, remediation_rules
from collectors.services.securityhub import automation_rules
from tests.collectors.services.canned import Refusal, by, collect, thinned

PATTERN = "arn:aws:lambda:*:function:repair-*"
SETTINGS = {"REMEDIATION_TARGET_PATTERNS": [PATTERN]}
REPAIR = "arn:aws:lambda:eu-west-1:222222222222:function:repair-groups"
MAILER = "arn:aws:lambda:eu-west-1:222222222222:function:mailer"


def rule(name: str, state: str = "ENABLED", **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Arn": f"arn:rule/{name}",
        "State": state,
        "EventPattern": '{"source": ["aws.config"]}',
        **more,
    }


ANSWERS = {
    "list_event_buses": {"EventBuses": [{"Name": "default"}, {"Name": "security"}]},
    "list_rules": by(
        "EventBusName",
        {
            "default": [{"Rules": [rule("repair")]}, {"Rules": [rule("mail")]}],
            "security": {"Rules": [rule("all", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")]},
        },
    ),
    "list_targets_by_rule": by(
        "Rule",
        {
            "repair": {"Targets": [{"Id": "1", "Arn": REPAIR}, {"Id": "2", "Arn": MAILER}]},
            "mail": {"Targets": [{"Id": "1", "Arn": MAILER}]},
            "all": {"Targets": [{"Id": "1", "Arn": REPAIR}]},
        },
    ),
}


def test_it_keeps_rules_with_declared_targets_of_all_buses() -> None:
    assert collect(remediation_rules, ANSWERS, settings=SETTINGS) == RemediationRules(
        (PATTERN,),
        (
            RemediationRule("repair", "arn:rule/repair", "default", (REPAIR,)),
            RemediationRule("all", "arn:rule/all", "security", (REPAIR,)),
        ),
    )


def test_without_declared_targets_nothing_is_asked() -> None:
    asked: list[Any] = []
    nothing: Any = {"REMEDIATION_TARGET_PATTERNS": []}
    assert collect(remediation_rules, {}, settings=nothing, asked=asked) == RemediationRules()
    assert asked == []


OFF = {
    "disabled": rule("repair", "DISABLED"),
    "in a state nobody knows": rule("repair", "TOMORROW"),
    "on a schedule": {
        **{key: value for key, value in rule("repair").items() if key != "EventPattern"},
        "ScheduleExpression": "rate(1 day)",
    },
}


@pytest.mark.parametrize("found", OFF.values(), ids=OFF)
def test_rules_that_wait_for_no_event_do_not_count(found: dict[str, Any]) -> None:
    answers = {**ANSWERS, "list_rules": {"Rules": [found]}}
    assert collect(remediation_rules, answers, settings=SETTINGS, is_checked=False).rules == ()


def test_a_rule_that_is_gone_has_no_target() -> None:
    gone = Refusal("ResourceNotFoundException", Outcome.API_ERROR)
    for operation in ("list_rules", "list_targets_by_rule"):
        answers = {**ANSWERS, operation: gone}
        assert collect(remediation_rules, answers, settings=SETTINGS).rules == ()


@pytest.mark.parametrize("operation", list(ANSWERS))
def test_being_denied_is_not_having_none(operation: str) -> None:
    with pytest.raises(Missing):
        collect(remediation_rules, {**ANSWERS, operation: Refusal()}, settings=SETTINGS)


@given(thinned({"rule": rule("repair"), "target": {"Id": "1", "Arn": REPAIR}}))
def test_a_rule_counts_only_if_it_is_on_and_named(told: Any) -> None:
    one = told.get("rule", {})
    answers = {
        "list_event_buses": {"EventBuses": [{"Name": "default"}]},
        "list_rules": {"Rules": [one]},
        "list_targets_by_rule": {"Targets": [told.get("target", {})]},
    }
    for found in collect(remediation_rules, answers, settings=SETTINGS, is_checked=False).rules:
        assert (one["State"], found.targets) == ("ENABLED", (REPAIR,))


def changing(name: str, status: str = "ENABLED") -> dict[str, Any]:
    return {"RuleName": name, "RuleStatus": status, "RuleArn": f"arn:{name}"}


def test_it_names_the_enabled_rules_that_change_findings() -> None:
    pages = [
        {"AutomationRulesMetadata": [changing("suppress"), changing("old", "DISABLED")]},
        {"AutomationRulesMetadata": [changing("raise")]},
    ]
    assert collect(automation_rules, {"list_automation_rules": pages}) == ("raise", "suppress")


def test_security_hub_that_is_off_changes_nothing() -> None:
    off = Refusal("InvalidAccessException", Outcome.API_ERROR)
    assert collect(automation_rules, {"list_automation_rules": off}) == ()


@given(thinned({"list_automation_rules": [{"AutomationRulesMetadata": [changing("raise")]}]}))
def test_a_rule_changes_findings_only_if_it_says_that_it_is_on(answers: Any) -> None:
    (told,) = answers["list_automation_rules"][0]["AutomationRulesMetadata"]
    if collect(automation_rules, answers, is_checked=False):
        assert told["RuleStatus"] == "ENABLED"
