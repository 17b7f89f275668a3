"""Whatever is edited, taking it back restores every cell, and dated values agree with the sheet."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.changes import Edit, undo, write
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, SHEETS, TEAMS, columns_of
from inventory.models import DatedValue, Origin

pytestmark = pytest.mark.django_db

KEYS = [f"aws:{digit * 12}" for digit in "123"]
PEOPLE = st.sampled_from(["", "a@x.com", "b@x.com", "Cy <c@x.com>"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=20
        ),
        "team": st.sampled_from(["", "Ops", "OPS", "Dev"]),
        "owner": PEOPLE,
        "deputy": PEOPLE,
        "payer": st.sampled_from(["", "111111111111", "999999999999"]),
        "classes": st.sampled_from(["", "edge", "production; edge"]),
        "closed_on": st.sampled_from(["", "2026-01-31"]),
        "x_sox": st.sampled_from(["", "yes", "=1+1"]),
        "state": st.sampled_from(["", "ACTIVE", "SUSPENDED"]),
    },
)
EDITS = st.dictionaries(st.sampled_from(KEYS), CELLS, min_size=1)
TEAM = st.fixed_dictionaries({"members": st.sampled_from(["", "a@x.com", "a@x.com; b@x.com"])})


def whole_inventory() -> dict[str, Any]:
    return {
        name: {key: row.cells for key, row in read(sheet, columns_of(sheet)).items()}
        for name, sheet in SHEETS.items()
    }


def dated_now(column: str) -> dict[str, str]:
    rows = DatedValue.objects.filter(column=column, valid_to=None).select_related("account")
    return {row.account.key: row.value for row in rows}


def edits_of(by_key: Mapping[str, Any], team: Mapping[str, Any] | None) -> list[Edit]:
    edits = [Edit(ACCOUNTS, key, values) for key, values in by_key.items()]
    return [*edits, Edit(TEAMS, "Ops", team)] if team else edits


@given(steps=st.lists(st.tuples(EDITS, st.none() | TEAM), min_size=1, max_size=5))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_edits_undone_in_turn_restore_everything(
    steps: Sequence[tuple[Mapping[str, Any], Mapping[str, Any] | None]],
) -> None:
    if not read(CUSTOM_COLUMNS, []):
        write([Edit(CUSTOM_COLUMNS, "x_sox", {"label": "SOX"})], origin=Origin.EDIT)
    seen = [whole_inventory()]
    done = []
    for by_key, team in steps:
        change_set = write(edits_of(by_key, team), origin=Origin.EDIT)
        if change_set is not None:
            done.append(change_set)
            seen.append(whole_inventory())
    for column in ("team", "owner", "payer", "state"):
        held = {k: c[column] for k, c in whole_inventory()["account"].items() if c[column]}
        assert dated_now(column) == held
    undone = []
    for change_set in reversed(done):
        assert whole_inventory() == seen.pop()
        undone.append(undo(change_set))
    assert whole_inventory() == seen[0]
    last = undone[-1:] and undo(undone[-1])
    if last:
        undo(last)
        assert whole_inventory() == seen[0]
