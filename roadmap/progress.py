"""Progress per team, organization, OU, payer and environment, kept for every day.

Counts come from the tallies that are written with the verdicts. Today's rows are kept current;
days on which nothing was recorded stay gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import CharField, Count, F, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

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
    return Coalesce(*filled, Value(""), output_field=CharField())


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


@dataclass(frozen=True)
class Group:
    """One group of a dimension: stage → how many accounts have cells there, and the cells."""

    name: str
    label: str
    stages: Mapping[int, tuple[int, Counts]]

    @property
    def accounts(self) -> int:
        return max((accounts for accounts, _ in self.stages.values()), default=0)

    @property
    def counts(self) -> Mapping[int, Counts]:
        return {stage: counts for stage, (_, counts) in self.stages.items()}


def by_group(dimension: Dimension, accounts: AccountQuerySet | None = None) -> list[Group]:
    """The accounts' tallies summed by group and stage. One query."""
    tallies: QuerySet[StageTally] = StageTally.objects.order_by()
    if accounts is not None:
        tallies = tallies.filter(account__in=accounts.order_by().values("pk"))
    rows = (
        tallies.annotate(group=dimension.group, label=dimension.label)
        .values_list("group", "label", "stage")
        .annotate(Count("pk"), *(Sum(column) for column in COLUMNS))
    )
    labels: dict[str, str] = {}
    stages: dict[str, dict[int, tuple[int, Counts]]] = {}
    for name, label, stage, number, *cells in rows:
        # Rows of one group may be labelled differently (a payer that only AWS names).
        labels[name] = max(labels.get(name, ""), label)
        before, counted = stages.setdefault(name, {}).get(stage, (0, Counts()))
        stages[name][stage] = (before + number, counted + Counts(*cells))
    return [Group(name, labels[name], stages[name]) for name in stages]


def is_recorded(day: date) -> bool:
    return DailyProgress.objects.filter(day=day).exists()


def refresh(day: date | None = None) -> None:
    """Bring the day's rows (today's) in step with the tallies; write only what differs.

    One query per dimension, one to compare with, and what there is to write.
    """
    day = day or datetime.now(UTC).date()
    with transaction.atomic():
        wanted = {
            (dimension.name, group.name, stage): (group.label, accounts, counts)
            for dimension in DIMENSIONS.values()
            for group in by_group(dimension)
            for stage, (accounts, counts) in group.stages.items()
        }
        stored = {
            (row.dimension, row.group, row.stage): row
            for row in DailyProgress.objects.filter(day=day).order_by()
        }
        if gone := [row.pk for key, row in stored.items() if key not in wanted]:
            DailyProgress.objects.filter(pk__in=gone).delete()
        DailyProgress.objects.bulk_create(
            [
                _daily(day, key, *found)
                for key, found in wanted.items()
                if key not in stored or _content(stored[key]) != found
            ],
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["day", "dimension", "group", "stage"],
            update_fields=["label", "accounts", *COLUMNS],
        )


def _content(row: DailyProgress) -> tuple[str, int, Counts]:
    return row.label, row.accounts, Counts(*(getattr(row, column) for column in COLUMNS))


def _daily(
    day: date, key: tuple[str, str, int], label: str, accounts: int, counts: Counts
) -> DailyProgress:
    dimension, group, stage = key
    return DailyProgress(
        day=day,
        dimension=dimension,
        group=group,
        label=label,
        stage=stage,
        accounts=accounts,
        **{column: getattr(counts, column) for column in COLUMNS},
    )
