"""What a rule may look at: one account with its facts, settings, attestations and the time. Pure.

A subject remembers which settings and attestations were read; they go into the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from collectors.facts import AccountFacts, Observation
from collectors.services.sso_admin import Access
from roadmap.scans import Scans
from roadmap.verdicts import Verdict


@dataclass(frozen=True)
class AccountRow:
    """An account of the sheet. ``contacts`` are role → e-mail address, ``bouncing`` the roles whose
    address refuses mail; ``ou_ids`` from the root down; ``team_people`` counts the current members
    of the team, its lead included."""

    account_id: str
    partition: str = "aws"
    name: str = ""
    email: str = ""
    state: str = ""
    team: str = ""
    team_people: int = 0
    contacts: Mapping[str, str] = field(default_factory=dict)
    bouncing: Sequence[str] = ()
    environment: str = ""
    classes: Sequence[str] = ()
    payer: str = ""
    organization_id: str = ""
    management_account_id: str = ""
    feature_set: str = ""
    ou_ids: Sequence[str] = ()
    ou_path: str = ""
    joined_method: str = ""
    joined_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    closed_on: date | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    is_registered: bool = True

    @property
    def is_management(self) -> bool:
        return bool(self.organization_id) and self.account_id == self.management_account_id

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"


@dataclass(frozen=True)
class Company:
    """What a rule needs to know of the other accounts: those of the same organization by id, all
    root addresses (in lower case) with how many accounts use each, every registered id, ids seen
    elsewhere (id → where) that no row has, and open invitations of all organizations (account id,
    or address in lower case → organization id). ``unread_invitations`` are the ids of connected
    organizations of which nobody could tell. ``of_other_organizations`` are the ids of accounts in
    the company's other organizations, and of these. ``access`` is how IAM Identity Center leads
    into each account of the same organization, by id."""

    accounts: Mapping[str, AccountRow] = field(default_factory=dict)
    root_emails: Mapping[str, int] = field(default_factory=dict)
    registered_ids: frozenset[str] = frozenset()
    sightings: Mapping[str, str] = field(default_factory=dict)
    invitations: Mapping[str, str] = field(default_factory=dict)
    unread_invitations: Sequence[str] = ()
    of_other_organizations: frozenset[str] = frozenset()
    collector_principals: Sequence[str] = ()
    access: Mapping[str, Observation[Access]] = field(default_factory=dict)


@dataclass(frozen=True)
class Attested:
    """A person's answer. ``level`` is account, team or organization; ``about`` names what exactly
    it is about where the item needs that (an address, a pattern)."""

    item: str
    level: str
    claim: str  # done, partly, not_done or declined
    statement: str = ""
    url: str = ""
    about: str = ""
    author: str = ""
    given_at: datetime | None = None
    expires_at: datetime | None = None
    pk: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)  # by registry.Detail.name

    def holds(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True)
class Excepted:
    """An approved exception from an item for some of the account's resources. ``pattern`` is an
    ARN in which * and ? stand for anything."""

    item: str
    pattern: str
    reason: str = ""
    approver: str = ""
    expires_at: datetime | None = None
    pk: int | None = None


@dataclass(frozen=True)
class ReadSettings:
    """Settings as the account sees them; remembers the names that were read."""

    values: Any
    read: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        self.read[name] = self.values[name]
        return self.read[name]


@dataclass(frozen=True)
class Subject:
    """``verdicts`` are the account's verdicts of items judged before (the sub-checks of a parent);
    ``exceptions`` are those from this item for single resources.
    ``elsewhere`` is what people say of other items, by item. ``scans`` are what was imported.
    ``assume_role_refused_since`` is when the member role was first refused without success since.
    """

    account: AccountRow
    facts: AccountFacts
    settings: ReadSettings
    now: datetime
    company: Company = Company()
    attestations: Sequence[Attested] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    assume_role_refused_since: datetime | None = None
    exceptions: Sequence[Excepted] = ()
    excepted: dict[str, Excepted] = field(default_factory=dict)
    elsewhere: Mapping[str, Sequence[Attested]] = field(default_factory=dict)
    scans: Scans = field(default_factory=Scans)

    def is_excepted(self, arn: str) -> bool:
        """Whether an exception that holds covers the resource, which then leaves every count. The
        resource is remembered in ``excepted``, for the evidence."""
        for exception in self.exceptions:
            holds = exception.expires_at is None or self.now < exception.expires_at
            if holds and fnmatchcase(arn, exception.pattern):
                self.excepted[arn] = exception
                return True
        return False

    def attested(self, about: str | None = None) -> Attested | None:
        """The attestation that counts: the narrowest level wins, then the newest. It may have
        expired: ask ``holds``."""
        order = {"account": 0, "team": 1, "organization": 2}
        found = [a for a in self.attestations if about is None or a.about == about]
        newest_first = sorted(found, key=lambda a: a.given_at or self.now, reverse=True)
        return min(newest_first, key=lambda a: order[a.level], default=None)

    def holding(self, *claims: str) -> Attested | None:
        """The attestation that counts, while it holds and if it claims one of these."""
        found = self.attested()
        return found if found and found.holds(self.now) and found.claim in claims else None

    def registered(self, item: str) -> Sequence[Attested]:
        """What people have registered under another item and holds."""
        said = self.elsewhere.get(item, ())
        return [a for a in said if a.claim in ("done", "partly") and a.holds(self.now)]

    def of_level(self, level: str) -> Sequence[Attested]:
        return [a for a in self.attestations if a.level == level]
