"""Columns of a table that are no cells of the sheet: counts, and what upper layers know of a row.

``register`` is called from an app's ``ready``; the filters that go with such columns are
registered with ``inventory.filters.register_filter``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from inventory.access import Anyone
from inventory.changes.reading import Row

# The rows of one page by primary key, and their reader → the cells as safe HTML by primary key.
# All of them take a constant number of queries.
Cells = Callable[[Mapping[int, Row], Anyone], Mapping[int, str]]


@dataclass(frozen=True)
class ExtraColumn:
    """``sort`` is a lookup to order by; ``needs`` are columns of the sheet that cells are of."""

    name: str
    label: str
    cells: Cells
    sort: str = ""
    needs: tuple[str, ...] = ()
    help: str = ""
    is_number: bool = False
    default: bool = True


_registered: dict[str, list[ExtraColumn]] = defaultdict(list)


def register(sheet: str, column: ExtraColumn) -> None:
    """Add a column to the table of a sheet, after those that are there."""
    if any(known.name == column.name for known in _registered[sheet]):
        raise ValueError(f"The table of {sheet} has a column {column.name} already.")
    _registered[sheet].append(column)


def extra_columns(sheet: str) -> Sequence[ExtraColumn]:
    return tuple(_registered[sheet])
