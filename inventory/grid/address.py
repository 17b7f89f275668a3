"""The state of a table as its address: filters, sorting, columns, page. Values, never requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

PAGE_SIZES = (50, 200, 1000)
# Parameters that say how rows are shown and not which ones; the first of them hold for any rows.
KEPT = ("sort", "by", "columns", "per_page")
SHOWN_BY = frozenset({*KEPT, "page", "as"})


@dataclass(frozen=True)
class Address:
    path: str
    query: QueryDict = field(default_factory=QueryDict)

    def url(self, *, without: Iterable[str] = (), **changed: object) -> str:
        """The same table with some parameters changed; empty ones are left out."""
        query = self.query.copy()
        # Another sorting or filter begins at the first page.
        for name in ("page", *without):
            query.pop(name, None)
        for name, value in changed.items():
            query[name] = str(value)
        for name in list(query):
            values = [value for value in query.getlist(name) if value.strip()]
            query.setlist(name, values) if values else query.pop(name)
        encoded = query.urlencode(safe=",:@-")
        return f"{self.path}?{encoded}" if encoded else self.path

    @property
    def here(self) -> str:
        """This very page of the table, with only what says something."""
        return self.url(page=self.page if self.page > 1 else "")

    def without_value(self, name: str, value: str) -> str:
        """The same table with one value of a filter given up."""
        query = self.query.copy()
        query.setlist(name, [v for v in query.getlist(name) if v != value])
        return Address(self.path, query).url()

    @property
    def rows_query(self) -> str:
        """The part of the address that says which rows: what "all matching" means."""
        query = self.query.copy()
        for name in SHOWN_BY:
            query.pop(name, None)
        return query.urlencode()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that a form asking for other rows sends along."""
        return [(name, value) for name in KEPT if (value := self.query.get(name))]

    @property
    def sort(self) -> tuple[str, bool]:
        """The column to sort by, and whether from the end."""
        name = self.query.get("sort", "")
        return name.removeprefix("-"), name.startswith("-")

    @property
    def page(self) -> int:
        return self._number("page", 1)

    @property
    def per_page(self) -> int:
        asked = self._number("per_page", PAGE_SIZES[0])
        return asked if asked in PAGE_SIZES else PAGE_SIZES[0]

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 9 else default
