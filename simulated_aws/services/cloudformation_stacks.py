"""CloudFormation stacks whose resources were there before them, with their drift.

Where the world tells of none, stacks are moto's, which knows no drift.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.paging import Paging
from simulated_aws.wire import Call

# The API takes no size of pages.
PAGES: Final = Paging(limit=100, error="ValidationError")
CREATED: Final = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


@dataclass
class Stack:
    """``resources`` are type and physical id of each."""

    name: str
    resources: list[tuple[str, str]] = field(default_factory=list)
    drift_status: str = "NOT_CHECKED"

    def arn(self, account: str, region: str) -> str:
        return f"arn:aws:cloudformation:{region}:{account}:stack/{self.name}/1"


# (account, region) -> its stacks.
STACKS: Final[dict[tuple[str, str], list[Stack]]] = {}


@answers("cloudformation", "ListStacks")
def list_stacks(call: Call) -> Result | None:
    stacks = STACKS.get((call.account, call.region))
    if stacks is None:
        return None
    wanted = call.parameters.get("StackStatusFilter")
    summaries = [
        {
            "StackId": stack.arn(call.account, call.region),
            "StackName": stack.name,
            "CreationTime": CREATED,
            "StackStatus": "CREATE_COMPLETE",
            "DriftInformation": {"StackDriftStatus": stack.drift_status},
        }
        for stack in stacks
        if not wanted or "CREATE_COMPLETE" in wanted
    ]
    return PAGES.page(call, "StackSummaries", summaries)


@answers("cloudformation", "ListStackResources")
def list_stack_resources(call: Call) -> Result | None:
    stacks = STACKS.get((call.account, call.region))
    if stacks is None:
        return None
    asked = str(call.parameters["StackName"])
    for stack in stacks:
        if asked in (stack.name, stack.arn(call.account, call.region)):
            return PAGES.page(call, "StackResourceSummaries", _resources(stack))
    raise AwsError("ValidationError", f"Stack with id {asked} does not exist", 400)


def _resources(stack: Stack) -> list[dict[str, object]]:
    return [
        {
            "LogicalResourceId": f"Resource{at}",
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "LastUpdatedTimestamp": CREATED,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for at, (kind, physical_id) in enumerate(stack.resources)
    ]
