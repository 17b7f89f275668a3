"""Rows taken away again, when the change set that made them is undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import models

from inventory.changes.bulk import batches
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, Sheet
from inventory.models import Account, Contact, DatedValue, RootMailList, TeamMembership

# Rows that belong to a row as its cells do, and go with it.
OWN_PARTS: frozenset[type[models.Model]] = frozenset(
    {Contact, DatedValue, TeamMembership, RootMailList.recipients.through}
)


def remove(sheet: Sheet, pks: Collection[int]) -> set[int]:
    """Delete rows; one that something else needs by now stays. Returns those that stayed.

    An account takes what is computed about it along, and stays only for what PROTECT guards.
    """
    stayed = set(_used_custom_columns(pks) if sheet is CUSTOM_COLUMNS else _pointed_to(sheet, pks))
    for batch in batches(set(pks) - stayed):
        sheet.model._default_manager.filter(pk__in=batch).delete()
    return stayed


def _pointed_to(sheet: Sheet, pks: Collection[int]) -> Iterable[int]:
    for relation in sheet.model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.many_to_many:
            continue
        if relation.related_model in _own_parts(sheet):
            continue
        if sheet is ACCOUNTS and relation.on_delete not in (models.PROTECT, models.RESTRICT):
            continue
        rows = relation.related_model._default_manager.order_by()
        name = relation.field.name
        for batch in batches(pks):
            yield from rows.filter(**{f"{name}__in": batch}).values_list(name, flat=True)


def _own_parts(sheet: Sheet) -> frozenset[type[models.Model]]:
    """A person's contacts and memberships are parts of the account and the team, not of theirs."""
    return frozenset() if sheet.name == "person" else OWN_PARTS


def _used_custom_columns(pks: Collection[int]) -> Iterable[int]:
    for pk, name in CUSTOM_COLUMNS.model._default_manager.filter(pk__in=list(pks)).values_list(
        "pk", "name"
    ):
        if Account.objects.filter(custom__has_key=name).exists():
            yield pk
