"""The history of a row, for any page that shows the row."""

from __future__ import annotations

from django import template

from inventory.access import Anyone
from inventory.change_pages import Past, shown_cell
from inventory.changes import history
from inventory.columns import SHEETS

register = template.Library()

SHOWN = 50


@register.simple_tag
def row_history(sheet: str, key: str, user: Anyone) -> list[Past]:
    """The latest changes of a row, newest first. One query, and one for custom columns."""
    found: list[Past] = []
    for change in history(SHEETS[sheet], key, SHOWN):
        if not found or found[-1].change_set.pk != change.change_set.pk:
            found.append(Past(change.change_set, []))
        cell = shown_cell(change.column.name, change.column, change.old, change.new, user)
        found[-1].cells.append(cell)
    return found
