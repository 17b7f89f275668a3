"""Print progress per group and stage, as it is or as it was recorded on a day."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from roadmap.models import DailyProgress, StageTally
from roadmap.progress import DIMENSIONS, by_group
from roadmap.queries.counts import counts_of
from roadmap.rollups import Counts
from roadmap.verdicts import Status

ACCOUNT = "account"


class Command(BaseCommand):
    help = "Print account × item cells by status, per group and stage."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", choices=(*DIMENSIONS, ACCOUNT), default="team")
        parser.add_argument("--as-of", type=_day, metavar="DATE", help="A day, such as 2026-11-24.")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(
            _recorded(options["by"], options["as_of"])
            if options["as_of"]
            else _by_account()
            if options["by"] == ACCOUNT
            else _current(options["by"])
        )
        rows.sort(key=lambda row: (row["group"], row["stage"]))
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            score = "–" if row["score"] is None else f"{row['score']:.0%}"
            self.stdout.write(
                f"{row['label'] or row['group'] or '(none)'}  stage {row['stage']}: {score} of "
                f"{row['accounts']} accounts ({row['pass']} pass, {row['partial']} partial, "
                f"{row['fail']} fail, {row['unknown']} unknown)"
            )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write one such as 2026-11-24.") from None


def _row(group: str, label: str, stage: int, accounts: int, counts: Counts) -> dict[str, Any]:
    return {
        "group": group,
        "label": label,
        "stage": stage,
        "accounts": accounts,
        **{status.value: counts.of(status) for status in Status},
        "score": counts.score,
    }


def _current(dimension: str) -> Iterator[dict[str, Any]]:
    for group in by_group(DIMENSIONS[dimension]):
        for stage, (accounts, counts) in group.stages.items():
            yield _row(group.name, group.label, stage, accounts, counts)


def _by_account() -> Iterator[dict[str, Any]]:
    for tally in StageTally.objects.select_related("account"):
        account = tally.account
        yield _row(account.account_id, account.title, tally.stage, 1, counts_of(tally))


def _recorded(dimension: str, day: date) -> Iterator[dict[str, Any]]:
    """Raises CommandError for a day without a record: gaps are not filled."""
    if dimension == ACCOUNT:
        raise CommandError("Days are recorded per group, not per account; leave out --as-of.")
    rows = DailyProgress.objects.filter(dimension=dimension, day=day)
    if not rows:
        days = DailyProgress.objects.filter(day__lt=day).order_by("-day")
        latest = days.values_list("day", flat=True).first()
        hint = f" The last one before was on {latest}." if latest else ""
        raise CommandError(f"Nothing was recorded on {day}.{hint}")
    for row in rows:
        yield _row(row.group, row.label, row.stage, row.accounts, counts_of(row))
