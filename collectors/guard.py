"""The read-only guard: which operations may leave this process.

What may be called is what collectors declare, and of that only what IAM itself counts as reading.
``collectors.aws`` asks before every request, so no code path goes around it.
"""

from __future__ import annotations

from collectors.registry import Operation, operations

# How Cairn becomes a role, and how it checks that it did.
ASSUME_ROLE = Operation("sts", "assume_role", "sts:AssumeRole")
GET_CALLER_IDENTITY = Operation("sts", "get_caller_identity", "sts:GetCallerIdentity")
OWN = frozenset((own.client, own.name) for own in (ASSUME_ROLE, GET_CALLER_IDENTITY))

READING = (
    "BatchGet",
    "Describe",
    "Get",
    "List",
    "Lookup",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
    "View",
)
# These begin with a writing verb, but only have AWS prepare a report about what is there.
REPORTS = frozenset({"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"})


class Refused(Exception):
    """An operation that Cairn must not call; the request was not sent."""


def is_reading(action: str) -> bool:
    """Whether an IAM action such as ``ec2:DescribeVpcs`` only reads."""
    return action.partition(":")[2].startswith(READING) or action in REPORTS


def check(client: str, name: str) -> None:
    """Raises Refused for an operation that nobody declares, or whose action writes."""
    if (client, name) in OWN:
        return
    operation = operations().get((client, name))
    if operation is None:
        raise Refused(f"{client}.{name} was not sent: no collector declares it.")
    if not is_reading(operation.action):
        raise Refused(f"{client}.{name} was not sent: {operation.action} is not a reading action.")
