"""IAM Access Analyzer: roles and permissions that nobody uses, as an organization's analyzer finds
them. AWS bills such analyzers by role; Cairn only reads those there are.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope
from collectors.services.accessanalyzer.analyzers import ACTIVE, GONE, LIST_ANALYZERS

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_ANALYZER = Operation("accessanalyzer", "get_analyzer", "access-analyzer:GetAnalyzer")
LIST_FINDINGS_V2 = Operation(
    "accessanalyzer", "list_findings_v2", "access-analyzer:ListFindings", "findings"
)

OF_ORGANIZATION = "ORGANIZATION_UNUSED_ACCESS"
UNUSED_ROLE = "UnusedIAMRole"
UNUSED_PERMISSION = "UnusedPermission"


@dataclass(frozen=True)
class UnusedAccess:
    """``age_days`` without use make access unused, None where AWS does not tell. ``roles`` and
    ``permissions`` are account id → ARNs. ``excluded_accounts`` are not looked at, nor are roles
    with certain tags where it ``excludes_tags``."""

    analyzer: str
    age_days: int | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded_accounts: tuple[str, ...] = ()
    excludes_tags: bool = False


def fetch_unused_access(aws: Aws) -> list[Answer]:
    listed = aws.pages(LIST_ANALYZERS, type=OF_ORGANIZATION) or []
    active = [one for one in listed if one.get("status") == ACTIVE and one.get("arn")]
    return [_with_findings(aws, analyzer) for analyzer in active]


def _with_findings(aws: Aws, analyzer: Answer) -> Answer:
    described = aws.call(GET_ANALYZER, absent=(GONE,), analyzerName=analyzer.get("name") or "")
    wanted = {
        "status": {"eq": [ACTIVE]},
        "findingType": {"eq": [UNUSED_ROLE, UNUSED_PERMISSION]},
    }
    findings = aws.pages(
        LIST_FINDINGS_V2, absent=(GONE,), analyzerArn=analyzer["arn"], filter=wanted
    )
    return {"analyzer": {**analyzer, **(described or {}).get("analyzer", {})}, "findings": findings}


def transform_unused_access(answer: Iterable[Answer]) -> tuple[UnusedAccess, ...]:
    return tuple(_unused_access(one["analyzer"], one.get("findings") or ()) for one in answer)


def _unused_access(analyzer: Answer, findings: Iterable[Answer]) -> UnusedAccess:
    unused = (analyzer.get("configuration") or {}).get("unusedAccess") or {}
    exclusions = (unused.get("analysisRule") or {}).get("exclusions") or ()
    accounts = {account for one in exclusions for account in one.get("accountIds") or ()}
    known = list(findings)
    return UnusedAccess(
        analyzer=analyzer.get("arn") or "",
        age_days=unused.get("unusedAccessAge"),
        roles=_by_account(known, UNUSED_ROLE),
        permissions=_by_account(known, UNUSED_PERMISSION),
        excluded_accounts=tuple(sorted(accounts)),
        excludes_tags=any(one.get("resourceTags") for one in exclusions),
    )


def _by_account(findings: Iterable[Answer], kind: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for one in findings:
        account, resource = one.get("resourceOwnerAccount"), one.get("resource")
        if one.get("findingType") == kind and one.get("status") == ACTIVE and account and resource:
            found.setdefault(account, set()).add(resource)
    return {account: tuple(sorted(found[account])) for account in sorted(found)}


unused_access: Collector[tuple[UnusedAccess, ...]] = Collector(
    "accessanalyzer.unused_access",
    tuple[UnusedAccess, ...],
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_ANALYZERS, GET_ANALYZER, LIST_FINDINGS_V2),
    fetch_unused_access,
    transform_unused_access,
)
