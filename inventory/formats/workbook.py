"""Excel workbooks: XLSX and old XLS read by calamine, XLSX written by openpyxl.

A small file can unpack to more than a machine has, in several ways (a zip bomb, two cells at
opposite corners, one long text in every cell). The sizes a zip file declares are checked against
what it holds, and the parser runs in a process of its own with bounded memory and time.
"""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from inventory.formats import calamine_process, limits
from inventory.formats.defusing import defused
from inventory.formats.format import Cell, Format, Grid, Unreadable

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RESAVE = "open it in a spreadsheet program and save it as XLSX or CSV."


class _Answer(msgspec.Struct):
    """What inventory/formats/calamine_process.py prints."""

    error: str = ""
    sheets: list[tuple[str, list[list[Cell]]]] = []


def _recognises(content: bytes) -> bool:
    if content.startswith(OLE):
        return True
    return content.startswith(ZIP) and b"xl/" in content


def _read(content: bytes) -> list[Grid]:
    if content.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable(
            "The workbook is encrypted; open it with its password, save it without one, "
            "and import that file."
        )
    if content.startswith(ZIP):
        _refuse_bombs(content)
    label = "XLSX workbook" if content.startswith(ZIP) else "XLS workbook"
    sheets = _parsed(content)
    if not any(rows for _, rows in sheets):
        raise Unreadable("The workbook has no rows; choose one that holds accounts.")
    return [Grid(rows, f"{label}, sheet “{name}”", name) for name, rows in sheets if rows]


def _refuse_bombs(content: bytes) -> None:
    """Unpacks everything, keeping nothing, and never past the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError):
        raise Unreadable(f"The workbook is damaged; {RESAVE}") from None
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("The workbook is encrypted; save it without a password.")
    total = sum(part.file_size for part in parts)
    if total > limits.MAX_UNPACKED or len(parts) > limits.MAX_PARTS:
        raise Unreadable(
            f"The workbook unpacks to {total / 2**20:,.0f} MB in {len(parts):,} parts; "
            f"{limits.MAX_UNPACKED // 2**20} MB in {limits.MAX_PARTS:,} is the limit."
        )
    for part in parts:
        if _unpacked_size(content, part) != part.file_size:
            raise Unreadable(
                f"The workbook is not what it says it is: {part.filename} unpacks to another size "
                f"than declared; {RESAVE}"
            )


def _unpacked_size(content: bytes, part: zipfile.ZipInfo) -> int:
    """Bytes that a part really unpacks to, counted no further than one past its declared size."""
    start = part.header_offset
    header = content[start : start + 30]
    if len(header) < 30 or not header.startswith(ZIP):
        return -1
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    begin = start + 30 + name_length + extra_length
    packed = content[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return len(packed)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return -1
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size, rest = 0, packed
    try:
        while size <= part.file_size:
            piece = inflater.decompress(rest, 2**20)
            rest = inflater.unconsumed_tail
            size += len(piece)
            if inflater.eof or not (piece or rest):
                break
    except zlib.error:
        return -1
    return size


def _parsed(content: bytes) -> list[tuple[str, list[list[Cell]]]]:
    done = subprocess.run(  # noqa: S603  (our own interpreter and module, the file on its input)
        [sys.executable, "-I", str(Path(calamine_process.__file__)), *_limits()],
        input=content,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Unreadable(
            f"The workbook needs more than {limits.PARSER_MEMORY // 2**20} MB of memory or "
            f"{limits.PARSER_SECONDS} seconds to open; delete empty rows and columns at its end, "
            "or save the sheet as CSV."
        )
    answer = msgspec.msgpack.decode(done.stdout, type=_Answer)
    if answer.error == "password":
        raise Unreadable("The workbook is encrypted; save it without a password.")
    if answer.error == "damaged":
        raise Unreadable(f"The workbook cannot be read; {RESAVE}")
    if answer.error:
        raise Unreadable(answer.error)
    return answer.sheets


def _limits() -> list[str]:
    numbers = (
        limits.PARSER_MEMORY,
        limits.PARSER_SECONDS,
        limits.MAX_ROWS,
        limits.MAX_COLUMNS,
        limits.MAX_CELL,
        limits.MAX_CHARACTERS,
    )
    return [str(number) for number in numbers]


def _write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Cairn")
    sheet.freeze_panes = "A2"
    for row in (header, *rows):
        cells = []
        for text in row:
            # XML has no control characters, which names of resources may hold.
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", defused(text)))
            # Text, whatever it looks like: ids keep their zeros, and nothing is a formula.
            cell.data_type = "s"
            cell.number_format = "@"
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    yield file.getvalue()


FORMAT = Format(
    name="xlsx",
    label="Excel workbook",
    rank=10,
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    recognises=_recognises,
    read=_read,
    write=_write,
)
