"""IAM Access Analyzer, which moto does not have: analyzers and the counts of their findings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.organization import is_delegated, organization_of
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="maxResults", cursor="nextToken")
SERVICE: Final = "access-analyzer.amazonaws.com"
# (account, region) -> analyzers by name, as ListAnalyzers describes them.
ANALYZERS: Final[dict[tuple[str, str], dict[str, dict[str, Any]]]] = {}
# Analyzer ARN -> active findings about public and about cross-account access.
ACTIVE_FINDINGS: Final[dict[str, tuple[int, int]]] = {}


def analyzers_of(call: Call) -> dict[str, dict[str, Any]]:
    return ANALYZERS.get((call.account, call.region), {})


@answers("accessanalyzer", "ListAnalyzers")
def list_analyzers(call: Call) -> Result:
    """The caller's own; an organization's analyzer is listed only in the account that runs it."""
    kind = call.parameters.get("type")
    analyzers = [a for a in analyzers_of(call).values() if kind in (None, a["type"])]
    return PAGES.page(call, "analyzers", analyzers)


@answers("accessanalyzer", "GetAnalyzer")
def get_analyzer(call: Call) -> Result:
    name = str(call.parameters["analyzerName"])
    if name not in analyzers_of(call):
        raise _unknown(name)
    return {"analyzer": analyzers_of(call)[name]}


@answers("accessanalyzer", "CreateAnalyzer")
def create_analyzer(call: Call) -> Result:
    """Of type ORGANIZATION… only by the management account or the delegated administrator."""
    name, kind = str(call.parameters["analyzerName"]), str(call.parameters["type"])
    organization = organization_of(call.account)
    if kind.startswith("ORGANIZATION") and not (
        organization
        and (organization.account_id == call.account or is_delegated(call.account, SERVICE))
    ):
        raise AwsError("ValidationException", "The account is not a delegated administrator.", 400)
    analyzers = ANALYZERS.setdefault((call.account, call.region), {})
    if name in analyzers:
        raise AwsError("ConflictException", f"There is an analyzer {name} already.", 409)
    arn = f"arn:aws:access-analyzer:{call.region}:{call.account}:analyzer/{name}"
    analyzers[name] = {
        "arn": arn,
        "name": name,
        "type": kind,
        "status": "ACTIVE",
        "createdAt": datetime.now(UTC),
        "tags": call.parameters.get("tags", {}),
        "configuration": call.parameters.get("configuration"),
    }
    return {"arn": arn}


@answers("accessanalyzer", "DeleteAnalyzer")
def delete_analyzer(call: Call) -> Result:
    name = str(call.parameters["analyzerName"])
    if ANALYZERS.get((call.account, call.region), {}).pop(name, None) is None:
        raise _unknown(name)
    return {}


@answers("accessanalyzer", "GetFindingsStatistics")
def get_findings_statistics(call: Call) -> Result:
    arn = str(call.parameters["analyzerArn"])
    analyzer = next((a for a in analyzers_of(call).values() if a["arn"] == arn), None)
    if analyzer is None:
        raise _unknown(arn)
    public, cross_account = ACTIVE_FINDINGS.get(arn, (0, 0))
    totals: dict[str, Any] = {
        "totalActiveFindings": public + cross_account,
        "totalArchivedFindings": 0,
        "totalResolvedFindings": 0,
    }
    unused = str(analyzer["type"]).endswith("UNUSED_ACCESS")
    if not unused:
        totals["resourceTypeStatistics"] = {
            "AWS::S3::Bucket": {
                "totalActivePublic": public,
                "totalActiveCrossAccount": cross_account,
                "totalActiveErrors": 0,
            }
        }
    key = "unusedAccessFindingsStatistics" if unused else "externalAccessFindingsStatistics"
    return {"findingsStatistics": [{key: totals}], "lastUpdatedAt": datetime.now(UTC)}


def _unknown(name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"There is no analyzer {name}.", 404)
