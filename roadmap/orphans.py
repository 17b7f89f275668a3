"""Accounts that nobody owns, the riskiest first, with who may know.

Nobody owns an account without an owner, with one who has left, or whose owner says that it is
another's and nobody took it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from inventory.access import Anyone
from inventory.filters import has_owner
from inventory.models import Account, AccountState, Contact, ContactRole, HandOver, Person
from inventory.models.accounts import AccountQuerySet
from inventory.policy import Place, load_policy
from roadmap.decided import is_open
from roadmap.models import Finding
from roadmap.verdicts import Severity

GONE = (AccountState.CLOSED, AccountState.LEFT, AccountState.PENDING_CLOSURE)
PRODUCTION = "production"


class Why(StrEnum):
    """``value`` is the parameter of the page's address."""

    NOBODY = "nobody"
    LEFT = "left"
    NOT_MINE = "not_mine"

    @property
    def label(self) -> str:
        return {"nobody": "No owner", "left": "Owner has left", "not_mine": "Owner says not mine"}[
            self
        ]


@dataclass(frozen=True)
class Orphan:
    """``clues`` are who may know, as (what they are, person or words)."""

    account: Account
    why: Why
    critical: int
    high: int
    hand_over: HandOver | None
    clues: Sequence[tuple[str, Person | str]]

    @property
    def is_production(self) -> bool:
        return PRODUCTION in self.account.classes


def orphaned(user: Anyone) -> AccountQuerySet:
    """The accounts of them that the user sees; closed ones need no owner."""
    left = Contact.objects.filter(role=ContactRole.OWNER).exclude(person__left_on=None)
    open_ones = HandOver.objects.filter(state=HandOver.State.OPEN, suggested=None)
    return (
        Account.objects.visible_to(user)
        .filter(
            ~has_owner() | Q(pk__in=left.values("account")) | Q(pk__in=open_ones.values("account")),
            closed_on=None,
        )
        .exclude(state__in=GONE)
    )


def orphans(user: Anyone) -> list[Orphan]:
    """Six queries, whatever there is."""
    accounts = list(orphaned(user).select_related("team__lead", "confirmed_by"))
    keys = [account.pk for account in accounts]
    people = _contacts(keys)
    hand_overs = {
        one.account_id: one
        for one in HandOver.objects.filter(
            state=HandOver.State.OPEN, suggested=None, account__in=keys
        ).select_related("said_by", "refused_by")
    }
    urgent = _urgent(keys)
    tags = load_policy().at(Place())["OWNER_TAG_KEYS"]
    found = []
    for account in accounts:
        held, said = people.get(account.pk, {}), hand_overs.get(account.pk)
        reason = _why(held.get(ContactRole.OWNER), said)
        critical, high = urgent.get(account.pk, (0, 0))
        clues = _clues(account, held, said, tags)
        found.append(Orphan(account, reason, critical, high, said, clues))
    return sorted(found, key=_worst_first)


def _why(owner: Person | None, said: HandOver | None) -> Why:
    if owner is None:
        return Why.NOBODY
    return Why.NOT_MINE if said and not owner.left_on else Why.LEFT


def _worst_first(one: Orphan) -> tuple[object, ...]:
    return (-one.critical, -one.high, not one.is_production, one.account.account_id)


def _contacts(accounts: Sequence[int]) -> dict[int, dict[str, Person]]:
    found: dict[int, dict[str, Person]] = {}
    rows = Contact.objects.filter(account__in=accounts).select_related("person").order_by()
    for row in rows:
        found.setdefault(row.account_id, {})[row.role] = row.person
    return found


def _urgent(accounts: Sequence[int]) -> dict[int, tuple[int, int]]:
    counts: QuerySet[Finding, Mapping[str, int]] = (
        Finding.objects.filter(is_open(), account__in=accounts)  # type: ignore[assignment]  # annotated
        .order_by()
        .values("account")
        .annotate(
            critical=Count("pk", filter=Q(severity=Severity.CRITICAL.value)),
            high=Count("pk", filter=Q(severity=Severity.HIGH.value)),
        )
    )
    return {one["account"]: (one["critical"], one["high"]) for one in counts}


def _clues(
    account: Account, held: Mapping[str, Person], said: HandOver | None, tags: Sequence[str]
) -> list[tuple[str, Person | str]]:
    found: list[tuple[str, Person | str]] = []
    owner = held.get(ContactRole.OWNER)
    if owner and owner.left_on:
        found.append((f"owner until {owner.left_on:%Y-%m-%d}", owner))
    for role, label in (
        (ContactRole.DEPUTY, "deputy"),
        (ContactRole.OPERATIONS, "operations contact"),
        (ContactRole.SECURITY, "security contact"),
    ):
        if (person := held.get(role)) and not person.left_on:
            found.append((label, person))
    if account.team and account.team.lead and not account.team.lead.left_on:
        found.append((f"leads {account.team}", account.team.lead))
    wanted = {key.lower() for key in tags}
    found += [
        (f"tag {key}", str(value))
        for key, value in sorted(account.tags.items())
        if value and key.lower() in wanted
    ]
    if said and said.note:
        found.append((f"{said.said_by or 'The owner'} says", said.note))
    if said and said.refused_by:
        found.append(("refused", said.refused_by))
    return found
