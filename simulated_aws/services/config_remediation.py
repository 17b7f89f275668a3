"""AWS Config's remediations, which moto lacks, and how their last runs went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=100, size="Limit", error="InvalidNextTokenException")
NAMED_AT_ONCE: Final = 25


@dataclass
class Remediation:
    """``runs`` are resource, state and time of the last run for each resource."""

    rule: str
    document: str
    is_automatic: bool
    runs: list[tuple[str, str, datetime]] = field(default_factory=list)


# (account, region) -> remediations.
REMEDIATIONS: Final[dict[tuple[str, str], list[Remediation]]] = {}


@answers("config", "DescribeRemediationConfigurations")
def describe_remediation_configurations(call: Call) -> Result:
    asked = call.parameters["ConfigRuleNames"]
    if len(asked) > NAMED_AT_ONCE:
        raise AwsError("ValidationException", "At most 25 rules may be named at once.", 400)
    start = f"arn:aws:config:{call.region}:{call.account}:remediation-configuration"
    found = [
        {
            "ConfigRuleName": one.rule,
            "TargetType": "SSM_DOCUMENT",
            "TargetId": one.document,
            "Automatic": one.is_automatic,
            "Arn": f"{start}/{one.rule}",
        }
        for one in REMEDIATIONS.get((call.account, call.region), [])
        if one.rule in asked
    ]
    return {"RemediationConfigurations": found}


@answers("config", "DescribeRemediationExecutionStatus")
def describe_remediation_execution_status(call: Call) -> Result:
    asked = call.parameters["ConfigRuleName"]
    for one in REMEDIATIONS.get((call.account, call.region), []):
        if one.rule == asked:
            return PAGES.page(call, "RemediationExecutionStatuses", _statuses(one))
    raise AwsError(
        "NoSuchRemediationConfigurationException", f"{asked} has no remediation configuration.", 400
    )


def _statuses(remediation: Remediation) -> list[dict[str, Any]]:
    return [
        {
            "ResourceKey": {"resourceType": "AWS::S3::Bucket", "resourceId": resource},
            "State": state,
            "InvocationTime": at,
            "LastUpdatedTime": at,
        }
        for resource, state, at in remediation.runs
    ]
