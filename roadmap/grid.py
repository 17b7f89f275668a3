"""What the roadmap adds to the account list: bars, level, age, and filters by stage and item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils.html import escape

from inventory.access import Anyone
from inventory.changes.reading import Row
from inventory.filters import Chosen, register_filter
from inventory.grid.bars import stage_bars
from inventory.grid.extensions import ExtraColumn, register
from roadmap.models import AccountStanding, AccountVerdict, StageTally
from roadmap.queries import ladders_of
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
    drawn = {}
    for pk, ladder in ladders_of(list(rows)).items():
        counts = [step.counts for step in ladder]
        tallies = [(c.passed, c.partial, c.failed, c.unknown) if c.cells else None for c in counts]
        passed, applicable = sum(c.passed for c in counts), sum(c.applicable for c in counts)
        words = f"{passed} of {applicable} items at pass" if applicable else "not judged yet"
        drawn[pk] = stage_bars(tallies, words)
    return drawn


def _standing(rows: Mapping[int, Row], write: Callable[[AccountStanding], str]) -> dict[int, str]:
    return {
        standing.account_id: write(standing)
        for standing in AccountStanding.objects.filter(account__in=list(rows)).defer("observed")
    }


def _levels(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    return _standing(rows, lambda standing: str(standing.level))


def _ages(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    def write(standing: AccountStanding) -> str:
        if standing.refused_since:
            return f"refused since {standing.refused_since:%Y-%m-%d}"
        return f"{standing.observed_at:%Y-%m-%d %H:%M}" if standing.observed_at else "never"

    return {pk: escape(text) for pk, text in _standing(rows, write).items()}


def extend_account_list() -> None:
    """Called once, when the apps are ready."""
    register("account", ExtraColumn("stages", "Stages 1 to 10", _bars))
    register("account", ExtraColumn("level", "Level", _levels, is_number=True))
    register("account", ExtraColumn("collected", "Collected (UTC)", _ages))
    register_filter("stage", Chosen("Stage", _stage_conditions()))
    register_filter("item", Chosen("Item", _item_conditions()))
    register_filter("collected", Chosen("Collected", _collected()))
