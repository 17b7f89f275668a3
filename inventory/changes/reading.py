"""Rows of a sheet as cells: the canonical values that change sets compare and keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from inventory.columns import SHEETS, TEAMS, Column, ContactOf, Custom, Field, Members, Sheet
from inventory.kinds import Timestamp, Value
from inventory.models import Contact, TeamMembership

# Past this many keys one scan of the table is cheaper than naming each of them.
MANY_KEYS = 5000


@dataclass(frozen=True)
class Row:
    pk: int
    cells: Mapping[str, Value]


def canonical(column: Column, stored: Any) -> Value:
    """A database value as the column's canonical value."""
    if stored is None:
        return column.kind.empty
    if isinstance(stored, datetime):
        return Timestamp().clean(stored)
    if isinstance(stored, date):
        return stored.isoformat()
    return stored  # type: ignore[no-any-return]  # text, list or mapping as JSON has it


def rows_with(sheet: Sheet, keys: Collection[str] | None) -> QuerySet[Any]:
    """The rows of these keys, and perhaps others; all rows when ``keys`` is None."""
    manager = sheet.model._default_manager
    if keys is None or len(keys) > MANY_KEYS:
        return manager.all()
    parts = [sheet.key_values(key) for key in keys]
    last = sheet.key[-1]
    if sheet.name == "setting":
        last = "name"
    return manager.filter(Q(**{f"{last}__in": {part[last] for part in parts}}))


def read(
    sheet: Sheet,
    columns: Sequence[Column],
    keys: Collection[str] | None = None,
    *,
    lock: bool = False,
) -> dict[str, Row]:
    """Key → row with these columns. One query, and one more per other place a column is kept."""
    by_name = {column.name: column for column in sheet.columns}
    key_columns = [by_name[name] for name in sheet.key]
    fields = [c for c in columns if isinstance(c.stored, Field) and c.name not in sheet.key]
    customs = [column for column in columns if isinstance(column.stored, Custom)]
    paths = ["pk", *(c.path for c in key_columns), *(c.path for c in fields)]
    query = rows_with(sheet, keys).order_by()
    if lock:
        query = query.select_for_update(of=("self",))
    wanted = None if keys is None else frozenset(keys)
    found: dict[str, Row] = {}
    width = 1 + len(key_columns)
    for stored in query.values_list(*paths, *(["custom"] if customs else [])):
        key = ":".join(str(part) for part in stored[1:width])
        if wanted is not None and key not in wanted:
            continue
        cells: dict[str, Value] = {
            c.name: value if type(value) is str else canonical(c, value)
            for c, value in zip(key_columns + fields, stored[1:], strict=False)
        }
        for column in customs:
            cells[column.name] = stored[-1].get(column.name, "")
        found[key] = Row(stored[0], cells)
    _read_contacts(found.values(), columns)
    _read_members(sheet, found.values(), columns)
    return found


def _read_contacts(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    roles = {c.stored.role.value: c.name for c in columns if isinstance(c.stored, ContactOf)}
    if not roles:
        return
    by_pk = {row.pk: row.cells for row in rows}
    for cells in by_pk.values():
        cells.update(dict.fromkeys(roles.values(), ""))  # type: ignore[attr-defined]  # being built
    query = Contact.objects.filter(role__in=roles).order_by()
    if len(by_pk) <= MANY_KEYS:
        query = query.filter(account__in=list(by_pk))
    for account, role, email in query.values_list("account_id", "role", "person__email"):
        if account in by_pk:
            by_pk[account][roles[role]] = email  # type: ignore[index]  # being built


def _read_members(sheet: Sheet, rows: Iterable[Row], columns: Sequence[Column]) -> None:
    for column in columns:
        if not isinstance(column.stored, Members):
            continue
        people: dict[int, list[str]] = defaultdict(list)
        for pk, email in member_rows(sheet, column.stored):
            people[pk].append(email)
        for row in rows:
            row.cells[column.name] = sorted(people[row.pk])  # type: ignore[index]  # being built


def member_rows(sheet: Sheet, stored: Members) -> QuerySet[Any, tuple[int, str]]:
    """(row, e-mail) pairs that hold now."""
    if sheet.name == "team":
        current = TeamMembership.objects.filter(valid_to=None)
        return current.values_list("team_id", "person__email")
    through = getattr(sheet.model, stored.people).through
    return through.objects.values_list(f"{sheet.model._meta.model_name}_id", "person__email")  # type: ignore[no-any-return]  # a generated model


def known_keys(lookup: str, keys: Collection[str]) -> dict[str, str]:
    """Lower-case key → key as stored, of those of ``keys`` that exist in the sheet ``lookup``."""
    sheet = SHEETS[lookup]
    (name,) = sheet.key
    lowered = {key.lower() for key in keys}
    query = sheet.model._default_manager.order_by()
    # Team names are matched in any case; there are few teams.
    if len(lowered) <= MANY_KEYS and sheet is not TEAMS:
        query = query.filter(**{f"{name}__in": keys})
    found = query.values_list(name, flat=True)
    return {key.lower(): key for key in found if key.lower() in lowered}
