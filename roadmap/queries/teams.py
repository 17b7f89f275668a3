"""A team's page: its people, its accounts and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.access import Anyone, sees_everything
from inventory.models import Person, Team
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
from roadmap.rollups import Counts


@dataclass(frozen=True)
class TeamPage:
    """``accounts`` are those of the team that the reader may see, worst first."""

    team: Team
    members: Sequence[Person]
    accounts: Sequence[AccountLine]
    stages: Sequence[StageCounts]
    counts: Counts
    coverage: Coverage
    blockers: Sequence[Blocker]
    setbacks: Sequence[Setback]
    trend: Sequence[TrendDay]


def team_page(user: Anyone, slug: str, now: datetime) -> TeamPage:
    """About ten queries however many accounts there are. Raises Team.DoesNotExist, also for an
    owner who may see none of the team's accounts."""
    team = Team.objects.select_related("lead").get(slug=slug)
    accounts = visible(user).filter(team=team)
    lines = account_lines(list(accounts.select_related("team")))
    if not lines and _is_hidden(user, team):
        raise Team.DoesNotExist
    stages = ladder(stage_sums(tallies_of(accounts)))
    return TeamPage(
        team=team,
        members=list(Person.objects.filter(memberships__team=team, memberships__valid_to=None)),
        accounts=sorted(lines, key=_worst_first),
        stages=stages,
        counts=whole(stages),
        coverage=coverage(accounts, now),
        blockers=blockers(accounts),
        setbacks=setbacks(accounts, now - WEEK),
        trend=trend(user, "team", team.name),
    )


def _is_hidden(user: Anyone, team: Team) -> bool:
    person = getattr(user, "person_id", None)
    if sees_everything(user) or (person is not None and team.lead_id == person):
        return False
    return not team.memberships.filter(person=person, valid_to=None).exists()


def _worst_first(line: AccountLine) -> tuple[float, str]:
    score = line.counts.score
    return (2.0 if score is None else score, line.account.title.lower())
