"""Tallies read as counts per stage, for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet, Sum

from inventory.models.accounts import AccountQuerySet
from roadmap.models import AccountVerdict, Finding, StageTally
from roadmap.rollups import FIELDS, Counts, total
from roadmap.stages import STAGES, Stage
from roadmap.verdicts import Reason

COLUMNS = tuple(FIELDS.values())
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class StageCounts:
    """One stage's account × item cells; ``counts`` has the numbers and the score."""

    stage: Stage
    counts: Counts


def ladder(by_stage: Mapping[int, Counts]) -> Sequence[StageCounts]:
    """All ten stages in order; one without a tally has counts of zero."""
    return [StageCounts(stage, by_stage.get(stage.number, Counts())) for stage in STAGES]


def whole(stages: Sequence[StageCounts]) -> Counts:
    return total(stage.counts for stage in stages)


def counts_of(row: Any) -> Counts:
    """The counts of a model row that is a tally."""
    return Counts(*(getattr(row, column) for column in COLUMNS))


def stage_sums(tallies: QuerySet[StageTally]) -> dict[int, Counts]:
    """Stage number → counts over all of these tallies. One query."""
    rows = tallies.order_by().values_list("stage").annotate(*(Sum(column) for column in COLUMNS))
    return {stage: Counts(*counted) for stage, *counted in rows}


def ladders_of(accounts: Sequence[int]) -> dict[int, Sequence[StageCounts]]:
    """Account pk → its ten stages. One query."""
    found: dict[int, dict[int, Counts]] = {account: {} for account in accounts}
    rows = StageTally.objects.filter(account__in=accounts)
    for account, stage, *counted in rows.values_list("account", "stage", *COLUMNS):
        found[account][stage] = Counts(*counted)
    return {account: ladder(by_stage) for account, by_stage in found.items()}


@dataclass(frozen=True)
class Excepted:
    """How many verdicts an exception stands in the place of, and how many findings of other
    verdicts one leaves out."""

    verdicts: int
    findings: int


def excepted(accounts: AccountQuerySet, item: str = "") -> Excepted:
    """Of all items or of one. Two queries."""
    verdicts = within(AccountVerdict.objects.filter(reason=Reason.EXCEPTION), accounts)
    findings = within(Finding.objects.filter(state=Finding.State.EXCEPTED), accounts)
    if item:
        verdicts, findings = verdicts.filter(item=item), findings.filter(item=item)
    return Excepted(verdicts.count(), findings.count())


def within(rows: QuerySet[Row], accounts: AccountQuerySet) -> QuerySet[Row]:
    """Those of the rows that belong to these accounts; no condition where that is all of them."""
    if not accounts.query.where:
        return rows
    return rows.filter(account__in=accounts.order_by().values("pk"))


def tallies_of(accounts: AccountQuerySet) -> QuerySet[StageTally]:
    return within(StageTally.objects.all(), accounts)
