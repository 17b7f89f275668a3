"""One page of a sheet as a table: what its template needs, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from inventory import drift
from inventory.access import Anyone, edit_decision, visible_columns
from inventory.audit.contacts import cells_shown
from inventory.changes.reading import Row, read
from inventory.columns import ACCOUNTS, Column, Sheet, columns_of
from inventory.grid import cells
from inventory.grid.address import PAGE_SIZES, Address
from inventory.grid.extensions import ExtraColumn, extra_columns
from inventory.grid.links import row_links
from inventory.grid.ordering import is_sortable, ordered

AnyColumn = Column | ExtraColumn
# Columns that hold what the table shows in another way.
NEVER_SHOWN = frozenset({drift.KEPT, "slug"})
# What a card on a narrow screen shows besides the name of the row.
ON_CARDS = frozenset({"name", "team", "owner", "lead", "stages", "accounts", "state"})


@dataclass(frozen=True)
class Heading:
    """``direction`` is the value of aria-sort, empty where another column sorts the table."""

    name: str
    label: str
    help: str
    url: str
    direction: str
    is_number: bool


@dataclass(frozen=True)
class Choice:
    """A column that may be shown."""

    name: str
    label: str
    is_shown: bool


@dataclass(frozen=True)
class Table:
    """``count`` rows match, of ``total`` that the reader may see."""

    sheet: Sheet
    address: Address
    headings: Sequence[Heading]
    choices: Sequence[Choice]
    rows: SafeString
    shown: int
    count: int
    total: int
    page: int
    pages: int
    editable: Sequence[Column]

    @property
    def first(self) -> int:
        return (self.page - 1) * self.address.per_page + 1

    @property
    def last(self) -> int:
        return self.first + self.shown - 1

    @property
    def previous_url(self) -> str:
        return self.address.url(page=self.page - 1) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return self.address.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def sizes(self) -> Sequence[tuple[int, str, bool]]:
        """Rows a page, the address that asks for them, and whether they are shown now."""
        chosen = self.address.per_page
        return [(size, self.address.url(per_page=size), size == chosen) for size in PAGE_SIZES]


def is_editable(user: Anyone, sheet: Sheet, column: AnyColumn) -> bool:
    return isinstance(column, Column) and edit_decision(user, sheet, column).allowed


def available(user: Anyone, sheet: Sheet) -> list[AnyColumn]:
    """All columns the reader may see but the one that leads each row, the last of the key."""
    own = visible_columns(user, sheet, columns_of(sheet))
    hidden = NEVER_SHOWN | {sheet.key[-1]}
    return [*(c for c in own if c.name not in hidden), *extra_columns(sheet.name)]


def chosen(columns: Sequence[AnyColumn], names: Iterable[str], sheet: Sheet) -> list[AnyColumn]:
    """The named columns in the order of the sheet; without any known name, the usual ones."""
    wanted = set(names)
    found = [column for column in columns if column.name in wanted]
    if found:
        return found
    # Small sheets are shown whole; the account sheet says which of its columns are usual.
    return [column for column in columns if column.default or sheet is not ACCOUNTS]


def build(
    sheet: Sheet,
    queryset: QuerySet[Any],
    user: Anyone,
    address: Address,
    names: Iterable[str],
    total: int | None = None,
) -> Table:
    """The page of ``queryset`` that the address asks for. Its query count is constant.

    ``total`` is given where the queryset is filtered; else it is the same as the count.
    """
    columns = available(user, sheet)
    shown = chosen(columns, names, sheet)
    key = _key_column(sheet)
    by, descending = sorted_by(sheet, columns, address)
    ordered_rows = ordered(sheet, queryset, by, descending=descending)
    keys, count, page = _page(sheet, ordered_rows, address, is_filtered=total is not None)
    editable = [c for c in columns if isinstance(c, Column) and is_editable(user, sheet, c)]
    drawn = _rows(sheet, keys, shown, user, picks=bool(editable) and sheet is ACCOUNTS)
    return Table(
        sheet=sheet,
        address=address,
        headings=[_heading(c, address, by or key, descending) for c in (key, *shown)],
        choices=[Choice(c.name, c.label, c in shown) for c in columns],
        rows=mark_safe(drawn),  # noqa: S308  (each cell escapes what it shows)
        shown=len(keys),
        count=count,
        total=count if total is None else total,
        page=page,
        pages=_pages(count, address),
        editable=editable,
    )


def _key_column(sheet: Sheet) -> Column:
    return next(column for column in sheet.columns if column.name == sheet.key[-1])


def sorted_by(
    sheet: Sheet, columns: Sequence[AnyColumn], address: Address
) -> tuple[AnyColumn | None, bool]:
    """The column to sort by, None for the key, and whether from the end."""
    name, descending = address.sort
    found = (c for c in (*columns, _key_column(sheet)) if c.name == name and is_sortable(c))
    return next(found, None), descending


def _pages(count: int, address: Address) -> int:
    return max(-(-count // address.per_page), 1)


def _page(
    sheet: Sheet, rows: QuerySet[Any], address: Address, *, is_filtered: bool
) -> tuple[list[str], int, int]:
    """Keys of the page's rows, the count of all rows, and the page, the last one if it is past it.

    Filters are worked out once: the rows come with their count. Without filters a count of its
    own is cheaper, because the page is then read off an index.
    """
    start, size = (address.page - 1) * address.per_page, address.per_page
    if is_filtered:
        counted = rows.annotate(_count=Window(Count("pk")))[start : start + size]
        found = list(counted.values_list("_count", *sheet.key))
        if found or start == 0:
            return [_key(parts) for _, *parts in found], found[0][0] if found else 0, address.page
    count = rows.count()
    page = min(address.page, _pages(count, address))
    start = (page - 1) * size
    return (
        [_key(parts) for parts in rows.values_list(*sheet.key)[start : start + size]],
        count,
        page,
    )


def _key(parts: Iterable[str]) -> str:
    return ":".join(parts)


def _heading(column: AnyColumn, address: Address, by: AnyColumn, descending: bool) -> Heading:
    direction = ""
    if column.name == by.name:
        direction = "descending" if descending else "ascending"
    turned = f"-{column.name}" if direction == "ascending" else column.name
    url = address.url(sort=turned) if is_sortable(column) else ""
    is_number = isinstance(column, ExtraColumn) and column.is_number
    return Heading(column.name, column.label, column.help, url, direction, is_number)


def read_rows(sheet: Sheet, shown: Sequence[AnyColumn], keys: Sequence[str]) -> dict[str, Row]:
    """The cells of these rows: what is shown, and what drift, links and extra columns need. The
    audit log tells of telephone numbers among them."""
    own = [column for column in shown if isinstance(column, Column)]
    needed = {name for c in shown if isinstance(c, ExtraColumn) for name in c.needs}
    more = [c for c in sheet.columns if c.name in needed | {"name", "slug"}]
    if sheet is ACCOUNTS:
        more += [*drift.columns_read(own), drift.BY_NAME["observed_name"]]
    by_name = {column.name: column for column in (*own, *more)}
    found = read(sheet, list(by_name.values()), keys)
    cells_shown(sheet, own, found)
    return found


def _rows(
    sheet: Sheet, keys: Sequence[str], shown: Sequence[AnyColumn], user: Anyone, *, picks: bool
) -> str:
    found = read_rows(sheet, shown, keys)
    rows = [found[key] for key in keys if key in found]
    by_pk = {row.pk: row for row in rows}
    words = cells.words_for(column for column in shown if isinstance(column, Column))
    openings, writers = [], []
    for column in shown:
        openings.append(_opening(column))
        writers.append(_writer(sheet, column, user, words, by_pk))
    lead = _lead(sheet, picks=picks)
    parts = []
    for row in rows:
        pk, values = row.pk, row.cells
        drawn = "</td>".join(
            [opening + write(pk, values) for opening, write in zip(openings, writers, strict=True)]
        )
        parts.append(f"<tr>{lead(pk, values)}{drawn}</td></tr>\n")
    return "".join(parts)


def _opening(column: AnyColumn) -> str:
    """The tag of the column's cells; on a card, where there is no head, the cell says its label."""
    number = isinstance(column, ExtraColumn) and column.is_number
    if column.name in ON_CARDS:
        names = "number on-card" if number else "on-card"
        return f'<td class="{names}" data-label="{escape(column.label)}">'
    return '<td class="number">' if number else "<td>"


def _writer(
    sheet: Sheet,
    column: AnyColumn,
    user: Anyone,
    words: Mapping[str, cells.Words],
    rows: Mapping[int, Row],
) -> cells.Writer:
    if isinstance(column, Column):
        return cells.writer(sheet, column, words, editable=is_editable(user, sheet, column))
    drawn = column.cells(rows, user)
    return lambda pk, _: drawn.get(pk, "")


def _lead(sheet: Sheet, *, picks: bool) -> cells.Writer:
    """The first cell: what names the row, as a link to its page, and the box that selects it."""
    name = sheet.key[-1]
    link = row_links(sheet)
    is_id = name == "account_id"

    def write(pk: int, values: Mapping[str, Any]) -> str:
        key = str(values[name])
        shown = cells.account_id(key) if is_id else escape(key)
        box = ""
        if picks:
            box = (
                f'<input class="form-check-input pick needs-script" type="checkbox" name="row" '
                f'value="{pk}" form="bulk" aria-label="Select {escape(key)}"> '
            )
        href = link(values)
        inner = f'<a href="{escape(href)}">{shown}</a>' if href else shown
        return f'<th scope="row">{box}{inner}</th>'

    return write
