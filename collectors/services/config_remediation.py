"""AWS Config: what repairs resources that break its rules, and how that went.

https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeRemediationConfigurations.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.config import DESCRIBE_RULES

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_REMEDIATION_CONFIGURATIONS = Operation(
    "config",
    "describe_remediation_configurations",
    "config:DescribeRemediationConfigurations",
    "RemediationConfigurations",
)
DESCRIBE_REMEDIATION_EXECUTION_STATUS = Operation(
    "config",
    "describe_remediation_execution_status",
    "config:DescribeRemediationExecutionStatus",
    "RemediationExecutionStatuses",
)

NAME = "config_remediation.remediations"
NAMED_AT_ONCE = 25
GONE = ("NoSuchRemediationConfigurationException",)
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"


@dataclass(frozen=True)
class Remediation:
    """What repairs resources that break a rule. ``document`` is the Systems Manager document that
    it runs; ``states`` count its last run for each resource, by AWS's word."""

    rule: str
    arn: str = ""
    document: str = ""
    is_automatic: bool = False
    states: Mapping[str, int] = field(default_factory=dict)
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None


@dataclass(frozen=True)
class Remediations:
    """``since`` is the day from which on they have been looked for."""

    since: date
    rules: int = 0
    remediations: tuple[Remediation, ...] = ()


def fetch_remediations(aws: Aws) -> Mapping[str, Any]:
    before = aws.last(remediations)
    names = [rule["ConfigRuleName"] for rule in _rules(aws)]
    return {
        "since": before.since if before else aws.now.date(),
        "rules": len(names),
        "found": [
            {"remediation": one, "statuses": _statuses(aws, one["ConfigRuleName"])}
            for at in range(0, len(names), NAMED_AT_ONCE)
            for one in _configurations(aws, names[at : at + NAMED_AT_ONCE])
        ],
    }


def _rules(aws: Aws) -> list[Answer]:
    listed = aws.pages(DESCRIBE_RULES) or []
    return [rule for rule in listed if rule.get("ConfigRuleName")]


def _configurations(aws: Aws, names: list[str]) -> Iterator[Answer]:
    described = aws.pages(DESCRIBE_REMEDIATION_CONFIGURATIONS, ConfigRuleNames=names)
    return (one for one in described or () if one.get("ConfigRuleName"))


def _statuses(aws: Aws, rule: str) -> list[Answer]:
    found = aws.pages(DESCRIBE_REMEDIATION_EXECUTION_STATUS, absent=GONE, ConfigRuleName=rule)
    return found or []


def transform_remediations(answer: Mapping[str, Any]) -> Remediations:
    return Remediations(
        since=answer["since"],
        rules=answer["rules"],
        remediations=tuple(_remediation(**found) for found in answer["found"]),
    )


def _remediation(remediation: Answer, statuses: Iterable[Answer]) -> Remediation:
    told = list(statuses)
    return Remediation(
        rule=remediation["ConfigRuleName"],
        arn=remediation.get("Arn") or "",
        document=remediation.get("TargetId") or "",
        is_automatic=remediation.get("Automatic") is True,
        states=dict(sorted(Counter(status.get("State") or "" for status in told).items())),
        last_success_at=_last(told, SUCCEEDED),
        last_failure_at=_last(told, FAILED),
    )


def _last(statuses: Iterable[Answer], state: str) -> datetime | None:
    times = (s.get("LastUpdatedTime") for s in statuses if s.get("State") == state)
    return max((at for at in times if at), default=None)


remediations = Collector(
    NAME,
    Remediations,
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_RULES, DESCRIBE_REMEDIATION_CONFIGURATIONS, DESCRIBE_REMEDIATION_EXECUTION_STATUS),
    fetch_remediations,
    transform_remediations,
    Phase.REST,
    builds_on=(NAME,),
)
