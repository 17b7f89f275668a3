"""Daily progress against counting verdicts one by one, and today's rows kept current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Account, Origin, Payer
from roadmap import progress
from roadmap.evaluation import judge
from roadmap.models import AccountVerdict, DailyProgress, StageTally
from roadmap.registry import items
from roadmap.rollups import FIELDS
from roadmap.subject import Subject
from roadmap.verdicts import Status, Verdict, failed, partly, passed
from tests.factories import NOW, AccountFactory, TeamFactory
from tests.organization import World
from tests.roadmap.conftest import make_item

TODAY = NOW.date()


def by_name(subject: Subject) -> Verdict:
    answers = {"payments": passed("P."), "search": partly("S.")}
    return answers.get(subject.account.name) or failed("Else.")


GROUPS: dict[str, Callable[[Account], str]] = {
    "all": lambda _: "",
    "team": lambda a: a.team.name if a.team else "",
    "organization": lambda a: (
        a.observed_organization.organization_id if a.observed_organization else ""
    ),
    "ou": lambda a: a.ou.ou_id if a.ou else "",
    "payer": lambda a: a.payer.account_id if a.payer else a.observed_payer,
    "environment": lambda a: a.environment,
}


def counted_by_hand(dimension: str) -> Counter[tuple[str, int, str]]:
    """(group, stage, field) → cells, from the verdicts themselves."""
    found: Counter[tuple[str, int, str]] = Counter()
    for verdict in AccountVerdict.objects.select_related("account__team", "account__payer"):
        item = items()[verdict.item]
        if item.counts:
            group = GROUPS[dimension](verdict.account)
            found[group, item.stage.number, FIELDS[Status(verdict.status)]] += 1
    return found


def recorded(dimension: str, day: date = TODAY) -> Counter[tuple[str, int, str]]:
    found: Counter[tuple[str, int, str]] = Counter()
    for row in DailyProgress.objects.filter(day=day, dimension=dimension):
        for field in FIELDS.values():
            if number := getattr(row, field):
                found[row.group, row.stage, field] = number
    return found


@pytest.mark.parametrize("dimension", GROUPS)
def test_the_days_rows_are_what_counting_the_verdicts_gives(
    catalogue: Callable[..., None], world: World, dimension: str
) -> None:
    catalogue(
        make_item("inventory.a", by_name),
        make_item("inventory.b", order="1.2"),
        make_item("inventory.c", by_name, order="1.2.1", parent="inventory.b"),
        make_item("incident.d", by_name, order="10.1"),
    )
    Account.objects.filter(pk=world.search.pk).update(
        payer=Payer.objects.create(account_id="888888888888", name="Holding")
    )
    judge(now=NOW)
    assert recorded(dimension) == counted_by_hand(dimension)
    assert recorded(dimension)


def test_groups_without_a_name_and_labels(catalogue: Callable[..., None], world: World) -> None:
    catalogue(make_item("inventory.a", by_name))
    judge(now=NOW)
    rows = DailyProgress.objects.filter(stage=1)
    teams = dict(rows.filter(dimension="team").values_list("group", "accounts"))
    assert teams == {"": 4, "Payments": 2, "Search": 1}
    assert dict(rows.filter(dimension="ou").values_list("group", "label")) == {
        "r-exam": "Root",
        "ou-exam-workload": "Root/Workloads",
    }
    assert rows.get(dimension="organization").label == "Example"


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.lists(st.integers(0, 9), min_size=5, max_size=5)),
        max_size=12,
    )
)
def test_refreshing_again_after_any_change_gives_what_counting_gives(
    rows: list[tuple[str, list[int]]],
) -> None:
    """Tallies of any size in any team, with what the example before left behind."""
    Account.objects.all().delete()
    teams = {name: TeamFactory.create(name=name, slug=name) for name in "abc"}
    expected: Counter[tuple[str, int, str]] = Counter()
    for team, cells in rows:
        account = AccountFactory.create(team=teams[team])
        tally = dict(zip(FIELDS.values(), cells, strict=True))
        StageTally.objects.create(account=account, stage=1, **tally)
        expected.update({(team, 1, field): n for field, n in tally.items() if n})
    progress.refresh(TODAY)
    assert recorded("team") == expected
    assert set(DailyProgress.objects.filter(dimension="team").values_list("group", flat=True)) == {
        team for team, _ in rows
    }
    for made in teams.values():
        made.delete()


def test_refreshing_what_is_current_writes_nothing(
    catalogue: Callable[..., None], world: World
) -> None:
    catalogue(make_item("inventory.a", by_name))
    judge(now=NOW)
    with CaptureQueriesContext(connection) as queries:
        progress.refresh(TODAY)
    writes = [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes == []


def test_another_day_leaves_the_days_before_as_they_were(
    catalogue: Callable[..., None], world: World
) -> None:
    catalogue(make_item("inventory.a", by_name))
    judge(now=NOW)
    Account.objects.filter(pk=world.payments.pk).update(team=world.search_team)
    progress.refresh(date(2026, 11, 9))
    assert recorded("team")["Payments", 1, "passed"] == 1
    assert recorded("team", date(2026, 11, 9))["Search", 1, "passed"] == 1
    days = set(DailyProgress.objects.values_list("day", flat=True))
    assert days == {TODAY, date(2026, 11, 9)}  # the days between stay gaps


def test_moving_an_account_to_another_team_moves_its_cells_at_once(
    catalogue: Callable[..., None], world: World, django_capture_on_commit_callbacks: Any
) -> None:
    catalogue(make_item("inventory.a", by_name))
    judge()
    with django_capture_on_commit_callbacks(execute=True):
        write([Edit(ACCOUNTS, world.payments.key, {"team": "Search"})], origin=Origin.EDIT)
    rows = recorded("team", datetime.now(UTC).date())
    assert rows["Search", 1, "passed"] == 1
    assert rows["Payments", 1, "passed"] == 0
