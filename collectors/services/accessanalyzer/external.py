"""IAM Access Analyzer: who outside of the organization can reach a resource in it.

The list of findings does not name them, so each is asked for once and again when it changed.
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.accessanalyzer.analyzers import ACTIVE, GONE, LIST_ANALYZERS, ORGANIZATION
from collectors.services.accessanalyzer.unused import LIST_FINDINGS_V2

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

GET_FINDING_V2 = Operation("accessanalyzer", "get_finding_v2", "access-analyzer:GetFinding")

NAME = "accessanalyzer.external_access"
EXTERNAL_ACCESS = "ExternalAccess"
# So many findings are asked for in one go; the others are by later runs.
ASKED_AT_MOST = 500


@dataclass(frozen=True)
class ExternalFinding:
    """``principals`` are as AWS writes them: an ARN, an account id, ``*`` for everybody, with the
    kind in front where it is not an AWS principal. ``conditions`` are keys, in lower case."""

    id: str
    account_id: str
    resource: str
    resource_type: str = ""
    updated_at: datetime | None = None
    principals: tuple[str, ...] = ()
    is_public: bool = False
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExternalAccess:
    """``is_analyzed`` where an analyzer of the organization looks; ``unread`` counts findings
    nobody has asked for yet, by account id."""

    is_analyzed: bool = False
    findings: tuple[ExternalFinding, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)


def fetch_external_access(aws: Aws) -> Answer:
    listed = aws.pages(LIST_ANALYZERS, type=ORGANIZATION) or []
    active = [one for one in listed if one.get("status") == ACTIVE and one.get("arn")]
    last = aws.last(external_access)
    known = {finding.id: finding for finding in last.findings} if last else {}
    found: list[Answer] = []
    asked = 0
    for analyzer in active:
        for summary in _summaries(aws, analyzer["arn"]):
            was = known.get(summary["id"])
            is_known = was is not None and was.updated_at == summary.get("updatedAt")
            details: Answer | None = None
            if not is_known and asked < ASKED_AT_MOST:
                asked += 1
                details = _details(aws, analyzer["arn"], summary["id"])
                if details is None:
                    continue
            found.append(
                {"summary": summary, "details": details, "known": was if is_known else None}
            )
    return {"is_analyzed": bool(active), "findings": found}


def _summaries(aws: Aws, analyzer: str) -> list[Answer]:
    wanted = {"status": {"eq": [ACTIVE]}, "findingType": {"eq": [EXTERNAL_ACCESS]}}
    found = aws.pages(LIST_FINDINGS_V2, absent=(GONE,), analyzerArn=analyzer, filter=wanted)
    return [one for one in found or () if one.get("id") and one.get("resourceOwnerAccount")]


def _details(aws: Aws, analyzer: str, finding: str) -> Answer | None:
    """None for a finding that is no longer there."""
    return aws.call(GET_FINDING_V2, absent=(GONE,), analyzerArn=analyzer, id=finding)


def transform_external_access(answer: Answer) -> ExternalAccess:
    findings: list[ExternalFinding] = []
    unread: dict[str, int] = {}
    for one in answer.get("findings") or ():
        if one.get("known") is not None:
            findings.append(one["known"])
        elif one.get("details") is not None:
            findings.append(_finding(one["summary"], one["details"]))
        else:
            account = one["summary"]["resourceOwnerAccount"]
            unread[account] = unread.get(account, 0) + 1
    return ExternalAccess(bool(answer.get("is_analyzed")), tuple(findings), unread)


def _finding(summary: Answer, answer: Answer) -> ExternalFinding:
    details = [one.get("externalAccessDetails") or {} for one in answer.get("findingDetails") or ()]
    return ExternalFinding(
        id=summary["id"],
        account_id=summary["resourceOwnerAccount"],
        resource=summary.get("resource") or "",
        resource_type=summary.get("resourceType") or "",
        updated_at=summary.get("updatedAt"),
        principals=tuple(sorted({name for one in details for name in _principals(one)})),
        is_public=any(one.get("isPublic") for one in details),
        conditions=tuple(
            sorted({key.lower() for one in details for key in one.get("condition") or ()})
        ),
    )


def _principals(details: Answer) -> Iterator[str]:
    for kind, name in (details.get("principal") or {}).items():
        yield name if kind == "AWS" else f"{kind}:{name}"


external_access = Collector(
    NAME,
    ExternalAccess,
    Scope.SECURITY,
    Reach.REGIONAL,
    (LIST_ANALYZERS, LIST_FINDINGS_V2, GET_FINDING_V2),
    fetch_external_access,
    transform_external_access,
    phase=Phase.BUILT_ON_OTHERS,
    builds_on=(NAME,),
)
