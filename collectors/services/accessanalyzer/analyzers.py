"""IAM Access Analyzer: the analyzers of an account, and how much an organization's has found.

Members cannot see the organization's analyzer: only the account it runs from lists it.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_ANALYZERS = Operation(
    "accessanalyzer", "list_analyzers", "access-analyzer:ListAnalyzers", "analyzers"
)
GET_FINDINGS_STATISTICS = Operation(
    "accessanalyzer", "get_findings_statistics", "access-analyzer:GetFindingsStatistics"
)

GONE = "ResourceNotFoundException"
ACTIVE = "ACTIVE"
ORGANIZATION = "ORGANIZATION"
ACCOUNT = "ACCOUNT"


@dataclass(frozen=True)
class Analyzer:
    """``active_findings`` is None where nobody asked: statistics are read for the analyzers of
    security accounts that look at a whole organization."""

    arn: str
    name: str = ""
    type: str = ""
    status: str = ""
    status_reason: str = ""
    managed_by: str = ""
    active_findings: int | None = None

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def finds_unused_access(self) -> bool:
        return self.type.endswith("_UNUSED_ACCESS")


def fetch_analyzers(aws: Aws) -> list[Answer]:
    return aws.pages(LIST_ANALYZERS) or []


def fetch_with_statistics(aws: Aws) -> list[Answer]:
    return [_with_statistics(aws, analyzer) for analyzer in fetch_analyzers(aws)]


def _with_statistics(aws: Aws, analyzer: Answer) -> Answer:
    is_wanted = analyzer.get("type") == ORGANIZATION and analyzer.get("status") == ACTIVE
    if not is_wanted or not analyzer.get("arn"):
        return analyzer
    statistics = aws.call(GET_FINDINGS_STATISTICS, absent=(GONE,), analyzerArn=analyzer["arn"])
    return {**analyzer, "statistics": statistics}


def transform_analyzers(answer: Iterable[Answer]) -> tuple[Analyzer, ...]:
    return tuple(
        Analyzer(
            arn=analyzer["arn"],
            name=analyzer.get("name") or "",
            type=analyzer.get("type") or "",
            status=analyzer.get("status") or "",
            status_reason=(analyzer.get("statusReason") or {}).get("code") or "",
            managed_by=analyzer.get("managedBy") or "",
            active_findings=_active_findings(analyzer.get("statistics")),
        )
        for analyzer in answer
        if analyzer.get("arn")
    )


def _active_findings(answer: Answer | None) -> int | None:
    if answer is None:
        return None
    counts = [
        (entry.get("externalAccessFindingsStatistics") or {}).get("totalActiveFindings")
        for entry in answer.get("findingsStatistics") or ()
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


analyzers = Collector(
    "accessanalyzer.analyzers",
    tuple[Analyzer, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_ANALYZERS,),
    fetch_analyzers,
    transform_analyzers,
)

security_analyzers = Collector(
    "accessanalyzer.security_analyzers",
    tuple[Analyzer, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_ANALYZERS, GET_FINDINGS_STATISTICS),
    fetch_with_statistics,
    transform_analyzers,
)

management_analyzers = Collector(
    "accessanalyzer.management_analyzers",
    tuple[Analyzer, ...],
    Scope.ORGANIZATION,
    Reach.REGIONAL,
    (LIST_ANALYZERS,),
    fetch_analyzers,
    transform_analyzers,
)
