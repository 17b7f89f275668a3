"""What the pages of change sets show: rows as cells in words, limited to what a reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from inventory.access import Action, Anyone, may, sees_everything
from inventory.audit.contacts import changes_shown
from inventory.columns import (
    ACCOUNTS,
    CUSTOM_COLUMNS,
    SHEETS,
    Column,
    columns_of,
    custom_column,
)
from inventory.models import Account, ChangeSet, Origin, RowChange, State, User

SHARED = (State.APPLIED, State.PROPOSED)
HIDDEN = "hidden from your role"


@dataclass(frozen=True)
class ShownCell:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Past:
    """What a change set did to one row."""

    change_set: ChangeSet
    cells: list[ShownCell]


@dataclass(frozen=True)
class ShownRow:
    """``title`` is an account id, or the name of another row; ``row`` the row of the file."""

    kind: str
    sheet: str
    title: str
    row: int | None
    cells: Sequence[ShownCell]
    is_account: bool


@dataclass(frozen=True)
class Tab:
    """One of the filters over the rows, with how many it shows."""

    name: str
    label: str
    count: int


def visible_change_sets(user: Anyone) -> QuerySet[ChangeSet]:
    """All of them; for an owner, their own and those that changed an account they see, or would
    if somebody accepts them."""
    if sees_everything(user):
        return ChangeSet.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return ChangeSet.objects.none()
    touching = RowChange.objects.filter(sheet=ACCOUNTS.name, key__in=_visible_keys(user))
    sets = touching.values("change_set")
    return ChangeSet.objects.filter(Q(user=user) | Q(pk__in=sets, state__in=SHARED))


def _visible_keys(user: Anyone) -> list[str]:
    rows = Account.objects.visible_to(user).values_list("partition", "account_id")
    return [f"{partition}:{account_id}" for partition, account_id in rows]


def visible_rows(change_set: ChangeSet, user: Anyone) -> QuerySet[RowChange]:
    """The rows of a change set that a reader may see: an owner, those of their accounts."""
    rows = change_set.rows.all()
    if sees_everything(user):
        return rows
    return rows.filter(sheet=ACCOUNTS.name, key__in=_visible_keys(user))


def may_undo(change_set: ChangeSet, user: Anyone) -> bool:
    """Whoever may import may undo anything; others what they edited themselves."""
    if change_set.state != State.APPLIED or _is_redo(change_set):
        return False
    if may(user, Action.IMPORT):
        return True
    own = change_set.user_id is not None and change_set.user_id == getattr(user, "pk", None)
    if not own or change_set.origin not in (Origin.EDIT, Origin.BULK):
        return False
    return visible_rows(change_set, user).count() == change_set.rows.count()


def _is_redo(change_set: ChangeSet) -> bool:
    """A redo is undone through what it redid, which stands again."""
    return change_set.undoes is not None and change_set.undoes.undoes_id is not None


def tabs(change_set: ChangeSet, rows: QuerySet[RowChange], *, whole: bool) -> list[Tab]:
    """The filters that hold something; problems are for those who see the whole change set."""
    counted = rows.order_by().values_list("sheet", "kind").annotate(number=Count("pk"))
    by_kind = {(sheet, kind): number for sheet, kind, number in counted}
    report = change_set.report
    found = [
        Tab("new", "New", by_kind.get((ACCOUNTS.name, "new"), 0)),
        Tab("changed", "Changed", by_kind.get((ACCOUNTS.name, "changed"), 0)),
        Tab("removed", "Removed", by_kind.get((ACCOUNTS.name, "removed"), 0)),
        Tab("other", "Other sheets", sum(n for (s, _), n in by_kind.items() if s != ACCOUNTS.name)),
    ]
    if whole:
        found += [
            Tab("errors", "Problems", len(report.get("errors", ()))),
            Tab("repaired", "Repaired", len(report.get("repaired", ()))),
        ]
    return [tab for tab in found if tab.count]


def rows_of_tab(rows: QuerySet[RowChange], name: str) -> QuerySet[RowChange]:
    if name == "other":
        return rows.exclude(sheet=ACCOUNTS.name)
    if name in RowChange.Kind.values:
        return rows.filter(sheet=ACCOUNTS.name, kind=name)
    return rows


def shown(rows: Sequence[RowChange], user: Anyone) -> list[ShownRow]:
    if may(user, Action.SEE_PHONES):
        changes_shown(rows)
    columns: dict[str, Mapping[str, Column]] = {}
    for name in {row.sheet for row in rows}:
        columns[name] = {column.name: column for column in columns_of(SHEETS[name])}
    if ACCOUNTS.name in columns:
        columns[ACCOUNTS.name] = {**_coming_columns(rows), **columns[ACCOUNTS.name]}
    return [_shown(row, columns[row.sheet], user) for row in rows]


def _coming_columns(rows: Sequence[RowChange]) -> dict[str, Column]:
    """Custom columns that the change set itself makes; until it is applied only it knows them."""
    made = RowChange.objects.filter(
        change_set__in={row.change_set_id for row in rows}, sheet=CUSTOM_COLUMNS.name, kind="new"
    )
    return {row.key: custom_column(row.key, row.cells["label"][1]) for row in made}


def _shown(row: RowChange, columns: Mapping[str, Column], user: Anyone) -> ShownRow:
    is_account = row.sheet == ACCOUNTS.name
    return ShownRow(
        kind=row.get_kind_display(),
        sheet=SHEETS[row.sheet].label,
        title=row.key.partition(":")[2] if is_account else row.key,
        row=row.row,
        cells=[
            shown_cell(name, columns.get(name), old, new, user)
            for name, (old, new) in row.cells.items()
        ],
        is_account=is_account,
    )


def shown_cell(name: str, column: Column | None, old: Any, new: Any, user: Anyone) -> ShownCell:
    if name == "phone" and not may(user, Action.SEE_PHONES):
        return ShownCell("Phone", HIDDEN, HIDDEN)
    if column is None:
        return ShownCell(name, str(old), str(new))
    return ShownCell(column.label, column.kind.text(old), column.kind.text(new))
