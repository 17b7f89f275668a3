"""Records of a file one at a time, so that its size costs no memory.

ijson reads JSON as it comes; a record that is no object is passed over, as no scanner writes one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import ijson

from collectors.scanners.results import Unreadable

LONGEST_CELL = 1024 * 1024  # characters
LONGEST_RECORD = 16 * 1024 * 1024  # bytes
BOM = b"\xef\xbb\xbf"


class _Watched:
    """A file that is read no further where one record has no end. ``since`` are the bytes read
    since the last one."""

    def __init__(self, file: BinaryIO, label: str) -> None:
        self._file = file
        self._label = label
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.since += len(data)
        if self.since > LONGEST_RECORD:
            raise Unreadable(
                f"{self._label} has a record of more than {LONGEST_RECORD // 2**20} MB, which no "
                "scanner writes. Nothing was taken."
            )
        return data


def json_records(file: BinaryIO, prefix: str, label: str) -> Iterator[Mapping[str, Any]]:
    """Objects at ijson's ``prefix``: ``item`` for those of a list, "" for one after the other."""
    number = 0
    _skip_mark(file)
    watched = _Watched(file, label)
    try:
        for record in ijson.items(watched, prefix, use_float=True, multiple_values=True):
            number += 1
            watched.since = 0
            if isinstance(record, Mapping):
                yield record
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(
            f"{label} breaks off after {number:,} records: {_first_line(error)}. "
            "The file is cut short or was edited; export it again. Nothing was taken."
        ) from None


def _skip_mark(file: BinaryIO) -> None:
    if file.read(len(BOM)) != BOM:
        file.seek(0)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "not JSON"


def csv_records(file: BinaryIO, delimiter: str, label: str) -> Iterator[Mapping[str, str]]:
    """Rows by column. Raises Unreadable for a row of another length, which a cut file ends with."""
    wrapped = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.reader(wrapped, delimiter=delimiter, strict=True)
        columns = [name.strip() for name in next(rows, [])]
        for number, row in enumerate(rows, 2):
            if not row:
                continue
            if len(row) != len(columns):
                raise Unreadable(
                    f"{label}: row {number:,} has {len(row)} columns and the header "
                    f"{len(columns)}. The file is cut short or was edited; export it again. "
                    "Nothing was taken."
                )
            yield dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise Unreadable(f"{label} breaks off: {error}. Nothing was taken.") from None
    finally:
        csv.field_size_limit(limit)
        wrapped.detach()
