"""Template tags of the sheet: account ids as they are read and copied, values in words."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from inventory.columns import Column
from inventory.grid import cells
from inventory.kinds import Value

register = template.Library()


@register.filter
def account_id(value: str) -> SafeString:
    """Shown 1111-2222-3333 and copied 111122223333."""
    return cells.account_id(value)


@register.filter
def cell_text(column: Column, value: Value) -> str:
    """A value of a column as an export would write it; "empty" where there is none."""
    return column.kind.text(value) or "empty"
