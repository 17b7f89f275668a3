"""Sorting a table by any of its columns; empty cells come last either way."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Lower, NullIf

from inventory.columns import Column, ContactOf, Custom, Field, Members, Sheet
from inventory.grid.extensions import ExtraColumn
from inventory.models import Contact


def is_sortable(column: Column | ExtraColumn) -> bool:
    if isinstance(column, ExtraColumn):
        return bool(column.sort)
    return not isinstance(column.stored, Members)


def ordered(
    sheet: Sheet, rows: QuerySet[Any], column: Column | ExtraColumn | None, *, descending: bool
) -> QuerySet[Any]:
    """The rows in the order of a column, and of the key where the column does not decide."""
    key = list(reversed(sheet.key))
    if column is None or column.name == key[0]:
        return rows.order_by(f"-{key[0]}" if descending else key[0], *key[1:])
    by = _expression(sheet, column)
    order = by.desc(nulls_last=True) if descending else by.asc(nulls_last=True)
    return rows.order_by(order, *key)


def _expression(sheet: Sheet, column: Column | ExtraColumn) -> Any:
    if isinstance(column, ExtraColumn):
        return F(column.sort)
    if isinstance(column.stored, ContactOf):
        held = Contact.objects.filter(account=OuterRef("pk"), role=column.stored.role)
        return Subquery(held.values("person__email")[:1])
    if isinstance(column.stored, Custom):
        return Lower(_filled(KT(f"custom__{column.name}")))
    assert isinstance(column.stored, Field)
    if _is_text(sheet, column.path):
        return Lower(_filled(F(column.path)))
    return F(column.path)


def _filled(expression: Combinable) -> NullIf:
    return NullIf(expression, Value(""), output_field=CharField())


def _is_text(sheet: Sheet, path: str) -> bool:
    model: Any = sheet.model
    *relations, last = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return isinstance(model._meta.get_field(last), CharField | TextField)
