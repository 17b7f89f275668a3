"""Run as a program: a workbook on standard input, its rows as MessagePack on standard output.

``inventory.formats.workbook`` starts it. It imports nothing of Cairn, bounds its own memory and
time, and may be killed by those bounds without harm to anyone.
"""

from __future__ import annotations

import io
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum


class TooLarge(Exception):
    """Past a limit; the message is for the person."""


def main() -> None:
    memory, seconds, max_rows, max_columns, max_cell, max_characters = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: dict[str, Any] = {"error": "", "sheets": []}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            for meta in book.sheets_metadata:
                if meta.typ == SheetTypeEnum.WorkSheet:
                    rows = read(book, meta.name, max_rows, max_columns)
                    check_texts(meta.name, rows, max_cell, max_characters)
                    answer["sheets"].append((meta.name, rows))
    except PasswordError:
        answer["error"] = "password"
    except CalamineError:
        answer["error"] = "damaged"
    except TooLarge as error:
        answer["error"] = str(error)
    if answer["error"]:
        answer["sheets"] = []
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


def read(
    book: CalamineWorkbook, name: str, max_rows: int, max_columns: int
) -> list[list[str | int | float]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_width > max_columns:
        raise TooLarge(
            f"Sheet “{name}” has {sheet.total_width:,} columns and {max_columns} is the limit; "
            "leave out columns that are not needed."
        )
    if sheet.total_height > max_rows + 50:
        raise TooLarge(
            f"Sheet “{name}” has {sheet.total_height:,} rows and {max_rows:,} is the limit; "
            "split it."
        )
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    for row in rows:
        for index, value in enumerate(row):
            if type(value) is not str and type(value) is not float:
                row[index] = plain(value)
    return rows


def plain(value: object) -> str | int | float:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return value if isinstance(value, int) else str(value)


def check_texts(
    name: str, rows: list[list[str | int | float]], max_cell: int, max_characters: int
) -> None:
    total = 0
    for number, row in enumerate(rows, start=1):
        for value in row:
            if type(value) is str:
                total += len(value)
                if len(value) > max_cell:
                    raise TooLarge(
                        f"Sheet “{name}”, row {number}: a cell has {len(value):,} characters and "
                        f"{max_cell:,} is the limit; shorten it."
                    )
    if total > max_characters:
        raise TooLarge(
            f"Sheet “{name}” holds {total:,} characters; {max_characters:,} is the limit."
        )


if __name__ == "__main__":
    main()
