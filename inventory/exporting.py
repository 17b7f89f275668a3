"""The account sheet as a file: chosen columns, in the formats that can be written.

Everything is text as the sheet has it, so that importing an untouched export changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

from inventory.changes.bulk import batches
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS, Column, columns_of
from inventory.formats import writers
from inventory.models.accounts import AccountQuerySet

CHUNK = 2000


def written(
    accounts: AccountQuerySet, columns: Sequence[Column], format_name: str
) -> Iterator[bytes]:
    """The pieces of a file with these accounts, in their order. Raises KeyError."""
    columns = _with_key(columns)
    write = writers()[format_name].write
    assert write is not None
    return write([column.label for column in columns], _rows(accounts, columns))


def export(
    accounts: AccountQuerySet, columns: Sequence[Column], format_name: str
) -> StreamingHttpResponse:
    """A download. ``accounts`` are those the reader may see; raises KeyError for the format."""
    chosen = writers()[format_name]
    name = f"accounts-{datetime.now(UTC):%Y-%m-%d}.{chosen.extension}"
    return StreamingHttpResponse(
        written(accounts, columns, format_name),
        content_type=chosen.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def all_columns() -> list[Column]:
    return list(columns_of(ACCOUNTS))


def _with_key(columns: Sequence[Column]) -> list[Column]:
    """The columns that name an account are always there: an import needs them."""
    key = [column for column in ACCOUNTS.columns if column.name in ACCOUNTS.key]
    key.sort(key=lambda column: column.name)
    return [*key, *(column for column in columns if column.name not in ACCOUNTS.key)]


def _rows(accounts: AccountQuerySet, columns: Sequence[Column]) -> Iterator[list[str]]:
    keys = [
        f"{partition}:{account}"
        for partition, account in accounts.values_list("partition", "account_id")
    ]
    for some in batches(keys, CHUNK):
        found = read(ACCOUNTS, columns, some)
        for key in some:
            if key in found:
                cells = found[key].cells
                yield [column.kind.text(cells[column.name]) for column in columns]
