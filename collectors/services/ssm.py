"""AWS Systems Manager: how often its automations ran of late, and how that went.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeAutomationExecutions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_AUTOMATION_EXECUTIONS = Operation(
    "ssm",
    "describe_automation_executions",
    "ssm:DescribeAutomationExecutions",
    "AutomationExecutionMetadataList",
)

A_PAGE = 50
SUCCEEDED = ("Success", "CompletedWithSuccess")
FAILED = ("Failed", "TimedOut", "CompletedWithFailure")


@dataclass(frozen=True)
class Automation:
    """The runs of one document in the last REMEDIATION_PROOF_DAYS."""

    document: str
    runs: int = 0
    succeeded: int = 0
    failed: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None


def fetch_automations(aws: Aws) -> list[Answer]:
    since = aws.now - timedelta(days=aws.settings["REMEDIATION_PROOF_DAYS"])
    after = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    found = aws.pages(
        DESCRIBE_AUTOMATION_EXECUTIONS,
        Filters=[{"Key": "StartTimeAfter", "Values": [after]}],
        MaxResults=A_PAGE,
    )
    return found or []


def transform_automations(answer: Iterable[Answer]) -> tuple[Automation, ...]:
    by_document: dict[str, list[Answer]] = {}
    for execution in answer:
        if execution.get("DocumentName"):
            by_document.setdefault(execution["DocumentName"], []).append(execution)
    return tuple(_automation(name, runs) for name, runs in sorted(by_document.items()))


def _automation(document: str, runs: list[Answer]) -> Automation:
    good = [run for run in runs if run.get("AutomationExecutionStatus") in SUCCEEDED]
    bad = [run for run in runs if run.get("AutomationExecutionStatus") in FAILED]
    return Automation(document, len(runs), len(good), len(bad), _last(good), _last(bad))


def _last(runs: Iterable[Answer]) -> datetime | None:
    times = (run.get("ExecutionEndTime") or run.get("ExecutionStartTime") for run in runs)
    return max((at for at in times if at), default=None)


automations: Collector[tuple[Automation, ...]] = Collector(
    "ssm.automations",
    tuple[Automation, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_AUTOMATION_EXECUTIONS,),
    fetch_automations,
    transform_automations,
)
