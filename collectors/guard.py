"""The read-only guard: which operations may leave this process.

What may be called is what collectors declare, and of that only what IAM itself counts as reading.
``collectors.aws`` asks before every request, so no code path goes around it. One thing may be
written, the alternate contacts, by clients of its own (``collectors.aws.contact_writes``) that may
do nothing else, and only where CONTACT_PUSH is on in the environment.
"""

from __future__ import annotations

from django.conf import settings

from collectors.registry import Operation, operations
from collectors.services.account import GET_ALTERNATE_CONTACT

# How Cairn becomes a role, and how it checks that it did.
ASSUME_ROLE = Operation("sts", "assume_role", "sts:AssumeRole")
GET_CALLER_IDENTITY = Operation("sts", "get_caller_identity", "sts:GetCallerIdentity")
OWN = frozenset((own.client, own.name) for own in (ASSUME_ROLE, GET_CALLER_IDENTITY))

PUT_ALTERNATE_CONTACT = Operation("account", "put_alternate_contact", "account:PutAlternateContact")
# All that the contacts role is for, and all that its clients may call.
CONTACT_PUSH = (GET_ALTERNATE_CONTACT, PUT_ALTERNATE_CONTACT)

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


def check_contact_push(client: str, name: str) -> None:
    """Raises Refused for everything but reading and writing an alternate contact, and for that too
    while CONTACT_PUSH is off."""
    if (client, name) not in {(one.client, one.name) for one in CONTACT_PUSH}:
        raise Refused(f"{client}.{name} was not sent: the contacts role is not for it.")
    if not settings.CONTACT_PUSH:
        raise Refused(f"{client}.{name} was not sent: CONTACT_PUSH is off.")
