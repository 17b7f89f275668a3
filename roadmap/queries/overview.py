"""The overview: how many accounts are in hand, how far each team is, and what moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from inventory.access import Anyone, role_of, sees_everything
from inventory.changes import cells_as_of
from inventory.columns import ACCOUNTS, SETTINGS
from inventory.filters import in_aws
from inventory.models import Account, AccountState, ChangeSet, Contact, RowChange, Team
from inventory.models.accounts import AccountQuerySet
from roadmap.models import AccountStanding, AccountVerdict, DailyProgress, VerdictChange
from roadmap.progress import DIMENSIONS, Dimension, by_group
from roadmap.queries.counts import COLUMNS, StageCounts, counts_of, ladder, whole, within
from roadmap.registry import Item, items
from roadmap.rollups import FIELDS, Counts
from roadmap.verdicts import WORSE, Status

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
ITEM_COUNTS_KEPT = 60  # seconds


@dataclass(frozen=True)
class Headline:
    """A number on top of the overview. ``key`` is known, confirmed, organized or collected;
    ``change`` is since a week ago, and None where history does not reach back that far."""

    key: str
    label: str
    value: int
    total: int
    change: int | None


@dataclass(frozen=True)
class HeatRow:
    """One group in ten stages. ``slug`` names the page of a team; ``counts`` sums its cells."""

    group: str
    label: str
    slug: str
    accounts: int
    stages: Sequence[StageCounts]
    counts: Counts


@dataclass(frozen=True)
class HeatMap:
    """Worst group first. ``day`` is the day the numbers are of, None when there are none."""

    dimension: str
    day: date | None
    rows: Sequence[HeatRow]
    whole: HeatRow


@dataclass(frozen=True)
class TrendDay:
    """A day on which progress was recorded; days without are left out, never filled in."""

    day: date
    accounts: int
    stages: Sequence[StageCounts]
    counts: Counts


@dataclass(frozen=True)
class RuleChange:
    """A day on which settings of the rules were changed, from when on numbers mean something else;
    ``names`` are those settings."""

    day: date
    names: Sequence[str]


@dataclass(frozen=True)
class Blocker:
    """An item and how many accounts it holds back; ``counts`` are those accounts by status."""

    item: Item
    counts: Counts

    @property
    def accounts(self) -> int:
        return self.counts.failed + self.counts.partial


@dataclass(frozen=True)
class Setback:
    """A verdict that became worse. ``change.account`` is loaded."""

    change: VerdictChange
    item: Item
    from_status: Status
    to_status: Status


@dataclass(frozen=True)
class Coverage:
    """How much of the truth is recent: accounts by what is known of their own state.

    ``refused`` deny the member role; ``never`` were never read. Times are the oldest and newest
    at which an account's own state was read.
    """

    accounts: int
    collected: int
    older: int
    refused: int
    never: int
    oldest_at: datetime | None
    newest_at: datetime | None


def visible(user: Anyone) -> AccountQuerySet:
    return Account.objects.visible_to(user)


def headlines(user: Anyone, now: datetime) -> Sequence[Headline]:
    """One query, and once a day a few more for the week before."""
    accounts = visible(user)
    day_ago = now - DAY
    owner = Contact.objects.filter(account=OuterRef("pk"), role="owner")
    found = accounts.aggregate(
        known=Count("pk"),
        confirmed=Count("pk", filter=Q(confirmed_at__isnull=False) & Q(Exists(owner))),
        organized=Count("pk", filter=Q(observed_organization__isnull=False) & in_aws()),
        collected=Count("pk", filter=Q(standing__observed_at__gte=day_ago)),
    )
    # The past stays as it was, so it is read once a day. Midnight, and not a week to the second.
    then = datetime.combine((now - WEEK).date(), time(), UTC)
    scope = "all" if sees_everything(user) else user.pk
    key = f"headlines:{then:%Y-%m-%d}:{scope}"
    before = cache.get_or_set(key, lambda: _at(then, accounts), DAY.total_seconds()) or {}
    labels = {
        "known": "Accounts known",
        "confirmed": "With a confirmed owner",
        "organized": "In an organization",
        "collected": "Collected within the last day",
    }
    return [
        Headline(
            key,
            label,
            found[key],
            found["known"],
            found[key] - before[key] if key in before else None,
        )
        for key, label in labels.items()
    ]


def _at(then: datetime, accounts: AccountQuerySet) -> dict[str, int]:
    """The numbers of a moment that the history of the sheet can tell; none before it began."""
    first = ChangeSet.objects.aggregate(at=Min("applied_at"))["at"]
    if first is None or first > then:
        return {}
    columns = {
        column.name: column
        for column in ACCOUNTS.columns
        if column.name in ("confirmed_at", "owner", "observed_organization", "state")
    }
    visible_keys = {f"{p}:{i}" for p, i in accounts.values_list("partition", "account_id")}
    rows = [
        cells
        for key, cells in cells_as_of(ACCOUNTS, then, list(columns.values())).items()
        if key in visible_keys
    ]
    return {
        "known": len(rows),
        "confirmed": sum(bool(row["confirmed_at"] and row["owner"]) for row in rows),
        "organized": sum(
            bool(row["observed_organization"] and row["state"])
            and row["state"] != AccountState.LEFT
            for row in rows
        ),
    }


def heat_map(user: Anyone, dimension: str = "team", day: date | None = None) -> HeatMap:
    """Group × stage from the daily rows; for an owner, from the tallies of their own accounts,
    which are kept for today only."""
    if sees_everything(user):
        return _recorded(DIMENSIONS[dimension], day)
    slugs = _slugs(dimension)
    rows, sums = (
        [_row(group.name, group.label, group.accounts, group.counts, slugs) for group in found]
        for found in (
            by_group(DIMENSIONS[dimension], visible(user)),
            by_group(DIMENSIONS["all"], visible(user)),
        )
    )
    today = datetime.now(UTC).date() if rows else None
    return HeatMap(dimension, today, sorted(rows, key=_worst_first), sums[0] if sums else _NOTHING)


def _recorded(dimension: Dimension, day: date | None) -> HeatMap:
    """Three queries at most."""
    days = DailyProgress.objects.filter(dimension="all")
    if day is not None:
        days = days.filter(day__lte=day)
    latest = days.aggregate(day=Max("day"))["day"]
    stored = DailyProgress.objects.filter(day=latest, dimension__in=["all", dimension.name])
    found: dict[str, dict[str, tuple[str, int, dict[int, Counts]]]] = {"all": {}}
    found.setdefault(dimension.name, {})
    names = ("dimension", "group", "label", "accounts", "stage", *COLUMNS)
    for of, name, label, accounts, stage, *cells in stored.order_by().values_list(*names):
        found[of].setdefault(name, (label, accounts, {}))[2][stage] = Counts(*cells)
    slugs = _slugs(dimension.name)
    rows = [
        _row(group, label, accounts, by_stage, slugs)
        for group, (label, accounts, by_stage) in found[dimension.name].items()
    ]
    everything = found["all"].get("")
    summed = _row("", everything[0], everything[1], everything[2], {}) if everything else _NOTHING
    return HeatMap(dimension.name, latest, sorted(rows, key=_worst_first), summed)


def _slugs(dimension: str) -> dict[str, str]:
    return dict(Team.objects.values_list("name", "slug")) if dimension == "team" else {}


def _row(
    group: str, label: str, accounts: int, by_stage: Mapping[int, Counts], slugs: dict[str, str]
) -> HeatRow:
    stages = ladder(by_stage)
    return HeatRow(group, label or group, slugs.get(group, ""), accounts, stages, whole(stages))


_NOTHING = _row("", "All accounts", 0, {}, {})


def _worst_first(row: HeatRow) -> tuple[float, str]:
    score = row.counts.score
    return (2.0 if score is None else score, row.label.lower())


def visible_progress(user: Anyone) -> QuerySet[DailyProgress]:
    """The recorded rows; for an owner those of teams they lead or are in, whose accounts they all
    see. A contact of single accounts sees no sums over others."""
    if sees_everything(user):
        return DailyProgress.objects.all()
    person = getattr(user, "person_id", None)
    if role_of(user) is None or person is None:
        return DailyProgress.objects.none()
    member = Q(memberships__person=person, memberships__valid_to=None)
    teams = Team.objects.filter(Q(lead=person) | member).order_by().values("name")
    return DailyProgress.objects.filter(dimension="team", group__in=teams)


def trend(
    user: Anyone, dimension: str = "all", group: str = "", since: date | None = None
) -> Sequence[TrendDay]:
    """The recorded days, oldest first; an owner gets those of their own teams. One query."""
    rows = visible_progress(user).filter(dimension=dimension, group=group)
    if since is not None:
        rows = rows.filter(day__gte=since)
    days: dict[date, tuple[int, dict[int, Counts]]] = {}
    for row in rows.order_by("day"):
        days.setdefault(row.day, (row.accounts, {}))[1][row.stage] = counts_of(row)
    found = []
    for day, (accounts, by_stage) in days.items():
        stages = ladder(by_stage)
        found.append(TrendDay(day, accounts, stages, whole(stages)))
    return found


def rule_changes(since: date) -> Sequence[RuleChange]:
    """The days from then on, oldest first. One query."""
    changes = RowChange.objects.filter(
        sheet=SETTINGS.name,
        change_set__applied_at__gte=datetime.combine(since, time(), UTC),
    ).select_related("change_set")
    days: dict[date, dict[str, None]] = {}
    for change in changes.order_by("change_set__applied_at", "key"):
        assert change.change_set.applied_at  # Filtered for.
        day = change.change_set.applied_at.astimezone(UTC).date()
        # A setting's key is its level, its name and its target.
        days.setdefault(day, {})[change.key.split(":")[1]] = None
    return [RuleChange(day, list(names)) for day, names in days.items()]


def item_counts(accounts: AccountQuerySet, keys: Collection[str] = ()) -> dict[str, Counts]:
    """Item key → its accounts by status, of these items or of all. One query.

    Over all accounts and items it reads a whole index, so that answer is kept until an account is
    judged again, and for a minute at most.
    """
    if keys or accounts.query.where:
        return _item_counts(accounts, keys)
    judged = AccountStanding.objects.aggregate(at=Max("judged_at"), n=Count("pk"))
    key = f"item-counts:{judged['at']:%Y%m%d%H%M%S%f}:{judged['n']}" if judged["n"] else ""
    if not key:
        return _item_counts(accounts, keys)
    return cache.get_or_set(key, lambda: _item_counts(accounts, keys), ITEM_COUNTS_KEPT) or {}


def _item_counts(accounts: AccountQuerySet, keys: Collection[str]) -> dict[str, Counts]:
    verdicts = within(AccountVerdict.objects.order_by(), accounts)
    if keys:
        verdicts = verdicts.filter(item__in=keys)
    counted: dict[str, dict[str, int]] = {}
    for key, status, number in verdicts.values_list("item", "status").annotate(Count("pk")):
        counted.setdefault(key, {})[FIELDS[Status(status)]] = number
    return {key: Counts(**by_field) for key, by_field in counted.items()}


def blockers(accounts: AccountQuerySet, limit: int = 8) -> Sequence[Blocker]:
    """The items that most accounts fail, then those that most hold only partly. One query."""
    catalogue = items()
    found = [
        Blocker(catalogue[key], counts)
        for key, counts in item_counts(accounts).items()
        if key in catalogue and catalogue[key].counts and counts.failed + counts.partial
    ]
    found.sort(key=lambda b: (-b.counts.failed, -b.counts.partial, b.item.order))
    return found[:limit]


def setbacks(
    accounts: AccountQuerySet, since: datetime, limit: int = 50, hidden: Collection[str] = ()
) -> Sequence[Setback]:
    """Verdicts that became worse since then, newest first; those of ``hidden`` items are left out.
    One query. What was not known before, did not apply or was judged for the first time has no
    better state to fall back from."""
    catalogue = {key: item for key, item in items().items() if key not in hidden}
    fell = Q()
    for before, worse in WORSE.items():
        fell |= Q(from_status=before, to_status__in=worse)
    changes = (
        within(VerdictChange.objects.filter(fell, at__gte=since, item__in=catalogue), accounts)
        .exclude(cause=VerdictChange.Cause.FIRST)
        .select_related("account__team")
    )
    return [
        Setback(
            change, catalogue[change.item], Status(change.from_status), Status(change.to_status)
        )
        for change in changes[:limit]
    ]


def coverage(accounts: AccountQuerySet, now: datetime) -> Coverage:
    """One query."""
    found = accounts.aggregate(
        accounts=Count("pk"),
        refused=Count("pk", filter=Q(standing__refused_since__isnull=False)),
        collected=Count(
            "pk",
            filter=Q(standing__observed_at__gte=now - DAY, standing__refused_since__isnull=True),
        ),
        older=Count(
            "pk",
            filter=Q(standing__observed_at__lt=now - DAY, standing__refused_since__isnull=True),
        ),
        oldest_at=Min("standing__observed_at"),
        newest_at=Max("standing__observed_at"),
    )
    known = found["refused"] + found["collected"] + found["older"]
    return Coverage(never=found["accounts"] - known, **found)


def last_judged(accounts: AccountQuerySet) -> datetime | None:
    """When the verdicts of these accounts were last worked out. One query."""
    standings = within(AccountStanding.objects.all(), accounts)
    found: datetime | None = standings.aggregate(at=Max("judged_at"))["at"]
    return found
