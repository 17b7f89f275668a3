"""Accounts with everything their rules may look at, built for many accounts in a few queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from collectors.facts import Observation, OrganizationFacts
from collectors.models import Connection, Fact
from collectors.outcomes import Outcome
from collectors.registry import Scope, collectors
from collectors.services import sso_admin
from collectors.services.organizations import invitations
from collectors.store import organization_facts, place_of
from inventory.models import (
    Account,
    AccountState,
    BouncingAddress,
    Contact,
    Organization,
    Sighting,
    Team,
    TeamMembership,
)
from inventory.policy import Place, Policy, load_policy
from roadmap.evaluation.judging import Seat
from roadmap.evaluation.scans import scans_of
from roadmap.evaluation.staleness import fresh, last_answers
from roadmap.evidence import MAX_AGE
from roadmap.models import AccountStanding, Attestation, RuleException
from roadmap.registry import ImportUse, items
from roadmap.scanner_checks import checks_by_item
from roadmap.scans import CheckKey, Scans
from roadmap.subject import AccountRow, Attested, Company, Excepted

T = TypeVar("T")

_ACCOUNT_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")
RELATED = ("team", "ou", "observed_organization", "payer", "confirmed_by")


def organization_of(account: Account) -> Organization | None:
    """The organization an account is in now; one that left is in none."""
    return None if account.state == AccountState.LEFT else account.observed_organization


@dataclass(frozen=True)
class OnDemand(Mapping[str, T]):
    """Rows that are read when a rule first asks for one: most rules never do."""

    load: Callable[[], Mapping[str, T]]

    @cached_property
    def rows(self) -> Mapping[str, T]:
        return self.load()

    def __getitem__(self, account_id: str) -> T:
        return self.rows[account_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Room:
    """What all accounts of one organization share during a pass (None: of no organization)."""

    organization: Organization | None
    policy: Policy
    company: Company
    people: Mapping[int, int]
    shared: Mapping[tuple[str, int | None], Mapping[str, Sequence[Attested]]]
    exceptions: Mapping[int | None, Sequence[Excepted]]
    checks: Mapping[str, frozenset[CheckKey]]

    def named(self) -> list[Account]:
        """The organization's accounts that its own answers name, such as where a honey token lies.
        One query, none where they name none."""
        if self.organization is None:
            return []
        said = self.shared.get(("organization", self.organization.pk), {})
        answers = [answer for answers in said.values() for answer in answers]
        ids = {found for one in answers for found in _ACCOUNT_ID.findall(f"{one.details}")}
        if not ids:
            return []
        return list(
            Account.objects.filter(observed_organization=self.organization, account_id__in=ids)
        )

    def seats(
        self, accounts: Sequence[Account], now: datetime, beside: Sequence[Account] = ()
    ) -> list[Seat]:
        """Nine queries and those of their facts, however many accounts. Rules may look at the
        facts of those ``beside`` too."""
        facts = organization_facts(self.organization, [*accounts, *beside])
        organization_id = self.organization.organization_id if self.organization else ""
        usable = fresh(facts, self.policy.at(Place(organization=organization_id)), now)
        pks = [account.pk for account in accounts]
        rows = rows_of(accounts, self.people)
        own = _own_attestations(pks)
        refused = _refused_before(pks)
        scans = scans_of(pks, self.checks, self._looked_into())
        answers = last_answers(facts.observations)
        by_account = _by_account(facts)
        return [
            Seat(
                pk=account.pk,
                row=rows[account.pk],
                facts=usable,
                values=self.policy.at(place_of(account)),
                company=self.company,
                attestations=self._attestations(account, own.get(account.pk, {})),
                now=now,
                exceptions=[
                    *self.exceptions.get(account.pk, ()),
                    *self.exceptions.get(None, ()),
                ],
                refused_since=refused_since(
                    by_account.get(account.account_id, ()), refused.get(account.pk)
                ),
                observed=answers.get(account.account_id, {}),
                scans=scans.get(account.pk, Scans()),
            )
            for account in accounts
        ]

    def _looked_into(self) -> set[CheckKey]:
        """The checks whose failing resources matter: to a rule, or because of an exception."""
        excepted = {e.item for held in self.exceptions.values() for e in held if e.pattern}
        read = {key for key, item in items().items() if item.import_use == ImportUse.RULE}
        return {check for key in read | excepted for check in self.checks.get(key, ())}

    def _attestations(
        self, account: Account, own: Mapping[str, Sequence[Attested]]
    ) -> Mapping[str, Sequence[Attested]]:
        team = self.shared.get(("team", account.team_id), {})
        organization = self.shared.get(
            ("organization", self.organization.pk if self.organization else None), {}
        )
        if not own and not team:
            return organization
        return {
            item: [*own.get(item, ()), *team.get(item, ()), *organization.get(item, ())]
            for item in {*own, *team, *organization}
        }


def room_of(organization: Organization | None, now: datetime) -> Room:
    """Thirteen queries."""
    people = team_people(now)
    policy = load_policy()
    return Room(
        organization=organization,
        policy=policy,
        company=replace(
            _company(organization, people, policy, now),
            access=OnDemand(lambda: _access(organization, policy, now)),
        ),
        people=people,
        shared=_shared_attestations(),
        exceptions=_exceptions(now),
        checks=checks_by_item(),
    )


def team_people(now: datetime) -> dict[int, int]:
    """Team pk → people in it now, its lead included and those who left the company not."""
    there = Q(person__left_on=None) | Q(person__left_on__gt=now.date())
    members: dict[int, set[int]] = defaultdict(set)
    memberships = TeamMembership.objects.filter(there, valid_to=None)
    for team, person in memberships.values_list("team_id", "person_id"):
        members[team].add(person)
    led = Team.objects.filter(Q(lead__left_on=None) | Q(lead__left_on__gt=now.date()))
    for team, lead in led.exclude(lead=None).values_list("pk", "lead_id"):
        members[team].add(lead or 0)
    return {team: len(found) for team, found in members.items()}


def rows_of(accounts: Sequence[Account], people: Mapping[int, int]) -> dict[int, AccountRow]:
    """Primary key → the account as rules see it; ``RELATED`` must be loaded. One query."""
    contacts: dict[int, dict[str, str]] = defaultdict(dict)
    bouncing: dict[int, list[str]] = defaultdict(list)
    refuses = BouncingAddress.objects.filter(address=OuterRef("person__email"))
    held = Contact.objects.filter(account__in=[account.pk for account in accounts])
    rows = held.values_list("account_id", "role", "person__email", Exists(refuses))
    for account_pk, role, email, is_bouncing in rows:
        contacts[account_pk][role] = email
        if is_bouncing:
            bouncing[account_pk].append(role)
    return {
        account.pk: _row(
            account, contacts.get(account.pk, {}), bouncing.get(account.pk, ()), people
        )
        for account in accounts
    }


def _row(
    account: Account,
    contacts: Mapping[str, str],
    bouncing: Sequence[str],
    people: Mapping[int, int],
) -> AccountRow:
    organization = organization_of(account)
    return AccountRow(
        account_id=account.account_id,
        partition=account.partition,
        name=account.name or account.observed_name,
        email=account.observed_email or account.email,
        state=account.state,
        team=account.team.name if account.team else "",
        team_people=people.get(account.team_id or 0, 0),
        contacts=contacts,
        bouncing=bouncing,
        environment=account.environment,
        classes=account.classes,
        payer=account.payer.account_id if account.payer else account.observed_payer,
        organization_id=organization.organization_id if organization else "",
        management_account_id=organization.management_account_id if organization else "",
        feature_set=organization.feature_set if organization else "",
        ou_ids=[*account.ou.ancestors, account.ou.ou_id] if account.ou else [],
        ou_path=account.ou.path if account.ou else "",
        joined_method=account.joined_method,
        joined_at=account.joined_at,
        tags=account.tags,
        closed_on=account.closed_on,
        confirmed_at=account.confirmed_at,
        confirmed_by=account.confirmed_by.email if account.confirmed_by else "",
        is_registered=account.registered_at is not None,
    )


def _company(
    organization: Organization | None, people: Mapping[int, int], policy: Policy, now: datetime
) -> Company:
    observed = NullIf(F("observed_email"), Value(""))
    address = Lower(Coalesce(observed, F("email"), output_field=CharField()))
    addresses = Account.objects.order_by().annotate(a=address).exclude(a="")
    connections = list(Connection.objects.select_related("organization"))
    connection = next((c for c in connections if c.organization == organization), None)
    invited, unread = _invitations(connections, policy, now)
    return Company(
        accounts=OnDemand(lambda: _colleagues(organization, people)),
        root_emails=dict(addresses.values_list("a").annotate(Count("pk"))),
        registered_ids=frozenset(
            Account.objects.filter(registered_at__isnull=False)
            .order_by()
            .values_list("account_id", flat=True)
        ),
        of_other_organizations=_of_others(organization),
        sightings=_sightings(),
        invitations=invited,
        unread_invitations=unread,
        collector_principals=connection.principals if connection else [],
    )


def _colleagues(
    organization: Organization | None, people: Mapping[int, int]
) -> Mapping[str, AccountRow]:
    if organization is None:
        return {}
    accounts = list(
        Account.objects.filter(observed_organization=organization)
        .exclude(state=AccountState.LEFT)
        .select_related(*RELATED)
    )
    return {row.account_id: row for row in rows_of(accounts, people).values()}


def _of_others(organization: Organization | None) -> frozenset[str]:
    inside = Account.objects.exclude(observed_organization=None).exclude(state=AccountState.LEFT)
    if organization is not None:
        inside = inside.exclude(observed_organization=organization)
    ids = inside.order_by().values_list("account_id", "observed_organization__organization_id")
    return frozenset(one for pair in ids for one in pair if one)


def _sightings() -> dict[str, str]:
    """Ids seen somewhere and in no row → where."""
    known = Account.objects.order_by().values("account_id")
    rows = Sighting.objects.exclude(account_id__in=known).order_by("last_seen_at")
    return {
        account_id: f"{source}: {detail}" if detail else source
        for account_id, source, detail in rows.values_list("account_id", "source", "detail")
    }


def _invitations(
    connections: Iterable[Connection], policy: Policy, now: datetime
) -> tuple[dict[str, str], list[str]]:
    """Account id or address → the organization that has an open invitation to it; and the
    organizations of which nobody could tell lately."""
    found: dict[str, str] = {}
    unread = {one.organization.organization_id for one in connections if one.is_enabled}
    rows = Fact.objects.filter(kind=invitations.name, outcome=Outcome.COLLECTED)
    for organization, value, observed_at in rows.values_list(
        "account__observed_organization__organization_id", "value", "observed_at"
    ):
        limit = policy.at(Place(organization=organization or ""))[MAX_AGE]
        if now - observed_at > timedelta(hours=limit):
            continue
        unread.discard(organization)
        for invitation in msgspec.convert(value, invitations.value):
            for invited in filter(None, (invitation.account_id, invitation.email.lower())):
                if invitation.is_open:
                    found[invited] = organization or ""
    return found, sorted(unread)


def _access(
    organization: Organization | None, policy: Policy, now: datetime
) -> dict[str, Observation[sso_admin.Access]]:
    """What of ``sso_admin.access`` still decides something, of all accounts. One query."""
    if organization is None:
        return {}
    kind = sso_admin.access.name
    rows = Fact.objects.filter(
        kind=kind, outcome=Outcome.COLLECTED, account__observed_organization=organization
    ).values_list("account__account_id", "value", "observed_at")
    observations: dict[tuple[str, str, str], Observation[sso_admin.Access]] = {}
    for account_id, value, observed_at in rows:
        try:
            seen = msgspec.convert(value, sso_admin.access.value)
        except msgspec.ValidationError:  # It was collected by an older Cairn.
            continue
        observations[account_id, kind, ""] = Observation(
            kind, account_id, "", Outcome.COLLECTED, seen, observed_at=observed_at
        )
    place = Place(organization=organization.organization_id)
    usable = fresh(OrganizationFacts(observations=observations), policy.at(place), now)
    return {account_id: found for (account_id, *_), found in usable.observations.items()}


def _attested(row: Attestation) -> Attested:
    return Attested(
        item=row.item,
        level="account" if row.account_id else "team" if row.team_id else "organization",
        claim=row.claim,
        statement=row.statement,
        url=row.url,
        about=row.about,
        author=row.author.email if row.author else "",
        given_at=row.created_at,
        expires_at=row.expires_at,
        pk=row.pk,
        details=row.details,
    )


ByItem = dict[str, list[Attested]]


def _own_attestations(accounts: Sequence[int]) -> dict[int, ByItem]:
    found: dict[int, ByItem] = defaultdict(lambda: defaultdict(list))
    rows = Attestation.objects.filter(account__in=accounts, withdrawn_at=None)
    for row in rows.select_related("author"):
        found[row.account_id or 0][row.item].append(_attested(row))
    return found


def _shared_attestations() -> dict[tuple[str, int | None], ByItem]:
    """Those of teams and organizations, by level and primary key."""
    found: dict[tuple[str, int | None], ByItem] = defaultdict(lambda: defaultdict(list))
    rows = Attestation.objects.filter(account=None, withdrawn_at=None)
    for row in rows.select_related("author"):
        attested = _attested(row)
        found[attested.level, row.team_id or row.organization_id][row.item].append(attested)
    return found


def _exceptions(now: datetime) -> dict[int | None, list[Excepted]]:
    """Those that hold, by the account they are bound to; None is of any account."""
    found: dict[int | None, list[Excepted]] = defaultdict(list)
    rows = RuleException.objects.alias(state_now=RuleException.state_at(now))
    rows = rows.filter(state_now=RuleException.State.HOLDS).order_by("pk")
    for row in rows.select_related("approver"):
        found[row.account_id].append(
            Excepted(
                item=row.item,
                pattern=row.pattern,
                reason=row.reason,
                approver=row.approver.email if row.approver else "",
                expires_at=row.expires_at,
                pk=row.pk,
            )
        )
    return found


def _refused_before(accounts: Sequence[int]) -> dict[int, datetime]:
    rows = AccountStanding.objects.filter(account__in=accounts, refused_since__isnull=False)
    return {pk: at for pk, at in rows.values_list("account_id", "refused_since") if at}


def _by_account(facts: OrganizationFacts) -> dict[str, list[Observation[Any]]]:
    """What was asked with each account's own member role."""
    own = {name for name, c in collectors().items() if c.scope == Scope.ACCOUNT}
    found: dict[str, list[Observation[Any]]] = defaultdict(list)
    for observation in facts.observations.values():
        if observation.kind in own:
            found[observation.account_id].append(observation)
    return found


def refused_since(
    observations: Sequence[Observation[Any]], before: datetime | None
) -> datetime | None:
    """Since when the member role has been refused on every try; None if the last try got in."""
    times = [(o.observed_at, o.outcome) for o in observations if o.observed_at is not None]
    refused = [at for at, outcome in times if outcome == Outcome.ASSUME_ROLE_DENIED]
    got_in = [at for at, outcome in times if outcome == Outcome.COLLECTED]
    if not refused or (got_in and max(got_in) > max(refused)):
        return None
    first = min(refused)
    return min(first, before) if before else first
