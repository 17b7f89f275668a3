"""JSON: lists of objects, and what ``aws organizations list-accounts`` prints.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from inventory.formats.encodings import decoded
from inventory.formats.format import Cell, Format, Grid, Unreadable
from inventory.formats.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS


def _recognises(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and b'"' in content


def _read(content: bytes) -> list[Grid]:
    text, _ = decoded(content)
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"The JSON breaks off in line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise Unreadable("The JSON is nested too deeply to be an account list.") from None
    records = parsed.get("Accounts") if isinstance(parsed, dict) else parsed
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise Unreadable(
            "The JSON holds no account list; Cairn reads what “aws organizations list-accounts” "
            "prints, or a list of objects."
        )
    if isinstance(parsed, dict) and parsed.get("NextToken"):
        raise Unreadable(
            "The JSON is only one page of the answer (it has a NextToken); run "
            "“aws organizations list-accounts” without paging options."
        )
    return [_grid(records)]


def _grid(records: Sequence[dict[str, Any]]) -> Grid:
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(records) > MAX_ROWS:
        raise Unreadable(f"The file has more than {MAX_ROWS:,} accounts; split it.")
    if len(names) > MAX_COLUMNS:
        raise Unreadable(f"The objects have {len(names):,} keys and {MAX_COLUMNS} is the limit.")
    rows: list[list[Cell]] = [list(names)]
    for number, record in enumerate(records, start=2):
        rows.append([_cell(record.get(name), number, name) for name in names])
    from_aws = {"Id", "Arn"} <= set(names)
    description = "AWS Organizations account list (JSON)" if from_aws else "JSON, a list of objects"
    return Grid(rows, description, from_aws=from_aws)


def _cell(value: Any, row: int, name: str) -> Cell:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > MAX_CELL:
        raise Unreadable(
            f"Row {row}, {name}: has {len(text):,} characters; {MAX_CELL:,} is the limit."
        )
    if "\x00" in text or not _encodes(text):
        raise Unreadable(f"Row {row}, {name}: holds a character that no text has; remove it.")
    return text


def _encodes(text: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and no database stores."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    opening = "[\n"
    for row in rows:
        record = json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False)
        yield f"{opening}{record}".encode()
        opening = ",\n"
    yield b"[]\n" if opening == "[\n" else b"\n]\n"


FORMAT = Format(
    name="json",
    label="JSON",
    rank=20,
    extension="json",
    content_type="application/json",
    recognises=_recognises,
    read=_read,
    write=_write,
)
