"""What waits for one person: accounts to confirm, contacts to name, answers that end, decisions.

Everything here is theirs to settle, most of it where it stands; pages count nothing else as work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from inventory import ownership, proposals
from inventory.access import Action, may
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS, Column
from inventory.models import Account, ChangeSet, HandOver, User
from inventory.policy import Place, Policy, load_policy
from roadmap import attestations, decisions, exceptions
from roadmap.decided import is_open
from roadmap.models import Attestation, Finding, RuleException
from roadmap.orphans import orphaned
from roadmap.queries.overview import Setback, setbacks
from roadmap.registry import Item, items
from roadmap.restricted import hidden_from
from roadmap.verdicts import Severity

MOST = 8  # cards of a kind; the page says how many more there are
RECENT = timedelta(days=14)
WANTED_CONTACTS = ("deputy", "security_contact")


@dataclass(frozen=True)
class Incomplete:
    """An account of the person's without contacts that it should have."""

    account: Account
    missing: Sequence[Column]

    @property
    def names(self) -> str:
        return " and ".join(column.label.lower() for column in self.missing)


@dataclass(frozen=True)
class Ending:
    """An answer of the person's that ends soon or has ended."""

    attestation: Attestation
    item: Item
    has_ended: bool


@dataclass(frozen=True)
class Urgent:
    """Open findings of an account of the person's."""

    account: Account
    critical: int
    high: int


@dataclass(frozen=True)
class Work:
    """``next_at`` is when the person is asked again, None where nothing of theirs ends."""

    offers: Sequence[HandOver]
    to_confirm: Sequence[Account]
    endings: Sequence[Ending]
    incomplete: Sequence[Incomplete]
    urgent: Sequence[Urgent]
    proposals: Sequence[ChangeSet]
    requests: int
    orphans: int
    decisions: int
    setbacks: Sequence[Setback]
    accounts: int
    next_at: datetime | None

    @property
    def number(self) -> int:
        """Of decisions that wait."""
        kinds = (self.offers, self.to_confirm, self.endings, self.incomplete, self.urgent)
        waiting = self.requests + self.decisions + self.orphans
        return sum(map(len, kinds)) + len(self.proposals) + waiting


def work_of(user: User, now: datetime | None = None) -> Work:
    """The same number of queries whatever a person has."""
    now = now or datetime.now(UTC)
    policy = load_policy()
    days = timedelta(policy.at(Place())["ATTESTATION_REMIND_DAYS"])
    owned = list(ownership.owned_by(user).select_related("team", "observed_organization"))
    to_confirm = set(ownership.to_confirm(user).values_list("pk", flat=True))
    return Work(
        offers=list(ownership.offered_to(user)),
        to_confirm=sorted(
            (account for account in owned if account.pk in to_confirm),
            key=lambda account: account.confirmed_at or datetime.min.replace(tzinfo=UTC),
        ),
        endings=_endings(user, now, days),
        incomplete=_incomplete([account for account in owned if account.pk not in to_confirm]),
        urgent=_urgent(user, owned, now),
        proposals=list(proposals.to_decide(user)),
        requests=_requests(user, now),
        orphans=orphaned(user).count() if may(user, Action.HAND_OVER) else 0,
        decisions=decisions.waiting_for(user, now).count(),
        setbacks=_setbacks(user, now) if owned else (),
        accounts=len(owned),
        next_at=_next(user, owned, now, days, policy),
    )


def _endings(user: User, now: datetime, days: timedelta) -> list[Ending]:
    rows = attestations.standing(user).filter(author=user, expires_at__lte=now + days)
    rows = rows.select_related("account", "team", "organization")
    known = items()
    return [
        Ending(row, known[row.item], row.expires_at <= now) for row in rows if row.item in known
    ]


def _incomplete(accounts: Sequence[Account]) -> list[Incomplete]:
    columns = [one for one in ownership.contact_columns() if one.name in WANTED_CONTACTS]
    rows = read(ACCOUNTS, columns, {account.key for account in accounts}) if accounts else {}
    found = [
        Incomplete(account, [one for one in columns if not rows[account.key].cells[one.name]])
        for account in accounts
    ]
    return [one for one in found if one.missing]


def _urgent(user: User, accounts: Sequence[Account], now: datetime) -> list[Urgent]:
    """The worst first. Findings of items that are security's alone are not counted."""
    counts = (
        Finding.objects.filter(is_open(now), account__in=[a.pk for a in accounts])
        .exclude(item__in=hidden_from(user))
        .order_by()
        .values("account")
        .annotate(
            critical=Count("pk", filter=Q(severity=Severity.CRITICAL.value)),
            high=Count("pk", filter=Q(severity=Severity.HIGH.value)),
        )
        .filter(critical__gt=0)
    )
    by_pk: dict[Any, Account] = {account.pk: account for account in accounts}
    found = [Urgent(by_pk[one["account"]], one["critical"], one["high"]) for one in counts]
    return sorted(found, key=lambda one: (-one.critical, -one.high, one.account.account_id))


def _requests(user: User, now: datetime) -> int:
    """Exceptions that others ask for and the user may grant."""
    if not may(user, Action.APPROVE):
        return 0
    waiting = exceptions.in_state(user, now, RuleException.State.REQUESTED)
    return waiting.exclude(requester=user).count()


def _setbacks(user: User, now: datetime) -> Sequence[Setback]:
    return setbacks(ownership.owned_by(user), now - RECENT, MOST, hidden_from(user))


def _next(
    user: User, accounts: Sequence[Account], now: datetime, days: timedelta, policy: Policy
) -> datetime | None:
    ends = [ownership.confirmed_until(account, policy) for account in accounts]
    mine = attestations.standing(user).filter(author=user)
    asked = [at - days for at in mine.values_list("expires_at", flat=True)]
    return min((at for at in [*ends, *asked] if at is not None and at > now), default=None)
