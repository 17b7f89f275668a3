"""Values that hold from one day to another: dated columns of accounts, members of teams.

Days are UTC. What is set and taken back on one day leaves no trace: its row goes, and the row that
it ended that day goes on as if nothing had been. Only the change sets tell of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime

from django.db.models import Q

from inventory.changes.bulk import batches, insert
from inventory.models import DatedValue, TeamMembership

Place = tuple[int, str]  # account, column
Held = tuple[int, str, date]  # primary key, value, since
NOTHING: Held = (0, "", date.min)


def write_dated(wanted: Mapping[Place, str]) -> None:
    """From today on each place holds the value given; an empty one means nothing holds."""
    today = datetime.now(UTC).date()
    deleted: list[int] = []
    ended: list[int] = []
    reopened: list[int] = []
    begun: list[tuple[int, str, str, date]] = []
    current, closed_today = _around(wanted, today=today)
    for place, value in wanted.items():
        if place in current:
            pk, held, since = current[place]
            if held == value:
                continue
            (deleted if since == today else ended).append(pk)
        pk, before, _ = closed_today.get(place, NOTHING)
        if value and value == before:
            reopened.append(pk)
        elif value:
            begun.append((*place, value, today))
    # What holds must end before its successor begins: the database allows one at a time.
    for pks in batches(deleted):
        DatedValue.objects.filter(pk__in=pks).delete()
    for pks in batches(ended):
        DatedValue.objects.filter(pk__in=pks).update(valid_to=today)
    for pks in batches(reopened):
        DatedValue.objects.filter(pk__in=pks).update(valid_to=None)
    insert(DatedValue, ("account", "column", "value", "valid_from"), begun)


def _around(
    places: Collection[Place], *, today: date
) -> tuple[dict[Place, Held], dict[Place, Held]]:
    """What holds at these places, and what ended there today."""
    names = {name for _, name in places}
    current: dict[Place, Held] = {}
    closed: dict[Place, Held] = {}
    query = DatedValue.objects.filter(Q(valid_to=None) | Q(valid_to=today), column__in=names)
    fields = ("account_id", "column", "valid_to", "pk", "value", "valid_from")
    for accounts in batches({account for account, _ in places}):
        rows = query.filter(account__in=accounts).order_by("valid_from").values_list(*fields)
        for account, column, valid_to, *held in rows:
            (current if valid_to is None else closed)[account, column] = tuple(held)
    return current, closed


def change_members(team: int, leaving: Iterable[int], joining: Iterable[int]) -> None:
    """People, by primary key, who leave a team or join it today."""
    today = datetime.now(UTC).date()
    rows = TeamMembership.objects.filter(team=team)
    gone = rows.filter(valid_to=None, person__in=list(leaving))
    gone.filter(valid_from=today).delete()
    gone.update(valid_to=today)
    back = dict(rows.filter(valid_to=today).values_list("person_id", "pk"))
    joining = list(joining)
    rows.filter(pk__in=[back[person] for person in joining if person in back]).update(valid_to=None)
    TeamMembership.objects.bulk_create(
        TeamMembership(team_id=team, person_id=person, valid_from=today)
        for person in joining
        if person not in back
    )
