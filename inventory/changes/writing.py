"""The cells of a change set written to the tables behind a sheet, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from inventory.changes.plan import lookup_of
from inventory.changes.reading import member_rows
from inventory.columns import ACCOUNTS, SHEETS, TEAMS, Column, ContactOf, Custom, Field, Members, Sheet
from inventory.models import Contact, DatedValue, Person, RowChange, Team, TeamMembership

BATCH = 1000


def write_sheet(
    sheet: Sheet,
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
) -> None:
    """Write the new values of ``changes``; ``pks`` are the rows that exist, by key."""
    resolve = _Resolver(columns, changes)
    new = [change for change in changes if change.kind == RowChange.Kind.NEW]
    changed = [change for change in changes if change.kind == RowChange.Kind.CHANGED]
    made = _create(sheet, columns, new, resolve)
    _update(sheet, columns, changed, pks, resolve)
    where = {**pks, **made}
    _write_contacts(columns, new + changed, where, resolve)
    _write_members(sheet, columns, new + changed, where, resolve)
    if sheet is ACCOUNTS:
        _write_dated(columns, new + changed, where)


class _Resolver:
    """Natural keys of the sheets that cells point to → primary keys. One query a sheet."""

    def __init__(self, columns: Mapping[str, Column], changes: Iterable[RowChange]) -> None:
        named: dict[str, set[str]] = defaultdict(set)
        for change in changes:
            for name, (_, new) in change.cells.items():
                if (lookup := lookup_of(columns[name])) and new:
                    named[lookup].update([new] if isinstance(new, str) else new)
        self._pks = {lookup: self._find(lookup, keys) for lookup, keys in named.items()}

    @staticmethod
    def _find(lookup: str, keys: set[str]) -> dict[str, int]:
        sheet = SHEETS[lookup]
        (name,) = sheet.key
        rows = sheet.model._default_manager.filter(**{f"{name}__in": keys})
        return dict(rows.values_list(name, "pk"))

    def __call__(self, column: Column, value: str) -> int | None:
        return self._pks[lookup_of(column)][value] if value else None


def _python(field: models.Field[Any, Any], value: Any) -> Any:
    """A canonical value as the model field holds it."""
    if isinstance(field, models.DateTimeField):
        return parse_datetime(value) if value else None
    if isinstance(field, models.DateField):
        return date.fromisoformat(value) if value else None
    return value


def _set_fields(
    row: models.Model, columns: Mapping[str, Column], cells: Mapping[str, Any], resolve: _Resolver
) -> set[str]:
    """Set the cells kept on the row's own table; returns the names of the model fields set."""
    touched = set()
    for name, (_, new) in cells.items():
        column = columns[name]
        if isinstance(column.stored, Field):
            field = row._meta.get_field(column.path.partition("__")[0])
            assert isinstance(field, models.Field)
            value = resolve(column, new) if column.stored.lookup else _python(field, new)
            setattr(row, field.attname, value)
            touched.add(field.name)
        elif isinstance(column.stored, Custom):
            custom = dict(row.custom)  # type: ignore[attr-defined]  # only accounts have them
            custom.pop(name, None)
            row.custom = custom | ({name: new} if new else {})  # type: ignore[attr-defined]
            touched.add("custom")
    return touched


def _create(
    sheet: Sheet, columns: Mapping[str, Column], changes: Sequence[RowChange], resolve: _Resolver
) -> dict[str, int]:
    rows = []
    for change in changes:
        keyed = {name: ["", value] for name, value in sheet.key_values(change.key).items()}
        row = sheet.model()
        _set_fields(row, columns, keyed | change.cells, resolve)
        rows.append(row)
    if sheet is TEAMS:
        _give_slugs(rows)  # type: ignore[arg-type]  # the model of the sheet
    sheet.model._default_manager.bulk_create(rows, batch_size=BATCH)
    return {change.key: row.pk for change, row in zip(changes, rows, strict=True)}


def _give_slugs(teams: Sequence[Team]) -> None:
    taken = set(Team.objects.values_list("slug", flat=True)) if teams else set()
    for team in teams:
        stem = slugify(team.name)[:180] or "team"
        number, slug = 1, stem
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        team.slug = slug
        taken.add(slug)


def _update(
    sheet: Sheet,
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
    resolve: _Resolver,
) -> None:
    own = [c for c in changes if any(isinstance(columns[n].stored, Field | Custom) for n in c.cells)]
    rows = sheet.model._default_manager.in_bulk([pks[change.key] for change in own])
    touched: set[str] = set()
    for change in own:
        touched |= _set_fields(rows[pks[change.key]], columns, change.cells, resolve)
    if touched:
        # An upsert of whole rows is many times faster than bulk_update's CASE expressions.
        sheet.model._default_manager.bulk_create(
            list(rows.values()),
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted(touched),
        )


def _write_contacts(
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
    resolve: _Resolver,
) -> None:
    gone: dict[str, list[int]] = defaultdict(list)
    held = []
    for change in changes:
        for name, (_, new) in change.cells.items():
            stored = columns[name].stored
            if not isinstance(stored, ContactOf):
                continue
            person = resolve(columns[name], new)
            if person is None:
                gone[stored.role].append(pks[change.key])
            else:
                held.append(
                    Contact(account_id=pks[change.key], role=stored.role, person_id=person)
                )
    for role, accounts in gone.items():
        Contact.objects.filter(role=role, account__in=accounts).delete()
    Contact.objects.bulk_create(
        held,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "role"],
        update_fields=["person"],
    )


def _write_members(
    sheet: Sheet,
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
    resolve: _Resolver,
) -> None:
    for name, column in columns.items():
        touched = [change for change in changes if name in change.cells]
        if isinstance(column.stored, Members) and touched:
            current = set(member_rows(sheet, column.stored))
            for change in touched:
                pk, wanted = pks[change.key], set(change.cells[name][1])
                have = {email for row, email in current if row == pk}
                joining = [resolve(column, email) for email in sorted(wanted - have)]
                _change_members(sheet, column.stored, pk, have - wanted, joining)


def _change_members(
    sheet: Sheet, stored: Members, pk: int, leaving: set[str], joining: Sequence[int | None]
) -> None:
    if sheet is TEAMS:
        today = datetime.now(UTC).date()
        membership = TeamMembership.objects.filter(team=pk, valid_to=None, person__email__in=leaving)
        membership.filter(valid_from=today).delete()
        membership.update(valid_to=today)
        TeamMembership.objects.bulk_create(
            TeamMembership(team_id=pk, person_id=person, valid_from=today) for person in joining
        )
        return
    people = getattr(sheet.model(pk=pk), stored.people)
    people.remove(*Person.objects.filter(email__in=leaving))
    people.add(*joining)


def _write_dated(
    columns: Mapping[str, Column], changes: Sequence[RowChange], pks: Mapping[str, int]
) -> None:
    """End what a dated column held until yesterday and begin what it holds from today on."""
    today = datetime.now(UTC).date()
    begun = {
        (pks[change.key], name): new
        for change in changes
        for name, (_, new) in change.cells.items()
        if columns[name].dated
    }
    if not begun:
        return
    names = {name for _, name in begun}
    open_values = DatedValue.objects.filter(valid_to=None, column__in=names)
    ended = [row for row in open_values if (row.account_id, row.column) in begun]
    DatedValue.objects.filter(pk__in=[r.pk for r in ended if r.valid_from == today]).delete()
    DatedValue.objects.filter(pk__in=[r.pk for r in ended if r.valid_from < today]).update(
        valid_to=today
    )
    DatedValue.objects.bulk_create(
        [
            DatedValue(account_id=account, column=name, value=value, valid_from=today)
            for (account, name), value in begun.items()
            if value
        ],
        batch_size=BATCH,
    )
