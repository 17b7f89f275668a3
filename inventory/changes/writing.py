"""The cells of a change set written to the tables behind a sheet, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from inventory.changes.bulk import batches, insert, update
from inventory.changes.dated import change_members, write_dated
from inventory.changes.errors import Conflicts, conflict
from inventory.changes.reading import member_rows, read
from inventory.columns import (
    ACCOUNTS,
    SHEETS,
    TEAMS,
    Column,
    ContactOf,
    Custom,
    Field,
    Members,
    Sheet,
)
from inventory.models import Account, Contact, Person, RowChange, Team

Kind = RowChange.Kind


def write_sheet(
    sheet: Sheet,
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
) -> None:
    """Write the new values of ``changes``; ``pks`` are the rows that exist, by key."""
    resolve = _Resolver(sheet, columns, changes)
    new = [change for change in changes if change.kind == Kind.NEW]
    changed = [change for change in changes if change.kind == Kind.CHANGED]
    where = {**pks, **_create(sheet, columns, new, resolve)}
    changes = new + changed
    _update(sheet, columns, changed, pks, resolve)
    _write_contacts(columns, changes, where, resolve)
    _write_members(sheet, columns, changes, where)
    if sheet is ACCOUNTS:
        write_dated(
            {
                (where[change.key], name): new
                for change in changes
                for name, (_, new) in change.cells.items()
                if columns[name].dated
            }
        )


class _Resolver:
    """Natural keys of the sheets that cells point to → primary keys. Raises Conflicts."""

    def __init__(
        self, sheet: Sheet, columns: Mapping[str, Column], changes: Iterable[RowChange]
    ) -> None:
        self._sheet = sheet.name
        named: dict[str, set[str]] = defaultdict(set)
        for change in changes:
            for name, (_, new) in change.cells.items():
                if (lookup := columns[name].lookup) and isinstance(new, str) and new:
                    named[lookup].add(new)
        self._pks = {lookup: _found(lookup, keys) for lookup, keys in named.items()}

    def __call__(self, column: Column, value: str, key: str) -> int | None:
        if not value:
            return None
        pk = self._pks[column.lookup].get(value)
        if pk is None:
            message = f"“{value}” does not exist any more"
            raise Conflicts([conflict(self._sheet, key, column.label, message)])
        return pk


def _found(lookup: str, keys: Iterable[str]) -> dict[str, int]:
    (name,) = SHEETS[lookup].key
    rows = SHEETS[lookup].model._default_manager.order_by()
    found: dict[str, int] = {}
    for batch in batches(keys):
        found.update(rows.filter(**{f"{name}__in": batch}).values_list(name, "pk"))
    return found


def _own_fields(
    sheet: Sheet,
    columns: Mapping[str, Column],
    cells: Mapping[str, Any],
    resolve: _Resolver,
    key: str,
) -> dict[str, Any]:
    """Model field → value, of the cells kept on the row's own table, custom ones excepted."""
    values = {}
    for name, (_, new) in cells.items():
        column = columns[name]
        if isinstance(column.stored, Field):
            field = sheet.model._meta.get_field(column.path.partition("__")[0])
            if column.stored.lookup:
                values[field.name] = resolve(column, new, key)
            else:
                values[field.name] = _python(field, new)
    return values


def _python(field: object, value: Any) -> Any:
    """A canonical value as the model field holds it."""
    if isinstance(field, models.DateTimeField):
        return parse_datetime(value) if value else None
    if isinstance(field, models.DateField):
        return date.fromisoformat(value) if value else None
    return value


def _custom(
    columns: Mapping[str, Column], held: Mapping[str, Any], cells: Mapping[str, Any]
) -> dict[str, Any]:
    """The custom values of an account after a change; empty ones are not kept."""
    merged = dict(held)
    merged.update(
        (name, new) for name, (_, new) in cells.items() if isinstance(columns[name].stored, Custom)
    )
    return {name: value for name, value in merged.items() if value}


def _has_custom(columns: Mapping[str, Column], change: RowChange) -> bool:
    return any(isinstance(columns[name].stored, Custom) for name in change.cells)


def _create(
    sheet: Sheet, columns: Mapping[str, Column], changes: Sequence[RowChange], resolve: _Resolver
) -> dict[str, int]:
    rows = []
    for change in changes:
        keyed = {name: ["", value] for name, value in sheet.key_values(change.key).items()}
        row = sheet.model()
        values = _own_fields(sheet, columns, keyed | change.cells, resolve, change.key)
        for name, value in values.items():
            field = sheet.model._meta.get_field(name)
            setattr(row, field.attname, value)  # type: ignore[union-attr]  # a concrete field
        if isinstance(row, Account):
            row.custom = _custom(columns, {}, change.cells)
        rows.append(row)
    if sheet is TEAMS:
        _give_slugs(rows)  # type: ignore[arg-type]  # the model of the sheet
    fields = [field for field in sheet.model._meta.concrete_fields if not field.primary_key]
    stored = ([field.pre_save(row, add=True) for field in fields] for row in rows)
    insert(sheet.model, [field.name for field in fields], stored)
    made = read(sheet, [], {change.key for change in changes})
    return {key: row.pk for key, row in made.items()}


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
    """One statement for all rows in which the same fields change."""
    with_custom = [pks[change.key] for change in changes if _has_custom(columns, change)]
    held: dict[int, dict[str, Any]] = {}
    for batch in batches(with_custom):
        held.update(Account.objects.filter(pk__in=batch).values_list("pk", "custom").order_by())
    alike: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
    for change in changes:
        pk = pks[change.key]
        values = _own_fields(sheet, columns, change.cells, resolve, change.key)
        if pk in held:
            values["custom"] = _custom(columns, held[pk], change.cells)
        if values:
            alike[tuple(values)].append([pk, *values.values()])
    for names, rows in alike.items():
        update(sheet.model, names, rows)


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
            person = resolve(columns[name], new, change.key)
            if person is None:
                gone[stored.role].append(pks[change.key])
            else:
                held.append((pks[change.key], stored.role, person))
    for role, accounts in gone.items():
        for batch in batches(accounts):
            Contact.objects.filter(role=role, account__in=batch).delete()
    names = ("account", "role", "person")
    insert(Contact, names, held, unique=("account", "role"), update=("person",))


def _write_members(
    sheet: Sheet,
    columns: Mapping[str, Column],
    changes: Sequence[RowChange],
    pks: Mapping[str, int],
) -> None:
    for name, column in columns.items():
        touched = [change for change in changes if name in change.cells]
        if not isinstance(column.stored, Members) or not touched:
            continue
        current: dict[int, set[str]] = defaultdict(set)
        for row, email in member_rows(sheet, column.stored):
            current[row].add(email)
        for change in touched:
            pk, wanted = pks[change.key], set(change.cells[name][1])
            leaving = _people(current[pk] - wanted)
            joining = _people(wanted - current[pk])
            if missing := wanted - current[pk] - joining.keys():
                message = f"“{min(missing)}” does not exist any more"
                raise Conflicts([conflict(sheet.name, change.key, column.label, message)])
            if sheet is TEAMS:
                change_members(pk, leaving.values(), joining.values())
            else:
                people = getattr(sheet.model(pk=pk), column.stored.people)
                people.remove(*leaving.values())
                people.add(*joining.values())


def _people(emails: Iterable[str]) -> dict[str, int]:
    return dict(Person.objects.filter(email__in=set(emails)).values_list("email", "pk"))
