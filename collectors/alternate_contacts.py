"""The sheet's security, operations and billing contacts beside the alternate contacts in AWS.

A blank name, title or phone on either side is no difference: nobody has said, or nobody has seen.
Addresses are compared in any case, and numbers without their punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from collectors import store
from collectors.outcomes import Missing
from collectors.services import account as account_service
from collectors.services.account import BILLING, OPERATIONS, SECURITY, Contacts
from inventory import audit, contacts
from inventory.models import Account, ContactRole, Person

# AWS's types of alternate contacts → the role in the sheet.
ROLES: Mapping[str, ContactRole] = {
    SECURITY: ContactRole.SECURITY,
    OPERATIONS: ContactRole.OPERATIONS,
    BILLING: ContactRole.BILLING,
}


class Standing(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    ONLY_SHEET = "only_sheet"
    ONLY_AWS = "only_aws"
    NOBODY = "nobody"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Standing.SAME: "same",
    Standing.DIFFERS: "differs",
    Standing.ONLY_SHEET: "not in AWS",
    Standing.ONLY_AWS: "not in the sheet",
    Standing.NOBODY: "nobody",
    Standing.UNKNOWN: "not known",
}
DRIFTING = (Standing.DIFFERS, Standing.ONLY_SHEET, Standing.ONLY_AWS)


# Our field → AWS's parameter, all of which AWS requires.
PARAMETERS = {
    "name": "Name",
    "title": "Title",
    "email": "EmailAddress",
    "phone": "PhoneNumber",
}


@dataclass(frozen=True)
class Details:
    """A contact with the four fields that an alternate contact has."""

    name: str
    title: str
    email: str
    phone: str

    @classmethod
    def of(cls, person: Person) -> Details:
        return cls(person.name, person.title, person.email, person.phone)

    @classmethod
    def observed(cls, contact: account_service.AlternateContact) -> Details:
        return cls(contact.name, contact.title, contact.email_address, contact.phone_number)

    @classmethod
    def answered(cls, contact: Mapping[str, str]) -> Details:
        """Of an answer of account:GetAlternateContact."""
        return cls(**{name: contact.get(parameter, "") for name, parameter in PARAMETERS.items()})

    @property
    def parameters(self) -> dict[str, str]:
        """For account:PutAlternateContact."""
        return {parameter: getattr(self, name) for name, parameter in PARAMETERS.items()}

    def differing(self, other: Details) -> tuple[str, ...]:
        """The fields that both hold and that say different things."""
        ours, theirs = self._comparable(), other._comparable()
        return tuple(
            name for name in ours if ours[name] and theirs[name] and ours[name] != theirs[name]
        )

    def is_same(self, other: Details) -> bool:
        """Whether all four are alike, blanks included."""
        return self._comparable() == other._comparable()

    def _comparable(self) -> dict[str, str]:
        phone = re.sub(r"[\s()-]", "", self.phone)  # what AWS takes besides digits and +
        return {**asdict(self), "email": self.email.lower(), "phone": phone}


def details_shown(details: Iterable[Details | None]) -> None:
    """Tell the audit log whose telephone numbers these are, which somebody sees."""
    audit.saw_phones(one.email.lower() for one in details if one is not None and one.phone)


@dataclass(frozen=True)
class Compared:
    """One type of an account; ``differing`` are the fields that differ."""

    type: str
    recorded: Details | None
    observed: Details | None
    standing: Standing
    differing: tuple[str, ...] = ()

    @property
    def role(self) -> ContactRole:
        return ROLES[self.type]

    @property
    def column(self) -> str:
        """The column of the sheet."""
        return f"{self.role}_contact"

    @property
    def is_drifting(self) -> bool:
        return self.standing in DRIFTING

    @property
    def may_be_taken(self) -> bool:
        """Whether the sheet can name AWS's contact, who is not the one it names."""
        return self.standing == Standing.ONLY_AWS or "email" in self.differing


@dataclass(frozen=True)
class AccountContacts:
    """All three of an account, for templates/collectors/_alternate_contacts.html. ``why_unknown``
    says why AWS's side could not be seen."""

    account: Account
    lines: Sequence[Compared]
    why_unknown: str
    observed_at: datetime | None
    company_name: str
    country_code: str


def of_account(account: Account) -> AccountContacts:
    """Two queries."""
    seen = store.observation_of(account_service.contacts, account)
    why, found = "", Contacts()
    try:
        found = seen.get()
    except Missing as missing:
        why = missing.message
    people = contacts.people_of([account.pk]).get(account.pk, {})
    return AccountContacts(
        account,
        [_compared(kind, people, None if why else found) for kind in ROLES],
        why,
        seen.observed_at,
        found.company_name,
        found.country_code,
    )


def _compared(kind: str, people: Mapping[str, Person], found: Contacts | None) -> Compared:
    person = people.get(ROLES[kind])
    contact = found.alternate.get(kind) if found else None
    recorded = Details.of(person) if person else None
    observed = Details.observed(contact) if contact else None
    standing, differing = compare(recorded, observed, is_seen=found is not None)
    return Compared(kind, recorded, observed, standing, differing)


def compare(
    recorded: Details | None, observed: Details | None, *, is_seen: bool = True
) -> tuple[Standing, tuple[str, ...]]:
    if not is_seen:
        return Standing.UNKNOWN, ()
    if recorded and observed:
        differing = recorded.differing(observed)
        return (Standing.DIFFERS if differing else Standing.SAME), differing
    if recorded:
        return Standing.ONLY_SHEET, ()
    return (Standing.ONLY_AWS if observed else Standing.NOBODY), ()
