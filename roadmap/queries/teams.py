"""A team's page: its people, its accounts and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Lower

from inventory.access import Anyone, sees_everything
from inventory.models import Contact, Person, Team
from inventory.models.accounts import AccountQuerySet
from roadmap.queries.accounts import AccountLine, account_lines
from roadmap.queries.counts import StageCounts, ladder, stage_sums, tallies_of, whole
from roadmap.queries.overview import (
    WEEK,
    Blocker,
    Coverage,
    Setback,
    TrendDay,
    blockers,
    coverage,
    setbacks,
    trend,
    visible,
)
from roadmap.restricted import hidden_from
from roadmap.rollups import Counts


@dataclass(frozen=True)
class TeamPage:
    """``accounts`` are the worst of those that the reader may see, worst first; ``owners`` the
    addresses of the owners of all of them."""

    team: Team
    members: Sequence[Person]
    accounts: Sequence[AccountLine]
    owners: Sequence[str]
    stages: Sequence[StageCounts]
    counts: Counts
    coverage: Coverage
    blockers: Sequence[Blocker]
    setbacks: Sequence[Setback]
    trend: Sequence[TrendDay]


def team_page(user: Anyone, slug: str, now: datetime, limit: int = 50) -> TeamPage:
    """About ten queries however many accounts there are. Raises Team.DoesNotExist, also for an
    owner who may see none of the team's accounts."""
    team = Team.objects.select_related("lead").get(slug=slug)
    accounts = visible(user).filter(team=team)
    worst = accounts.select_related("team").order_by(
        F("standing__score").asc(nulls_last=True), Lower("name"), "account_id"
    )
    lines = account_lines(list(worst[:limit]))
    if not lines and _is_hidden(user, team):
        raise Team.DoesNotExist
    stages = ladder(stage_sums(tallies_of(accounts)))
    return TeamPage(
        team=team,
        members=list(Person.objects.filter(memberships__team=team, memberships__valid_to=None)),
        accounts=lines,
        owners=_owners(accounts),
        stages=stages,
        counts=whole(stages),
        coverage=coverage(accounts, now),
        blockers=blockers(accounts),
        setbacks=setbacks(accounts, now - WEEK, hidden=hidden_from(user)),
        trend=trend(user, "team", team.name),
    )


def _is_hidden(user: Anyone, team: Team) -> bool:
    person = getattr(user, "person_id", None)
    if sees_everything(user) or (person is not None and team.lead_id == person):
        return False
    return not team.memberships.filter(person=person, valid_to=None).exists()


def _owners(accounts: AccountQuerySet) -> list[str]:
    found = Contact.objects.filter(account__in=accounts.order_by().values("pk"), role="owner")
    return list(found.order_by("person__email").values_list("person__email", flat=True).distinct())
