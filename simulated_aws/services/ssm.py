"""Systems Manager: automations that ran, which moto lacks; the rest is moto's."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

PAGES: Final = Paging(limit=50, error="InvalidNextToken")
# (account, region) -> runs as document, status and end.
EXECUTIONS: Final[dict[tuple[str, str], list[tuple[str, str, datetime]]]] = {}


@answers("ssm", "DescribeAutomationExecutions")
def describe_automation_executions(call: Call) -> Result:
    """Of filters only StartTimeAfter is known."""
    filters = {f["Key"]: f["Values"] for f in call.parameters.get("Filters") or ()}
    if filters.keys() - {"StartTimeAfter"}:
        raise AwsError("InvalidFilterKey", "The simulation knows StartTimeAfter.", 400)
    after = [datetime.fromisoformat(value) for value in filters.get("StartTimeAfter", ())]
    found = [
        {
            "AutomationExecutionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{document}{at}")),
            "DocumentName": document,
            "AutomationExecutionStatus": status,
            "ExecutionStartTime": at,
            "ExecutionEndTime": at,
            "Mode": "Auto",
        }
        for document, status, at in EXECUTIONS.get((call.account, call.region), [])
        if all(at >= start for start in after)
    ]
    return PAGES.page(call, "AutomationExecutionMetadataList", found)
