"""By when findings must be dealt with, and for how long their risk may be accepted: by severity,
and by where the account stands. A finding without a severity is treated as a medium one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.db.models import Exists, OuterRef, Q

from collectors.store import place_of
from inventory.models import Account
from inventory.policy import Place, Policy, load_policy
from roadmap.decided import Kind, is_open, standing
from roadmap.models import WEIGHTS, Finding
from roadmap.verdicts import Severity

# What of an account must be loaded to know where it stands.
PLACED = ("ou", "observed_organization")
_READ = (
    "partition", "account_id", "classes", "ou__ou_id", "ou__ancestors",
    "observed_organization__organization_id",
)  # fmt: skip
DUE = {severity: f"FINDING_DUE_DAYS_{severity.upper()}" for severity in Severity}
ACCEPTED = {severity: f"ACCEPT_MAX_DAYS_{severity.upper()}" for severity in Severity}
Days = tuple[int, ...]  # by severity, in the order of Severity


def severity_of(text: str) -> Severity:
    return Severity(text) if text else Severity.MEDIUM


@dataclass
class Deadlines:
    """The settings of one kind, ``names`` by severity, resolved once for each kind of place."""

    policy: Policy
    names: Mapping[Severity, str]
    _known: dict[Place, Days] = field(default_factory=dict)

    @classmethod
    def load(cls, names: Mapping[Severity, str] = DUE) -> Self:
        """One query."""
        return cls(load_policy(), names)

    def __post_init__(self) -> None:
        self._own = {target for name, _, target in self.policy.rows if name in self.names.values()}

    def at(self, account: Account) -> Days:
        place = place_of(account)
        key = Place(
            place.account if place.account in self._own else "",
            tuple(place.classes),
            tuple(place.ous),
            place.organization,
        )
        if key not in self._known:
            values = self.policy.at(place)
            self._known[key] = tuple(int(values[self.names[one]]) for one in Severity)
        return self._known[key]

    def days(self, account: Account, severity: str) -> int:
        return self.at(account)[list(Severity).index(severity_of(severity))]

    def due_on(self, finding: Finding) -> date | None:
        """The last day on which it is in time; None where there is none. Its account is loaded
        with what ``PLACED`` names."""
        days = self.days(finding.account, finding.severity)
        return finding.first_seen_at.date() + timedelta(days=days) if days else None


def is_overdue(now: datetime | None = None) -> Q:
    """Open findings past their due date, or past the date of the plan that somebody had. Two
    queries, whatever number of findings."""
    now = now or datetime.now(UTC)
    late = standing(now).filter(
        decision__kind=Kind.ACKNOWLEDGE, decision__due_on__lt=now.date(), finding=OuterRef("pk")
    )
    return is_open(now) & (_past_due(now) | Q(Exists(late)))


def _past_due(now: datetime) -> Q:
    deadlines = Deadlines.load()
    by_days: dict[Days, list[int]] = defaultdict(list)
    accounts = Account.objects.select_related(*PLACED).only(*_READ).order_by()
    for account in accounts.iterator(chunk_size=2000):
        by_days[deadlines.at(account)].append(account.pk)
    if not by_days:
        return Q(pk__in=())
    # What holds for most accounts is said without naming them.
    common = max(by_days, key=lambda days: len(by_days[days]))
    others = [pk for days, pks in by_days.items() if days != common for pk in pks]
    found = _older(common, now) & ~Q(account__in=others) if others else _older(common, now)
    for days, pks in by_days.items():
        if days != common:
            found |= _older(days, now) & Q(account__in=pks)
    return found


def _older(days: Days, now: datetime) -> Q:
    today = datetime.combine(now.date(), time(), UTC)
    found = Q(pk__in=())
    for severity, number in zip(Severity, days, strict=True):
        if number:
            weights = [WEIGHTS[severity], *([0] if severity == severity_of("") else [])]
            found |= Q(weight__in=weights, first_seen_at__lt=today - timedelta(days=number))
    return found
