"""The table in a file: which sheet, which row is the header, and which rows hold accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inventory.formats import Grid, Unreadable, read_file
from inventory.formats.format import Cell
from inventory.importing.headers import Headers

# Title rows above a header are few; looking further would mistake data for a header.
LOOK = 20
IDS = re.compile(r"\s*'?\d{4}-?\d{4}-?\d{4}(\.0)?\s*")


@dataclass(frozen=True)
class Table:
    """``headers`` are distinct. ``first_row`` is the number of the first row below the header."""

    headers: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    first_row: int
    description: str
    from_aws: bool = False
    notes: tuple[str, ...] = ()

    def numbered(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """(row number as a spreadsheet counts, cells) of the rows that are not empty."""
        for number, row in enumerate(self.rows, start=self.first_row):
            if any(cell if type(cell) is not str else cell.strip() for cell in row):
                yield number, row

    def samples(self, index: int, count: int = 3) -> list[str]:
        """The first different values of a column, for a person to recognise it by."""
        found: dict[str, None] = {}
        for row in self.rows[:200]:
            text = text_of(row[index]) if index < len(row) else ""
            if text:
                found[text] = None
            if len(found) == count:
                break
        return list(found)


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a fraction, since ids and counts are whole."""
    if type(cell) is str:
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def recognise(content: bytes) -> Table:
    """The account table of a file. Raises Unreadable."""
    headers = Headers()
    grids = read_file(content)
    found = [(_header_row(grid, headers), grid) for grid in grids]
    best = max(found, key=lambda each: each[0][1])
    (index, score), grid = best
    if not any(any(text_of(cell) for cell in row) for row in grid.rows):
        raise Unreadable("The file has no rows; choose one that holds accounts.")
    table = _table(grid, index, headerless=score == 0 and _has_id(grid.rows[index]))
    if next(table.numbered(), None) is None:
        raise Unreadable(
            "The file holds a header and no rows below it; add the accounts, one a row."
        )
    others = [other.name for _, other in found if other is not grid and other.name]
    notes = (f"Not read: {', '.join(others)}.",) if others else ()
    return Table(table.headers, table.rows, table.first_row, grid.description, grid.from_aws, notes)


def _header_row(grid: Grid, headers: Headers) -> tuple[int, int]:
    """(index of the header, how many of its cells are recognised); the id counts ten times."""
    best, best_score = _first_filled(grid), 0
    for index, row in enumerate(grid.rows[:LOOK]):
        targets = [headers.target(cell) for cell in row if isinstance(cell, str) and cell.strip()]
        score = len(set(targets) - {""}) + 10 * ("account_id" in targets)
        # A title such as "AWS accounts" is one cell alone; a real header of one cell is an id's.
        if score > best_score and (len(targets) > 1 or not _filled(grid.rows, index)):
            best, best_score = index, score
    return best, best_score


def _filled(rows: Sequence[Sequence[Cell]], index: int) -> bool:
    """Whether the rows below are wider than one cell."""
    below = rows[index + 1 : index + 4]
    return any(sum(1 for cell in row if text_of(cell)) > 1 for row in below)


def _first_filled(grid: Grid) -> int:
    return next(
        (i for i, row in enumerate(grid.rows[:LOOK]) if any(text_of(cell) for cell in row)), 0
    )


def _has_id(row: Sequence[Cell]) -> bool:
    return any(IDS.fullmatch(text_of(cell)) for cell in row)


def _table(grid: Grid, index: int, *, headerless: bool) -> Table:
    rows = grid.rows[index if headerless else index + 1 :]
    first = index + 1 if headerless else index + 2
    given = [] if headerless else [text_of(cell) for cell in grid.rows[index]]
    width = max((_width(row) for row in rows), default=0)
    width = max(width, _width(grid.rows[index]))
    headers: list[str] = []
    for position in range(width):
        name = given[position] if position < len(given) else ""
        headers.append(_distinct(name or f"Column {_letters(position)}", headers))
    return Table(tuple(headers), rows, first, grid.description)


def _width(row: Sequence[Cell]) -> int:
    """Cells up to the last one that holds something: programs pad rows with empty ones."""
    width = len(row)
    while width and row[width - 1] == "":
        width -= 1
    return width


def _distinct(name: str, taken: Sequence[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def _letters(position: int) -> str:
    """The name a spreadsheet gives a column: A, B, …, Z, AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
