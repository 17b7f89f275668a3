"""What the roadmap adds to the account list: bars, level, age, and filters by stage and item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from inventory.access import Anyone
from inventory.changes.reading import Row
from inventory.filters import Chosen, register_filter
from inventory.grid.bars import Tally, stage_bars
from inventory.grid.extensions import ExtraColumn, register
from roadmap.models import AccountStanding, AccountVerdict, StageTally
from roadmap.registry import items
from roadmap.rollups import FIELDS
from roadmap.stages import STAGES
from roadmap.verdicts import Status

# Open is what there is to do: everything applicable that is not at pass.
OPEN = "open"
_OPEN = (Status.FAIL, Status.PARTIAL, Status.UNKNOWN)


def _statuses(name: str) -> tuple[Status, ...]:
    return _OPEN if name == OPEN else (Status(name),)


def _stage_has(number: int, name: str) -> Callable[[], Q]:
    def condition() -> Q:
        cells = Q()
        for status in _statuses(name):
            cells |= Q(**{f"{FIELDS[status]}__gt": 0})
        return Q(pk__in=StageTally.objects.filter(cells, stage=number).values("account"))

    return condition


def _item_is(key: str, name: str) -> Callable[[], Q]:
    def condition() -> Q:
        found = AccountVerdict.objects.filter(item=key, status__in=_statuses(name))
        return Q(pk__in=found.values("account"))

    return condition


def _words(name: str) -> str:
    return "open" if name == OPEN else Status(name).label.lower()


CELL_NAMES = (OPEN, *(status.value for status in Status))


def _stage_conditions() -> dict[str, tuple[str, str, Callable[[], Q]]]:
    return {
        f"{stage.number}-{name}": (
            f"Stage {stage.number}: {_words(name)}",
            f"with {_words(name)} items in stage {stage.number}",
            _stage_has(stage.number, name),
        )
        for stage in STAGES
        for name in CELL_NAMES
    }


def _item_conditions() -> dict[str, tuple[str, str, Callable[[], Q]]]:
    return {
        f"{key}:{name}": (
            f"{item.title}: {_words(name)}",
            f"where “{item.title}” is {_words(name)}",
            _item_is(key, name),
        )
        for key, item in items().items()
        for name in CELL_NAMES
    }


def _read(**conditions: object) -> Q:
    return Q(pk__in=AccountStanding.objects.filter(**conditions).values("account"))


def _collected() -> dict[str, tuple[str, str, Callable[[], Q]]]:
    def day_ago() -> datetime:
        return datetime.now(UTC) - timedelta(days=1)

    return {
        "day": (
            "Within the last day",
            "collected within the last day",
            lambda: _read(observed_at__gte=day_ago()),
        ),
        "older": (
            "Longer ago",
            "last collected over a day ago",
            lambda: _read(observed_at__lt=day_ago()),
        ),
        "refused": (
            "Role refused",
            "that refuse the member role",
            lambda: _read(refused_since__isnull=False),
        ),
        "never": (
            "Never",
            "that were never collected",
            lambda: ~_read(observed_at__isnull=False),
        ),
    }


def _bars(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    tallies: dict[int, list[Tally | None]] = {pk: [None] * len(STAGES) for pk in rows}
    found = StageTally.objects.filter(account__in=list(rows)).values_list(
        "account_id", "stage", "passed", "partial", "failed", "unknown"
    )
    for account, stage, *counts in found:
        tallies[account][stage - 1] = (counts[0], counts[1], counts[2], counts[3])
    return {pk: stage_bars(ten, _in_words(ten)) for pk, ten in tallies.items()}


def _in_words(tallies: Sequence[Tally | None]) -> str:
    judged = [tally for tally in tallies if tally]
    applicable = sum(sum(tally) for tally in judged)
    passed = sum(tally[0] for tally in judged)
    return f"{passed} of {applicable} items at pass" if applicable else "not judged yet"


def _standings(rows: Mapping[int, Row]) -> QuerySet[AccountStanding]:
    return AccountStanding.objects.filter(account__in=list(rows))


def _levels(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    levels = _standings(rows).values_list("account_id", "level")
    return {account: str(level) for account, level in levels}


def _ages(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    times = _standings(rows).values_list("account_id", "observed_at", "refused_since")
    return {account: _age(observed, refused) for account, observed, refused in times}


def _age(observed_at: datetime | None, refused_since: datetime | None) -> str:
    if refused_since:
        return f"refused since {refused_since:%Y-%m-%d}"
    return f"{observed_at:%Y-%m-%d %H:%M}" if observed_at else "never"


def extend_account_list() -> None:
    """Called once, when the apps are ready."""
    register("account", ExtraColumn("stages", "Stages 1 to 10", _bars, sort="standing__score"))
    register(
        "account", ExtraColumn("level", "Level", _levels, sort="standing__level", is_number=True)
    )
    register(
        "account", ExtraColumn("collected", "Collected (UTC)", _ages, sort="standing__observed_at")
    )
    register_filter("stage", Chosen("Stage", _stage_conditions()))
    register_filter("item", Chosen("Item", _item_conditions()))
    register_filter("collected", Chosen("Collected", _collected()))
