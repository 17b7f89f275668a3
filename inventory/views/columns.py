"""Which columns a person wants to see: the address says so, and the session remembers it."""

from __future__ import annotations

from django.http import QueryDict

from inventory.columns import Sheet
from inventory.views.requests import Request

SESSION_KEY = "columns"


def remembered_columns(request: Request, sheet: Sheet, query: QueryDict) -> list[str]:
    """Names of the columns to show; empty for the usual ones. Spells them in ``query`` as one."""
    kept: dict[str, list[str]] = request.session.get(SESSION_KEY, {})
    if "columns" not in query:
        return kept.get(sheet.name, [])
    names = [name for part in query.getlist("columns") for name in part.split(",") if name]
    query.setlist("columns", [",".join(names)])
    if kept.get(sheet.name) != names:
        request.session[SESSION_KEY] = {**kept, sheet.name: names}
    return names
