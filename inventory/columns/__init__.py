"""The registry of sheets and their columns.

One declaration of a column drives the grid, forms, filters, import mapping, export, API and
history. A sheet is a table of rows that change sets write: accounts, and the rows accounts point
to. Cells of a foreign key hold the natural key of the row they point to (a team's name, a person's
address), never a database id, so that history and exports read by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from inventory.columns.accounts import ACCOUNTS
from inventory.columns.declaring import (
    FINANCE,
    NOBODY,
    OWNERS,
    SECURITY_ONLY,
    Authority,
    Column,
    ContactOf,
    Custom,
    Field,
    Members,
    Sheet,
    Storage,
)
from inventory.columns.others import (
    CUSTOM_COLUMNS,
    ORGANIZATIONS,
    OUS,
    PAYERS,
    PEOPLE,
    ROOT_MAIL_LISTS,
    SETTINGS,
    TEAMS,
)
from inventory.kinds import Text
from inventory.models import CustomColumn

__all__ = [
    "ACCOUNTS",
    "CUSTOM_COLUMNS",
    "FINANCE",
    "MADE_ON_DEMAND",
    "NOBODY",
    "ORGANIZATIONS",
    "OUS",
    "OWNERS",
    "PAYERS",
    "PEOPLE",
    "ROOT_MAIL_LISTS",
    "SECURITY_ONLY",
    "SETTINGS",
    "SHEETS",
    "TEAMS",
    "Authority",
    "Column",
    "ContactOf",
    "Custom",
    "Field",
    "Members",
    "Sheet",
    "Storage",
    "columns_of",
    "custom_column",
    "custom_columns",
]

# In the order in which a change set writes them: what is pointed to comes first.
SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        PEOPLE,
        PAYERS,
        ROOT_MAIL_LISTS,
        TEAMS,
        ORGANIZATIONS,
        OUS,
        CUSTOM_COLUMNS,
        SETTINGS,
        ACCOUNTS,
    )
}

# Rows of these are made when a cell first names them; the others must exist.
MADE_ON_DEMAND = frozenset({"person", "payer", "root_mail_list", "team"})


def custom_column(name: str, label: str, help_text: str = "") -> Column:
    return Column(name, label, Text(2000), Custom(), help=help_text, editors=OWNERS)


def custom_columns() -> list[Column]:
    """The company's own columns of the account sheet. One query."""
    return [custom_column(row.name, row.label, row.help) for row in CustomColumn.objects.all()]


def columns_of(sheet: Sheet) -> Sequence[Column]:
    """Declared and custom columns of a sheet; one query for the account sheet."""
    return [*sheet.columns, *custom_columns()] if sheet is ACCOUNTS else sheet.columns
