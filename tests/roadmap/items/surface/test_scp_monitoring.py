"""The parts that carry alerts cannot be changed."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.outcomes import Outcome
from collectors.services import events, logs
from collectors.services.events import Rule, Rules
from collectors.services.logs import TrailLogs
from roadmap.items.surface.scp_monitoring import KINDS, judge
from roadmap.verdicts import Reason, Status
from tests.roadmap.items.subjects import ACCOUNT, REGIONS, SECURITY, codes
from tests.roadmap.items.surface.guardrails import deny, guarded, in_regions

NOTHING = {**in_regions(events.rules, Rules()), **in_regions(logs.trail_logs, ())}
RULE = "arn:{p}:events:{r}:{a}:rule/soc-*"
TOPIC = "arn:{p}:sns:{r}:{a}:soc-alerts"
NAMED: dict[str, Any] = {"Resource": ["arn:aws:events:*:*:rule/soc-*"]}


def judged(*statements: Any, resources: Any = (), facts: Any = NOTHING) -> Any:
    settings = {
        "MONITORING_RESOURCES": list(resources),
        "SECURITY_ACCOUNTS": {SECURITY: ["tooling"]},
    }
    return judge(guarded(*statements, facts=facts, settings=settings))


CASES: dict[str, tuple[list[Any], list[str], Status, str]] = {
    "all of them": (
        [deny("events:*", "sns:*")],
        [RULE, TOPIC],
        Status.PASS,
        "all resources denied",
    ),
    "the one by name": ([deny("events:*", **NAMED)], [RULE], Status.PASS, "all resources denied"),
    "a log group as AWS writes it": (
        [deny("logs:*", Resource="arn:aws:logs:*:*:log-group:soc:*")],
        ["arn:{p}:logs:{r}:{a}:log-group:soc"],
        Status.PASS,
        "all resources denied",
    ),
    "a log group set as AWS writes it": (
        [deny("logs:*", Resource="arn:aws:logs:*:*:log-group:soc")],
        ["arn:{p}:logs:{r}:{a}:log-group:soc:*"],
        Status.PASS,
        "all resources denied",
    ),
    "another log group": (
        [deny("logs:*", Resource="arn:aws:logs:*:*:log-group:soc-2:*")],
        ["arn:{p}:logs:{r}:{a}:log-group:soc"],
        Status.FAIL,
        "resources not denied",
    ),
    "one of two": ([deny("events:*")], [RULE, TOPIC], Status.PARTIAL, "some resources denied"),
    "half of the requests": (
        [deny("events:DeleteRule", "events:DisableRule", "events:RemoveTargets")],
        [RULE],
        Status.PARTIAL,
        "half of the requests denied",
    ),
    "a request": ([deny("events:DeleteRule")], [RULE], Status.FAIL, "resources not denied"),
    "nothing": ([], [RULE], Status.FAIL, "resources not denied"),
    "a bus needs its permissions too": (
        [deny("events:DeleteEventBus")],
        ["arn:{p}:events:{r}:{a}:event-bus/soc"],
        Status.PARTIAL,
        "half of the requests denied",
    ),
}


@pytest.mark.parametrize(("statements", "resources", "status", "rule"), CASES.values(), ids=CASES)
def test_the_parts_of_the_pipeline_decide(
    statements: list[Any], resources: list[str], status: Status, rule: str
) -> None:
    verdict = judged(*statements, resources=resources)
    assert (verdict.status, verdict.rule) == (status, rule)
    gap = {
        Status.PASS: set(),
        Status.PARTIAL: {"guardrail_gap"},
        Status.FAIL: {"guardrail_missing"},
    }
    assert codes(verdict) == gap[status]


EXAMPLES = [
    RULE,
    "arn:{p}:events:{r}:{a}:event-bus/soc",
    TOPIC,
    "arn:{p}:logs:{r}:{a}:log-group:soc",
    "arn:{p}:cloudwatch:{r}:{a}:alarm:soc",
    "arn:{p}:lambda:{r}:{a}:function:soc",
    "arn:{p}:sqs:{r}:{a}:soc",
    "arn:{p}:firehose:{r}:{a}:deliverystream/soc",
    "arn:{p}:s3:::soc",
]


def test_every_kind_is_asked_about() -> None:
    asked = {
        action
        for decision in judged(resources=EXAMPLES).facts["decisions"]
        for action in decision["probes"]
    }
    wanted = {f"{k.service}:{a}" for k in KINDS for a in (*k.actions, *k.elsewhere)}
    assert {action.partition(" ")[0] for action in asked} == wanted


def test_stars_for_account_and_region_are_the_accounts_own() -> None:
    own = deny("events:*", Resource="arn:aws:events:*:${aws:PrincipalAccount}:rule/soc-*")
    verdict = judged(own, resources=["arn:*:events:*:*:rule/soc-*"])
    assert (verdict.status, verdict.rule) == (Status.PASS, "all resources denied")
    assert verdict.facts["decisions"][0]["regions"] == list(REGIONS)


def test_without_a_pipeline_it_does_not_apply() -> None:
    verdict = judged()
    assert (verdict.reason, verdict.rule) == (Reason.NO_RESOURCES, "no pipeline")


def test_resources_of_no_known_kind_are_said_to_be() -> None:
    verdict = judged(resources=["arn:{p}:glue:{r}:{a}:job/soc"])
    assert (verdict.reason, verdict.rule) == (Reason.NOT_CONFIGURED, "resources of no known kind")


UNSEEN = {**NOTHING, **in_regions(events.rules, Outcome.ACCESS_DENIED)}


def test_an_unseen_pipeline_is_unknown() -> None:
    assert judged(facts=UNSEEN).status == Status.UNKNOWN
    assert judged(deny("events:*"), resources=[RULE], facts=UNSEEN).status == Status.UNKNOWN
    assert judged(resources=[RULE], facts=UNSEEN).status == Status.FAIL


def test_rules_that_report_to_a_security_account_are_parts() -> None:
    target = f"arn:aws:events:eu-west-1:{SECURITY}:event-bus/alerts"
    arn = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/forward"
    rules = Rules(rules=(Rule("forward", arn, "default", "ENABLED", targets=(target,)),))
    facts = {**NOTHING, (ACCOUNT, events.rules, "eu-west-1"): rules}
    assert judged(facts=facts).status == Status.FAIL
    by_name = deny("events:*", Resource="arn:aws:events:*:*:rule/forward")
    assert judged(by_name, facts=facts).status == Status.PASS


def test_log_groups_of_its_own_trails_are_parts() -> None:
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail:*"
    facts = {**NOTHING, **in_regions(logs.trail_logs, (TrailLogs("t", log_group=group),))}
    assert judged(deny("logs:*", Resource="*:log-group:trail"), facts=facts).status == Status.PASS
    assert judged(facts=facts).status == Status.FAIL
