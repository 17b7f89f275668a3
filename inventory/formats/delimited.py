"""CSV, TSV and text pasted from a spreadsheet; RFC 4180 and what programs make of it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from inventory.formats.defusing import defused
from inventory.formats.encodings import decoded
from inventory.formats.format import Format, Grid, Unreadable
from inventory.formats.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS
from inventory.formats.strangers import refuse_strangers

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SAMPLE_ROWS = 50
SAMPLE_CHARACTERS = 200_000


def _recognises(content: bytes) -> bool:
    """Anything that is no other kind of file is tried as text."""
    refuse_strangers(content)
    return True


def _read(content: bytes) -> list[Grid]:
    text, encoding = decoded(content)
    _refuse_binary(text)
    declared, body = _declared_delimiter(text)
    delimiter = declared or _delimiter(body)
    rows: list[list[str]] = [[]] if declared else []
    try:
        for cells in _reader(body, delimiter):
            rows.append(cells)
            _refuse_excess(len(rows), cells)
    except csv.Error:
        raise Unreadable(
            f"Row {len(rows) + 1} cannot be read as CSV: a cell has more than {MAX_CELL:,} "
            "characters, perhaps because a quotation mark is not closed; check the row."
        ) from None
    if len(rows) > 0 and text.count('"') % 2 and _swallowed(rows[-1]):
        raise Unreadable(
            f"A quotation mark opens in row {len(rows)} and is never closed; close it there."
        )
    return [Grid(rows, f"Text in {encoding}, separated by {DELIMITERS[delimiter]}")]


def _swallowed(last: Sequence[str]) -> bool:
    return any("\n" in cell for cell in last)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _refuse_binary(text: str) -> None:
    nul = text.find("\x00")
    if nul >= 0:
        row = text.count("\n", 0, nul) + 1
        raise Unreadable(
            f"Row {row} holds a NUL byte, which no text has; save the list again as CSV in UTF-8."
        )
    sample = text[:100_000]
    odd = sum(not (char.isprintable() or char in "\t\r\n\ufeff") for char in sample)
    if odd > len(sample) // 50 + 2:
        raise Unreadable("This is not a text file; save the list as CSV or XLSX.")


def _declared_delimiter(text: str) -> tuple[str, str]:
    """Spreadsheet programs may name the delimiter in a first line such as ``sep=;``."""
    first, newline, rest = text.partition("\n")
    declared = first.strip().lower().removeprefix("sep=")
    if newline and first.lower().startswith("sep=") and (declared or "\t") in DELIMITERS:
        return declared or "\t", rest
    return "", text


def _delimiter(text: str) -> str:
    """The one that cuts most of the first rows into equally many cells."""
    best, score = ",", 0
    text = text[:SAMPLE_CHARACTERS]
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in islice(_reader(text, delimiter), SAMPLE_ROWS) if row]
        except csv.Error:
            continue
        alike = Counter(width for width in widths if width > 1)
        if alike:
            width, rows = alike.most_common(1)[0]
            if rows * 100 + width > score:
                best, score = delimiter, rows * 100 + width
    return best


def _refuse_excess(row: int, cells: Sequence[str]) -> None:
    if row > MAX_ROWS + 50:
        raise Unreadable(f"The file has more than {MAX_ROWS:,} rows; split it.")
    if len(cells) > MAX_COLUMNS:
        raise Unreadable(
            f"Row {row} has {len(cells):,} columns and {MAX_COLUMNS} is the limit; "
            "leave out columns that are not needed."
        )


class _Echo:
    """What csv.writer writes to, handing each line back."""

    def write(self, line: str) -> str:
        return line


def _write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    # Excel reads a file as UTF-8 only if it begins with a byte-order mark.
    yield b"\xef\xbb\xbf" + writer.writerow([defused(cell) for cell in header]).encode()
    pending: list[str] = []
    for row in rows:
        pending.append(writer.writerow([defused(cell) for cell in row]))
        if len(pending) == 500:
            yield "".join(pending).encode()
            pending.clear()
    yield "".join(pending).encode()


FORMAT = Format(
    name="csv",
    label="CSV",
    rank=90,
    extension="csv",
    content_type="text/csv; charset=utf-8",
    recognises=_recognises,
    read=_read,
    write=_write,
)
