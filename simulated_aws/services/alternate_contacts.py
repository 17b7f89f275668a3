"""Alternate contacts of AWS Account Management: reading, writing and deleting one.

Lengths and patterns are those of the API reference; a value that breaks one is a
ValidationException that names the field, as AWS's answers do.
"""

from __future__ import annotations

import re
from typing import Any, Final

from moto.account.models import account_backends

from simulated_aws.answers import Result, answers
from simulated_aws.errors import AwsError
from simulated_aws.services.account import account_asked
from simulated_aws.wire import Call

TYPES: Final = ("BILLING", "OPERATIONS", "SECURITY")
# Parameter → longest value and pattern of all of it.
FIELDS: Final[dict[str, tuple[int, str]]] = {
    "Name": (64, r".*"),
    "Title": (50, r".*"),
    "EmailAddress": (254, r"\s*[\w+=.#|!&-]+@[\w.-]+\.[\w]+\s*"),
    "PhoneNumber": (25, r"[\s0-9()+-]+"),
}


def _contacts(call: Call) -> Any:
    return account_backends[account_asked(call)]["aws"]._alternate_contacts


def _kind(call: Call) -> str:
    kind = call.parameters.get("AlternateContactType")
    if kind not in TYPES:
        raise _invalid("alternateContactType", f"Member must satisfy enum value set: {TYPES}")
    return str(kind)


def _invalid(field: str, why: str) -> AwsError:
    message = f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {why}"
    return AwsError("ValidationException", message, 400)


def _none(kind: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"No contact of the {kind} type was found.", 404)


@answers("account", "GetAlternateContact")
def get_alternate_contact(call: Call) -> Result:
    kind = _kind(call)
    contact = _contacts(call).get(kind)
    if contact is None:
        raise _none(kind)
    return {
        "AlternateContact": {
            "AlternateContactType": kind,
            "Name": contact.name,
            "Title": contact.title,
            "EmailAddress": contact.email_address,
            "PhoneNumber": contact.phone_number,
        }
    }


@answers("account", "PutAlternateContact")
def put_alternate_contact(call: Call) -> None:
    """moto keeps it, once it is one that AWS takes and the caller may name the account."""
    _kind(call)
    for name, (longest, pattern) in FIELDS.items():
        field, value = name[0].lower() + name[1:], call.parameters.get(name)
        if value is None:
            raise _invalid(field, "Member must not be null")
        if not 1 <= len(value) <= longest:
            raise _invalid(field, f"Member must have length from 1 to {longest}")
        if not re.fullmatch(pattern, value):
            raise _invalid(field, f"Member must satisfy regular expression pattern: {pattern}")
    account_asked(call)


@answers("account", "DeleteAlternateContact")
def delete_alternate_contact(call: Call) -> None:
    kind = _kind(call)
    if kind not in _contacts(call):
        raise _none(kind)
