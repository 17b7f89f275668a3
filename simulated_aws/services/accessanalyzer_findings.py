"""IAM Access Analyzer, which moto does not have: what analyzers find, and policy validation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.services.accessanalyzer import analyzers_of
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="maxResults", cursor="nextToken")
# Analyzer ARN -> findings by id, as GetFindingV2 describes them.
FINDINGS: Final[dict[str, dict[str, dict[str, Any]]]] = {}
DETAILS: Final = ("findingDetails", "resourceControlPolicyRestriction")


def add_finding(analyzer: str, kind: str, resource: str, owner: str, **details: Any) -> None:
    """An active finding; ``details`` are those of external access."""
    found = FINDINGS.setdefault(analyzer, {})
    identifier = f"00000000-0000-4000-8000-{len(found):012x}"
    at = datetime.now(UTC).replace(microsecond=0)
    found[identifier] = {
        "id": identifier,
        "findingType": kind,
        "resource": resource,
        "resourceType": "AWS::S3::Bucket" if ":s3:" in resource else "AWS::IAM::Role",
        "resourceOwnerAccount": owner,
        "status": "ACTIVE",
        "analyzedAt": at,
        "createdAt": at,
        "updatedAt": at,
        "findingDetails": [{"externalAccessDetails": details}] if details else [],
    }


@answers("accessanalyzer", "ListFindingsV2")
def list_findings(call: Call) -> Result:
    """Of the analyzer, as far as the filter's ``eq`` criteria let them through."""
    wanted = call.parameters.get("filter") or {}
    found = [
        {key: value for key, value in finding.items() if key not in DETAILS}
        for finding in _of_analyzer(call).values()
        if all(finding.get(key) in (one.get("eq") or ()) for key, one in wanted.items())
    ]
    return PAGES.page(call, "findings", found)


@answers("accessanalyzer", "GetFindingV2")
def get_finding(call: Call) -> Result:
    identifier = str(call.parameters["id"])
    if identifier not in _of_analyzer(call):
        raise AwsError("ResourceNotFoundException", f"There is no finding {identifier}.", 404)
    return _of_analyzer(call)[identifier]


def _of_analyzer(call: Call) -> dict[str, dict[str, Any]]:
    arn = str(call.parameters["analyzerArn"])
    if all(analyzer["arn"] != arn for analyzer in analyzers_of(call).values()):
        raise AwsError("ResourceNotFoundException", f"There is no analyzer {arn}.", 404)
    return FINDINGS.get(arn, {})


@answers("accessanalyzer", "ValidatePolicy")
def validate_policy(call: Call) -> Result:
    """A few of AWS's findings: text that is no JSON, no version, and passing any role."""
    return PAGES.page(call, "findings", list(_flaws(str(call.parameters["policyDocument"]))))


def _flaws(text: str) -> Iterator[dict[str, Any]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        yield _flaw("ERROR", "JSON_SYNTAX_ERROR")
        return
    if "Version" not in document:
        yield _flaw("WARNING", "MISSING_VERSION")
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", [])
        actions = actions if isinstance(actions, list) else [actions]
        if statement.get("Resource") in ("*", ["*"]) and {"iam:PassRole", "*"} & set(actions):
            yield _flaw("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE")


def _flaw(kind: str, code: str) -> dict[str, Any]:
    return {
        "findingDetails": f"{code.replace('_', ' ').capitalize()}.",
        "findingType": kind,
        "issueCode": code,
        "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
        "locations": [],
    }
