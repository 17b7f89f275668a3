"""AWS Account Management: an account's Regions, contacts and primary e-mail address.

Asked from the management account, which needs trusted access for account.amazonaws.com; where it
has none, the account itself is asked.
https://docs.aws.amazon.com/accounts/latest/reference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services.ec2 import DESCRIBE_REGIONS

if TYPE_CHECKING:
    from collectors.aws import Aws

SECURITY = "SECURITY"
BILLING = "BILLING"
OPERATIONS = "OPERATIONS"
ALTERNATE_CONTACT_TYPES = (SECURITY, BILLING, OPERATIONS)

LIST_REGIONS = Operation("account", "list_regions", "account:ListRegions", "Regions")
GET_ALTERNATE_CONTACT = Operation("account", "get_alternate_contact", "account:GetAlternateContact")
GET_CONTACT_INFORMATION = Operation(
    "account", "get_contact_information", "account:GetContactInformation"
)
GET_PRIMARY_EMAIL = Operation("account", "get_primary_email", "account:GetPrimaryEmail")

ENABLED = frozenset({"ENABLED", "ENABLED_BY_DEFAULT"})
OPTED_IN = frozenset({"opt-in-not-required", "opted-in"})


@dataclass(frozen=True)
class Regions:
    """Every Region AWS named for the account, and the ones of them that are enabled."""

    enabled: Sequence[str] = ()
    disabled: Sequence[str] = ()


@dataclass(frozen=True)
class AlternateContact:
    email_address: str
    name: str = ""
    title: str = ""
    phone_number: str = ""


@dataclass(frozen=True)
class Contacts:
    """``alternate`` are type → contact; a type without a contact is not in it. The primary
    contact's postal address and telephone number are not kept."""

    alternate: Mapping[str, AlternateContact] = field(default_factory=dict)
    company_name: str = ""
    country_code: str = ""


@dataclass(frozen=True)
class PrimaryEmail:
    """Empty for the management account, whose address only AWS Organizations tells."""

    address: str = ""


def _fetch_regions(aws: Aws) -> Any:
    try:
        return _about(aws, lambda caller, whom: caller.pages(LIST_REGIONS, **whom))
    except Missing as missing:
        # EC2 tells the same; the account API is newer and not everywhere.
        if missing.outcome not in (Outcome.ACCESS_DENIED, Outcome.API_ERROR):
            raise
    return (aws.own.call(DESCRIBE_REGIONS, AllRegions=True) or {}).get("Regions")


def _about(aws: Aws, ask: Any) -> Any:
    """What ``ask(caller, parameters)`` finds out about the target: from the management account
    with the target's id, which AWS refuses for the caller's own id, else from the target."""
    if aws.target in ("", aws.account_id):
        return ask(aws, {})
    try:
        return ask(aws, {"AccountId": aws.target})
    except Missing as missing:
        if missing.outcome != Outcome.ACCESS_DENIED:
            raise
    return ask(aws.own, {})


def _regions(answers: Any) -> Regions:
    enabled = [answer for answer in answers or () if _is_enabled(answer)]
    disabled = [answer for answer in answers or () if not _is_enabled(answer)]
    return Regions(_names(enabled), _names(disabled))


def _is_enabled(answer: Mapping[str, Any]) -> bool:
    return answer.get("RegionOptStatus") in ENABLED or answer.get("OptInStatus") in OPTED_IN


def _names(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(answer["RegionName"] for answer in answers if answer.get("RegionName"))


def _fetch_contacts(aws: Aws) -> Any:
    return _about(aws, _ask_contacts)


def _ask_contacts(caller: Aws, whom: Mapping[str, str]) -> Any:
    absent = ("ResourceNotFoundException",)
    return {
        "Alternate": {
            kind: caller.call(
                GET_ALTERNATE_CONTACT, absent=absent, AlternateContactType=kind, **whom
            )
            for kind in ALTERNATE_CONTACT_TYPES
        },
        "Primary": caller.call(GET_CONTACT_INFORMATION, absent=absent, **whom),
    }


def _contacts(answer: Any) -> Contacts:
    found = {
        kind: (contact or {}).get("AlternateContact")
        for kind, contact in answer["Alternate"].items()
    }
    primary = (answer["Primary"] or {}).get("ContactInformation") or {}
    return Contacts(
        alternate={
            kind: AlternateContact(
                email_address=contact["EmailAddress"],
                name=contact.get("Name") or "",
                title=contact.get("Title") or "",
                phone_number=contact.get("PhoneNumber") or "",
            )
            for kind, contact in found.items()
            if contact and contact.get("EmailAddress")
        },
        company_name=primary.get("CompanyName") or "",
        country_code=primary.get("CountryCode") or "",
    )


def _fetch_primary_email(aws: Aws) -> Any:
    if aws.target in ("", aws.account_id):
        return None
    return aws.call(GET_PRIMARY_EMAIL, AccountId=aws.target)


regions = Collector(
    "account.regions",
    Regions,
    Scope.TARGET,
    Reach.GLOBAL,
    (LIST_REGIONS,),
    _fetch_regions,
    _regions,
    Phase.REGIONS,
    own=(LIST_REGIONS, DESCRIBE_REGIONS),
)

contacts = Collector(
    "account.contacts",
    Contacts,
    Scope.TARGET,
    Reach.GLOBAL,
    (GET_ALTERNATE_CONTACT, GET_CONTACT_INFORMATION),
    _fetch_contacts,
    _contacts,
    own=(GET_ALTERNATE_CONTACT, GET_CONTACT_INFORMATION),
)

primary_email = Collector(
    "account.primary_email",
    PrimaryEmail,
    Scope.TARGET,
    Reach.GLOBAL,
    (GET_PRIMARY_EMAIL,),
    _fetch_primary_email,
    lambda answer: PrimaryEmail((answer or {}).get("PrimaryEmail") or ""),
)
