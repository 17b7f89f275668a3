"""Half a year in which today's verdicts came about, invented day by day.

Each verdict that is decided today gets a day on which it became what it is and what it was
before; the daily rows are counted from that with the same arithmetic as real ones. It is the
demo's only invention, and it is seeded, so that every start shows the same.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.timezone import make_aware

from roadmap.models import AccountVerdict, DailyProgress, VerdictChange
from roadmap.registry import items
from roadmap.rollups import FIELDS, count
from roadmap.verdicts import Status

DAYS = 182
# Where a verdict of today most often came from. A few came from better: they went backwards.
BEFORE = {
    Status.PASS: (Status.FAIL, Status.FAIL, Status.PARTIAL, Status.UNKNOWN),
    Status.PARTIAL: (Status.FAIL, Status.FAIL, Status.UNKNOWN, Status.PASS),
    Status.FAIL: (Status.UNKNOWN, Status.UNKNOWN, Status.FAIL, Status.PASS),
}


@dataclass(frozen=True)
class Past:
    """A cell: ``before`` until ``days_ago``, and ``now`` since."""

    account: int
    item: str
    stage: int
    team: str
    before: Status
    now: Status
    days_ago: int
    sentence: str

    def on(self, days_ago: int) -> Status:
        return self.before if days_ago > self.days_ago else self.now


def invent_history(now: datetime) -> None:
    pasts = list(_pasts())
    changes = []
    for past in pasts:
        if past.before != past.now:
            moment = make_aware(
                datetime.combine(now.date() - timedelta(past.days_ago), time(6, 20))
            )
            changes.append(_change(past, moment))
    VerdictChange.objects.bulk_create(changes, batch_size=1000)
    DailyProgress.objects.bulk_create(_days(pasts, now), batch_size=1000)


def _pasts() -> Iterator[Past]:
    catalogue = items()
    chance = random.Random(20)  # noqa: S311  (an invention, not a secret)
    rows = AccountVerdict.objects.select_related("account__team").order_by("account", "item")
    for row in rows:
        item = catalogue.get(row.item)
        if item is None or not item.counts:
            continue
        status = Status(row.status)
        before, days_ago = status, 0
        if status in BEFORE:
            before = chance.choice(BEFORE[status])
            backwards = before == Status.PASS
            days_ago = chance.randint(1, 6) if backwards else int(chance.triangular(1, DAYS, 60))
        team = row.account.team.name if row.account.team else ""
        stage = item.stage.number
        yield Past(row.account_id, row.item, stage, team, before, status, days_ago, row.sentence)


def _change(past: Past, moment: datetime) -> VerdictChange:
    return VerdictChange(
        account_id=past.account,
        item=past.item,
        at=moment,
        cause=VerdictChange.Cause.EVIDENCE,
        from_status=past.before,
        from_reason="never_collected" if past.before == Status.UNKNOWN else "",
        to_status=past.now,
        sentence=past.sentence,
    )


def _days(pasts: list[Past], now: datetime) -> Iterator[DailyProgress]:
    groups: dict[tuple[str, str], dict[int, list[Past]]] = defaultdict(lambda: defaultdict(list))
    for past in pasts:
        groups["all", ""][past.stage].append(past)
        groups["team", past.team][past.stage].append(past)
    for days_ago in range(DAYS, 0, -1):
        # A week without a worker: a gap, as real installations have them.
        if 96 <= days_ago <= 102:
            continue
        day = now.date() - timedelta(days=days_ago)
        for (dimension, group), by_stage in groups.items():
            for stage, cells in by_stage.items():
                counted = count(past.on(days_ago) for past in cells)
                yield DailyProgress(
                    day=day,
                    dimension=dimension,
                    group=group,
                    label=group or ("All accounts" if dimension == "all" else ""),
                    stage=stage,
                    accounts=len({past.account for past in cells}),
                    **{field: getattr(counted, field) for field in FIELDS.values()},
                )
