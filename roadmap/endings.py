"""Answers and exceptions that come to their end: which reached a day of warning, in a line each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse

from inventory.models import Account
from inventory.outbox import Line
from inventory.policy import Place, Values, load_policy
from roadmap.models import Attestation, RuleException
from roadmap.registry import Item, Level, items

Ending = Attestation | RuleException


@dataclass(frozen=True)
class Reached:
    """What came to a day of warning after ``since`` (None: ever) and up to ``until``. The days are
    those of the first warning, and where ``again`` those of the later ones too."""

    since: datetime | None
    until: datetime
    again: bool = False

    def answers(self, rows: QuerySet[Attestation]) -> Iterator[Attestation]:
        related = rows.select_related("account", "team", "organization", "author__person")
        for row in related.filter(**self._about("ATTESTATION_REMIND_DAYS")):
            if self._is_reached(row, "ATTESTATION_REMIND_DAYS"):
                yield row

    def exceptions(self, rows: QuerySet[RuleException]) -> Iterator[RuleException]:
        related = rows.select_related("account", "requester__person")
        for row in related.filter(**self._about("EXCEPTION_REMIND_DAYS")):
            if self._is_reached(row, "EXCEPTION_REMIND_DAYS"):
                yield row

    def _about(self, setting: str) -> dict[str, datetime]:
        latest = self.until + timedelta(days=max(self._days(setting)))
        return {"expires_at__gt": self.until, "expires_at__lte": latest}

    def _is_reached(self, row: Ending, setting: str) -> bool:
        moments = [row.expires_at - timedelta(days=days) for days in self._days(setting)]
        return any((self.since is None or self.since < at) and at <= self.until for at in moments)

    def _days(self, setting: str) -> Collection[int]:
        first = int(self._values[setting])
        again = {days for days in self._values["REMIND_AGAIN_DAYS"] if days < first}
        return {first} | (again if self.again else set())

    @cached_property
    def _values(self) -> Values:
        return load_policy().at(Place())


def line_of(row: Ending) -> Line:
    item = items().get(row.item)
    title = item.title if item else row.item
    if isinstance(row, RuleException):
        said = f"Exception from {title} for {row.pattern or row.account}"
        return Line(said, reverse("roadmap:exceptions"), f"It ends on {row.expires_at:%Y-%m-%d}.")
    target = row.account or row.team or row.organization
    return Line(
        f"Answer on {title} for {target}",
        _answer_path(row, item),
        f"It ends on {row.expires_at:%Y-%m-%d}; answer again before.",
    )


def _answer_path(row: Attestation, item: Item | None) -> str:
    if item is None:
        return reverse("roadmap:attestations")
    level, target = _target(row)
    return reverse("roadmap:attest", args=[item.stage.slug, item.slug, level, target])


def _target(row: Attestation) -> tuple[Level, str]:
    if isinstance(row.account, Account):
        return Level.ACCOUNT, row.account.account_id
    if row.team:
        return Level.TEAM, row.team.slug
    assert row.organization is not None  # a constraint of the table
    return Level.ORGANIZATION, row.organization.organization_id
