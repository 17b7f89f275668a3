"""One cell as HTML, and the words of values that are codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from inventory import drift
from inventory.columns import Column, Sheet
from inventory.kinds import AccountId, SetOf, Timestamp, Value
from inventory.models import AccountClass, AccountState, Organization, OrganizationalUnit

LONGEST_TEXT = 90
LONGEST_LIST = 2

Words = Mapping[str, str]
# A row's primary key and cells → what stands in the cell.
Writer = Callable[[int, Mapping[str, Value]], str]


def account_id(value: str) -> SafeString:
    """Shown 1111-2222-3333 and copied 111122223333: the style sheet draws the dashes."""
    shown: str = escape(value)
    if len(value) == 12 and value.isdigit():
        shown = f"{value[:4]}<i></i>{value[4:8]}<i></i>{value[8:]}"
    return mark_safe(f'<span class="identifier account-id">{shown}</span>')  # noqa: S308  (digits or escaped)


def words_for(columns: Iterable[Column]) -> dict[str, Words]:
    """What people read instead of ids and codes, per column. A query for OUs and organizations."""
    names = {column.name for column in columns}
    found: dict[str, Words] = {
        "state": {value: str(label) for value, label in AccountState.choices},
        "classes": {value: str(label) for value, label in AccountClass.choices},
    }
    if "ou" in names:
        found["ou"] = dict(OrganizationalUnit.objects.order_by().values_list("ou_id", "path"))
    if names & {"organization", "observed_organization"}:
        organizations = Organization.objects.order_by().values_list("organization_id", "name")
        found["organization"] = found["observed_organization"] = dict(organizations)
    return found


def text(column: Column, value: Value, words: Words) -> str:
    """A value as people read it, cut where it is long."""
    if isinstance(column.kind, SetOf):
        names = [words.get(name, name) for name in value]
        more = f" + {len(names) - LONGEST_LIST}" if len(names) > LONGEST_LIST + 1 else ""
        return ", ".join(names[:LONGEST_LIST] if more else names) + more
    if isinstance(column.kind, Timestamp):
        return str(value)[:16].replace("T", " ")
    plain = column.kind.text(value)
    plain = words.get(plain, plain)
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[:LONGEST_TEXT]}…"


def writer(sheet: Sheet, column: Column, words: Mapping[str, Words], *, editable: bool) -> Writer:
    """How the cells of a column are drawn; worked out once a page."""
    named = words.get(column.name, {})
    show = _shown(column, named)
    notes_drift = bool(column.observed)
    address = reverse("inventory:cell", args=[sheet.name, 0, column.name]) if editable else ""
    before, _, after = address.partition("/0/")
    add = escape(f"Add {column.label.lower()}")

    def write(pk: int, cells: Mapping[str, Value]) -> str:
        value = cells[column.name]
        inner = show(value) if value else ""
        if editable:
            href = f"{before}/{pk}/{after}"
            inner = (
                f'<a class="cell" href="{href}">{inner}</a>'
                if inner
                else f'<a class="cell" href="{href}" aria-label="{add}">–</a>'
            )
        if notes_drift:
            inner += _drift_note(column, cells, show)
        return inner

    return write


def _shown(column: Column, words: Words) -> Callable[[Any], str]:
    if isinstance(column.kind, AccountId):
        return account_id
    if type(column.kind.empty) is str and not words and not isinstance(column.kind, Timestamp):
        return lambda v: (
            escape(v)
            if type(v) is str and len(v) <= LONGEST_TEXT
            else escape(text(column, v, words))
        )
    return lambda value: escape(text(column, value, words))


def _drift_note(column: Column, cells: Mapping[str, Any], show: Callable[[Any], str]) -> str:
    """AWS's value where ours differs, or where we have none."""
    observed = cells[column.observed]
    if observed and not cells[column.name]:
        return f' <span class="from-aws">AWS: {show(observed)}</span>'
    found = drift.drift_of(column, cells)
    if found is None:
        return ""
    shown = show(found.observed)
    return f' <span class="drift"><span aria-hidden="true">≠</span> AWS: {shown}</span>'
