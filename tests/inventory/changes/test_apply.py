"""Writing, conflicts, undo and redo, through the engine's public interface."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.changes import Conflicts, Edit, Refused, apply, discard, plan, record, undo, write
from inventory.changes.reading import read
from inventory.columns import (
    ACCOUNTS,
    CUSTOM_COLUMNS,
    ORGANIZATIONS,
    PEOPLE,
    ROOT_MAIL_LISTS,
    SETTINGS,
    TEAMS,
    columns_of,
)
from inventory.models import (
    Account,
    ChangeSet,
    CustomColumn,
    DatedValue,
    Origin,
    Person,
    RowChange,
    State,
    Team,
    TeamMembership,
)
from inventory.policy import Place, load_policy

pytestmark = pytest.mark.django_db

KEY = "aws:111122223333"


def edit(key: str = KEY, **values: Any) -> Edit:
    return Edit(ACCOUNTS, key, values)


def put(*edits: Edit, origin: Origin = Origin.EDIT) -> ChangeSet:
    change_set = write(edits, origin=origin)
    assert change_set is not None
    return change_set


def cells(key: str = KEY) -> dict[str, Any]:
    return dict(read(ACCOUNTS, columns_of(ACCOUNTS), {key})[key].cells)


def planned(*edits: Edit) -> ChangeSet:
    return record(plan(edits, origin=Origin.IMPORT), origin=Origin.IMPORT)


def test_a_row_with_every_kind_of_cell_is_written() -> None:
    put(
        Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX"}),
        edit(
            name=" Shop ",
            team="Payments",
            owner="Jo <JO@Example.com>",
            payer="1111-2222-3333",
            classes="production; edge",
            root_mail_list="ROOT@example.com",
            closed_on="2026-11-01",
            x_sox="yes",
        ),
    )
    account = Account.objects.get()
    assert (account.name, account.team and account.team.name) == ("Shop", "Payments")
    assert account.contacts.get().email == "jo@example.com"
    assert account.classes == ["edge", "production"]
    assert account.payer is not None
    assert account.payer.account_id == "111122223333"
    assert account.root_mail_list is not None
    assert account.root_mail_list.address == "root@example.com"
    assert account.custom == {"x_sox": "yes"}
    assert account.registered_at is not None


def test_writing_what_is_there_makes_no_change_set() -> None:
    put(edit(name="Shop", team="Payments", owner="jo@example.com"))
    again = edit(name="Shop", team="PAYMENTS", owner="Jo@example.com")
    assert write([again], origin=Origin.EDIT) is None
    assert ChangeSet.objects.count() == 1


def test_an_account_that_aws_showed_is_entered_by_whoever_says_something_of_it() -> None:
    shown = Edit(ACCOUNTS, "aws:111122223333", {"observed_name": "shop", "state": "ACTIVE"})
    write([shown], origin=Origin.SYNC)
    assert write([Edit(ACCOUNTS, "aws:111122223333", {"name": ""})], origin=Origin.IMPORT) is None
    assert Account.objects.get().registered_at is None
    write([Edit(ACCOUNTS, "aws:111122223333", {"name": "Shop"})], origin=Origin.IMPORT)
    assert Account.objects.get().registered_at is not None


def test_teams_are_the_same_in_any_case() -> None:
    put(edit(team="Payments"))
    put(edit("aws:444455556666", team="PAYMENTS"), Edit(TEAMS, "payments", {"email": "p@x.com"}))
    assert Team.objects.get().email == "p@x.com"
    assert Team.objects.get().accounts.count() == 2


def test_a_team_made_in_the_same_plan_is_known_to_its_rows() -> None:
    put(Edit(TEAMS, "Alpha", {"lead": "lee@x.com"}), edit(team="alpha"))
    assert Team.objects.get().accounts.count() == 1


def test_an_organization_must_exist_or_come_in_the_same_plan() -> None:
    with pytest.raises(Refused, match="not among the organizations"):
        write([edit(observed_organization="o-a1b2c3d4e5")], origin=Origin.SYNC)
    put(
        Edit(ORGANIZATIONS, "o-a1b2c3d4e5", {"name": "Corp"}),
        edit(observed_organization="o-a1b2c3d4e5"),
        origin=Origin.SYNC,
    )
    assert cells()["observed_organization"] == "o-a1b2c3d4e5"


@pytest.mark.parametrize(
    ("sheet", "key", "message"),
    [
        (ACCOUNTS, "aws:123", "has 12"),
        (ACCOUNTS, "aws:", "is empty"),
        (ACCOUNTS, "111122223333", "Names no row"),
        (ACCOUNTS, "mars:111122223333", "Is not one of"),
        (PEOPLE, "nobody", "Is not an e-mail address"),
    ],
)
def test_a_key_that_can_name_no_row_is_refused(sheet: Any, key: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        write([Edit(sheet, key, {"name": "x"})], origin=Origin.EDIT)
    assert not ChangeSet.objects.exists()


def test_people_that_only_a_refused_row_names_are_not_made() -> None:
    result = plan(
        [edit(owner="good@x.com"), edit("aws:444455556666", owner="bad@x.com", closed_on="soon")],
        origin=Origin.IMPORT,
    )
    apply(record(result, origin=Origin.IMPORT))
    assert list(Person.objects.values_list("email", flat=True)) == ["good@x.com"]


def test_all_errors_of_all_rows_are_told_with_row_column_and_value() -> None:
    result = plan(
        [
            Edit(ACCOUNTS, KEY, {"owner": "x", "closed_on": "soon"}, row=2),
            Edit(ACCOUNTS, "aws:444455556666", {"classes": "huge"}, row=3),
        ],
        origin=Origin.IMPORT,
    )
    assert [(e["row"], e["column"], e["value"]) for e in result.errors] == [
        (2, "Owner", "x"),
        (2, "Closed on", "soon"),
        (3, "Classes", "huge"),
    ]


def test_what_the_editor_saw_must_still_stand() -> None:
    put(edit(name="A"))
    put(edit(name="B"))
    with pytest.raises(Refused, match="Was changed to “B”"):
        write([Edit(ACCOUNTS, KEY, {"name": "C"}, expected={"name": "A"})], origin=Origin.EDIT)
    assert cells()["name"] == "B"


def test_a_plan_conflicts_where_a_cell_was_changed_since_and_nothing_is_written() -> None:
    put(edit(name="A", notes="n"))
    change_set = planned(edit(name="B", notes="m"))
    put(edit(name="C"))
    with pytest.raises(Conflicts) as raised:
        apply(change_set)
    assert [(c["key"], c["column"], c["message"]) for c in raised.value.cells] == [
        (KEY, "Name", "is now “C”")
    ]
    assert cells()["notes"] == "n"
    change_set.refresh_from_db()
    assert change_set.state == State.PLANNED


def test_a_plan_whose_row_was_made_since_conflicts() -> None:
    change_set = planned(edit(name="A"))
    put(edit(name="B"))
    with pytest.raises(Conflicts, match="created in the meantime"):
        apply(change_set)


def test_a_person_made_since_by_somebody_else_is_no_conflict_and_outlives_the_undo() -> None:
    change_set = planned(edit(owner="jo@x.com", team="Ops"))
    put(edit("aws:444455556666", owner="jo@x.com", team="Ops"))
    apply(change_set)
    undo(change_set)
    assert Person.objects.filter(email="jo@x.com").exists()
    assert cells("aws:444455556666")["owner"] == "jo@x.com"


def test_applying_twice_is_applying_once() -> None:
    change_set = planned(edit(name="A"))
    apply(change_set)
    put(edit(name="B"))
    apply(change_set)
    assert cells()["name"] == "B"


def test_a_discarded_plan_cannot_be_applied() -> None:
    change_set = planned(edit(name="A"))
    discard(change_set)
    with pytest.raises(Refused, match="discarded"):
        apply(change_set)
    assert not Account.objects.exists()


def test_undo_takes_back_rows_and_all_that_was_made_for_them() -> None:
    change_set = put(
        Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX"}),
        Edit(TEAMS, "Ops", {"members": "a@x.com; b@x.com", "lead": "a@x.com"}),
        Edit(ROOT_MAIL_LISTS, "root@x.com", {"recipients": "a@x.com"}),
        edit(name="A", team="Ops", owner="jo@x.com", root_mail_list="root@x.com", x_sox="y"),
    )
    undo(change_set)
    for model in (Account, Team, Person, CustomColumn, DatedValue, TeamMembership):
        assert not model.objects.exists(), model


def test_undo_of_an_undo_redoes_and_so_on() -> None:
    change_set = put(edit(name="A", team="Ops", owner="jo@x.com", classes="edge"))
    before = cells()
    for _ in range(2):
        undone = undo(change_set)
        assert not Account.objects.exists()
        undo(undone)
        assert cells() == before
    change_set.refresh_from_db()
    assert change_set.state == State.APPLIED


def test_undoing_a_redo_undoes_what_it_redid() -> None:
    change_set = put(edit(name="A"))
    redo = undo(undo(change_set))
    undo(redo)
    assert not Account.objects.exists()
    change_set.refresh_from_db()
    assert change_set.state == State.UNDONE
    with pytest.raises(Refused, match="Only an applied"):
        undo(redo)


def test_undo_conflicts_where_a_cell_was_changed_since() -> None:
    put(edit(name="A"))
    second = put(edit(name="B", notes="n"))
    put(edit(name="C"))
    with pytest.raises(Conflicts, match="is now “C”"):
        undo(second)
    assert cells()["notes"] == "n"


def test_an_account_that_aws_showed_since_stays_and_loses_only_what_was_entered() -> None:
    imported = put(edit(name="A", owner="jo@x.com"), origin=Origin.IMPORT)
    put(edit(state="ACTIVE", observed_name="a"), origin=Origin.SYNC)
    undone = undo(imported)
    left = cells()
    assert (left["name"], left["owner"], left["registered_at"]) == ("", "", "")
    assert (left["state"], left["observed_name"]) == ("ACTIVE", "a")
    undo(undone)
    assert (cells()["name"], cells()["owner"]) == ("A", "jo@x.com")


def test_a_team_that_others_use_since_stays_and_the_redo_still_works() -> None:
    first = put(edit(team="Ops"))
    put(edit("aws:444455556666", team="Ops"))
    undone = undo(first)
    assert Team.objects.get().accounts.count() == 1
    undo(undone)
    assert Team.objects.get().accounts.count() == 2


def test_a_custom_column_that_others_fill_since_stays() -> None:
    first = put(Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX"}), edit(x_sox="y"))
    put(edit("aws:444455556666", x_sox="z"))
    undo(first)
    assert CustomColumn.objects.get().name == "x_sox"
    assert cells("aws:444455556666")["x_sox"] == "z"


def test_a_column_gone_since_is_a_conflict_and_no_crash() -> None:
    made = put(Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX"}))
    put(edit(x_sox="y"))
    cleared = put(edit(x_sox=""))
    undo(made)
    with pytest.raises(Conflicts, match="does not exist any more"):
        undo(cleared)


def test_what_a_cell_names_may_be_gone_at_the_redo() -> None:
    made = put(Edit(ORGANIZATIONS, "o-a1b2c3d4e5", {"name": "Corp"}))
    change_set = put(edit(organization="o-a1b2c3d4e5"))
    undone = undo(change_set)
    undo(made)
    with pytest.raises(Conflicts, match="“o-a1b2c3d4e5” does not exist any more"):
        undo(undone)


def test_settings_are_written_and_undone() -> None:
    key = "organization:SECURITY_ACCOUNTS:o-1"
    place = Place(organization="o-1")
    change_set = put(Edit(SETTINGS, key, {"value": {"111122223333": ["tooling"]}}))
    assert load_policy().at(place)["SECURITY_ACCOUNTS"] == {"111122223333": ["tooling"]}
    put(Edit(SETTINGS, "installation:OWNER_CONFIRM_DAYS:", {"value": 90}))
    undo(change_set)
    assert load_policy().at(place)["SECURITY_ACCOUNTS"] == {}
    assert load_policy().at(place)["OWNER_CONFIRM_DAYS"] == 90


def held(column: str) -> list[tuple[str, str, str | None]]:
    rows = DatedValue.objects.filter(column=column).order_by("valid_from", "pk")
    return [(r.value, str(r.valid_from), r.valid_to and str(r.valid_to)) for r in rows]  # type: ignore[misc]


def test_dated_values_tell_who_was_where_then() -> None:
    with time_machine.travel("2026-01-10", tick=True):
        put(edit(team="A"))
    with time_machine.travel("2026-02-10", tick=True):
        put(edit(team="B"))
        put(edit(team="C"))
    with time_machine.travel("2026-03-10", tick=True):
        put(edit(team=""))
    assert held("team") == [("A", "2026-01-10", "2026-02-10"), ("C", "2026-02-10", "2026-03-10")]


def test_an_undo_on_the_same_day_leaves_no_trace_in_the_dated_values() -> None:
    with time_machine.travel("2026-01-10", tick=True):
        put(edit(team="A", owner="a@x.com"))
    with time_machine.travel("2026-02-10", tick=True):
        undo(put(edit(team="B", owner="")))
    assert held("team") == [("A", "2026-01-10", None)]
    assert held("owner") == [("a@x.com", "2026-01-10", None)]


def test_members_who_left_and_came_back_on_one_day_never_left() -> None:
    with time_machine.travel("2026-01-10", tick=True):
        put(Edit(TEAMS, "Ops", {"members": "a@x.com; b@x.com"}))
    with time_machine.travel("2026-02-10", tick=True):
        undo(put(Edit(TEAMS, "Ops", {"members": "b@x.com; c@x.com"})))
    rows = TeamMembership.objects.order_by("person__email")
    assert [(m.person.email, str(m.valid_from), m.valid_to) for m in rows] == [
        ("a@x.com", "2026-01-10", None),
        ("b@x.com", "2026-01-10", None),
    ]


def test_one_edit_makes_no_more_queries_with_many_accounts() -> None:
    counted = []
    for many in (3, 300):
        put(*(edit(f"aws:{n:012d}", team="Ops", owner="o@x.com", name="") for n in range(many)))
        with CaptureQueriesContext(connection) as queries:
            put(edit("aws:000000000002", team="Dev", owner="p@x.com", name="x"))
        counted.append(len(queries))
    # The second time the team and the person exist already.
    assert counted[1] <= counted[0]
    assert DatedValue.objects.filter(column="team", valid_to=None).count() == 300


def test_more_rows_than_one_statement_names_are_written_and_undone() -> None:
    change_set = put(
        *(
            edit(f"aws:{n:012d}", name=f"n{n}", team=f"t{n % 7}", owner=f"o{n}@x.com")
            for n in range(6_000)
        ),
        origin=Origin.IMPORT,
    )
    assert Account.objects.count() == 6_000
    undo(change_set)
    assert not Account.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_at_once_one_wins_and_the_other_conflicts() -> None:
    put(edit(name="A", team="Ops"))
    first = planned(edit(name="B"), edit("aws:444455556666", owner="new@x.com"))
    second = planned(edit("aws:444455556666", owner="new@x.com"), edit(name="C"))
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def run(change_set: ChangeSet) -> None:
        try:
            ready.wait(10)
            apply(change_set)
            outcomes.append("applied")
        except Conflicts:
            outcomes.append("conflicts")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each,)) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["applied", "conflicts"]
    both = ChangeSet.objects.filter(pk__in=[first.pk, second.pk])
    assert sorted(both.values_list("state", flat=True)) == [State.APPLIED, State.PLANNED]
    assert cells()["name"] in ("B", "C")


def test_history_and_the_sheet_as_of_a_moment() -> None:
    from inventory.changes import cells_as_of, history

    columns = [column for column in columns_of(ACCOUNTS) if column.name in ("name", "owner")]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = []
    for day, name in enumerate(("A", "B", "C")):
        with time_machine.travel(start + timedelta(days=day), tick=True):
            put(edit(name=name, owner=f"{name}@x.com"))
        moments.append(start + timedelta(days=day, hours=1))
    assert cells_as_of(ACCOUNTS, start - timedelta(days=1), columns) == {}
    for moment, name in zip(moments, "ABC", strict=True):
        row = cells_as_of(ACCOUNTS, moment, columns)[KEY]
        assert (row["name"], row["owner"]) == (name, f"{name}@x.com".lower())
    told = [(c.old, c.new) for c in history(ACCOUNTS, KEY) if c.column.name == "name"]
    assert told == [("B", "C"), ("A", "B"), ("", "A")]
    assert RowChange.objects.filter(sheet="account").count() == 3
