"""Progress per team, organization, OU, payer and environment, kept for every day.

Counts come from the tallies that are written with the verdicts. Today's rows are kept current;
days on which nothing was recorded stay gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from inventory.models import Account
from inventory.models.accounts import AccountQuerySet
from roadmap.models import DailyProgress, StageTally
from roadmap.rollups import FIELDS, Counts

COLUMNS = tuple(FIELDS.values())


@dataclass(frozen=True)
class Dimension:
    """A way to group accounts: ``group`` and ``label`` are read over the account."""

    name: str
    group: Combinable
    label: Combinable


def _text(*paths: str) -> Combinable:
    """The first of these that holds something, else an empty text."""
    filled = [NullIf(F(path), Value("")) for path in paths]
    return Coalesce(*filled, Value(""))


def _dimensions() -> Iterator[Dimension]:
    yield Dimension("all", Value(""), Value("All accounts"))
    yield Dimension("team", _text("account__team__name"), _text("account__team__name"))
    organization = "account__observed_organization__"
    yield Dimension(
        "organization", _text(f"{organization}organization_id"), _text(f"{organization}name")
    )
    yield Dimension("ou", _text("account__ou__ou_id"), _text("account__ou__path"))
    yield Dimension(
        "payer",
        _text("account__payer__account_id", "account__observed_payer"),
        _text("account__payer__name"),
    )
    yield Dimension("environment", _text("account__environment"), _text("account__environment"))


DIMENSIONS: Mapping[str, Dimension] = {dimension.name: dimension for dimension in _dimensions()}

# (group, label, stage) → (accounts, counts)
Grouped = Mapping[tuple[str, str, int], tuple[int, Counts]]


def by_group(dimension: Dimension, accounts: AccountQuerySet | None = None) -> Grouped:
    """The accounts' tallies summed by group and stage. One query."""
    tallies: QuerySet[StageTally] = StageTally.objects.order_by()
    if accounts is not None:
        tallies = tallies.filter(account__in=accounts.order_by().values("pk"))
    rows = (
        tallies.annotate(group=dimension.group, label=dimension.label)
        .values_list("group", "label", "stage")
        .annotate(Count("pk"), *(Sum(column) for column in COLUMNS))
    )
    return {
        (group, label, stage): (accounts_counted, Counts(*counted))
        for group, label, stage, accounts_counted, *counted in rows
    }


def groups(grouped: Grouped) -> list[tuple[str, str, int, dict[int, Counts]]]:
    """(group, label, accounts, stage → counts) of each group."""
    found: dict[str, tuple[str, int, dict[int, Counts]]] = {}
    for (group, label, stage), (accounts, counts) in grouped.items():
        found.setdefault(group, (label, accounts, {}))[2][stage] = counts
    return [(group, *rest) for group, rest in found.items()]
