"""Amazon EventBridge: rules whose targets repair things, as setting REMEDIATION_TARGET_PATTERNS
declares them, whatever the events are about.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Reach, Scope
from collectors.services.events.rules import (
    ALL_CALLS,
    ENABLED,
    GONE,
    LIST_EVENT_BUSES,
    LIST_RULES,
    LIST_TARGETS_BY_RULE,
)

if TYPE_CHECKING:
    from collectors.aws import Aws


@dataclass(frozen=True)
class RemediationRule:
    """An enabled rule that waits for events; ``targets`` are ARNs that a pattern declares."""

    name: str
    arn: str = ""
    bus: str = ""
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemediationRules:
    """``patterns`` are those of the setting at the time; without any, no rule was looked at."""

    patterns: tuple[str, ...] = ()
    rules: tuple[RemediationRule, ...] = ()


def fetch_remediation_rules(aws: Aws) -> Mapping[str, Any]:
    patterns = list(aws.settings["REMEDIATION_TARGET_PATTERNS"])
    return {"patterns": patterns, "rules": list(_rules(aws)) if patterns else []}


def _rules(aws: Aws) -> Iterator[Mapping[str, Any]]:
    for bus in aws.pages(LIST_EVENT_BUSES) or []:
        name = bus.get("Name") or ""
        for rule in (aws.pages(LIST_RULES, absent=GONE, EventBusName=name) if name else None) or []:
            is_on = rule.get("State") in (ENABLED, ALL_CALLS)
            if is_on and rule.get("EventPattern") and rule.get("Name"):
                targets = aws.pages(
                    LIST_TARGETS_BY_RULE, absent=GONE, Rule=rule["Name"], EventBusName=name
                )
                yield {"rule": rule, "bus": name, "targets": targets or []}


def transform_remediation_rules(answer: Mapping[str, Any]) -> RemediationRules:
    patterns = answer["patterns"]
    found = []
    for one in answer["rules"]:
        arns = {target.get("Arn") or "" for target in one["targets"]}
        declared = {arn for arn in arns if any(fnmatchcase(arn, p) for p in patterns)}
        if declared:
            rule = one["rule"]
            found.append(
                RemediationRule(
                    rule["Name"], rule.get("Arn") or "", one["bus"], tuple(sorted(declared))
                )
            )
    return RemediationRules(tuple(sorted(patterns)), tuple(found))


remediation_rules = Collector(
    "events.remediation_rules",
    RemediationRules,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_EVENT_BUSES, LIST_RULES, LIST_TARGETS_BY_RULE),
    fetch_remediation_rules,
    transform_remediation_rules,
)
