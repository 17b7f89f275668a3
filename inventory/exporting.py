"""The account sheet as a file: chosen columns, in the formats that can be written.

Everything is text as the sheet has it, so that importing an untouched export changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.http import StreamingHttpResponse

from inventory import audit
from inventory.audit import Event, Thing
from inventory.changes import cells_as_of
from inventory.changes.bulk import batches
from inventory.changes.reading import read
from inventory.columns import ACCOUNTS, Column, columns_of
from inventory.formats import writers
from inventory.models.accounts import AccountQuerySet

CHUNK = 2000


def written(
    accounts: AccountQuerySet, columns: Sequence[Column], format_name: str
) -> Iterator[bytes]:
    """The pieces of a file with these accounts, in their order. The audit log tells of it at once.
    Raises KeyError."""
    columns = _with_key(columns)
    write = writers()[format_name].write
    assert write is not None
    keys = _keys(accounts)
    _record(format_name, columns, keys)
    return write([column.label for column in columns], _rows(keys, columns))


def written_as_of(
    day: date, columns: Sequence[Column], format_name: str, keys: Collection[str] | None = None
) -> Iterator[bytes]:
    """A file of the sheet as it was when the day was over (UTC); ``keys`` limits the accounts."""
    columns = _with_key(columns)
    write = writers()[format_name].write
    assert write is not None
    when = datetime.combine(day + timedelta(days=1), time(), UTC)
    rows = cells_as_of(ACCOUNTS, when, columns)
    chosen = [key for key in sorted(rows) if keys is None or key in keys]
    _record(format_name, columns, chosen, as_of=day.isoformat())
    return write(
        [column.label for column in columns],
        ([column.kind.text(rows[key][column.name]) for column in columns] for key in chosen),
    )


def _record(format_name: str, columns: Sequence[Column], keys: Sequence[str], **more: str) -> None:
    audit.record(
        Event.EXPORTED,
        Thing("export", "accounts", f"{len(keys)} accounts"),
        format=format_name,
        columns=[column.name for column in columns],
        **more,
        **audit.name_rows(f"account:{key}" for key in keys),
    )


def export(
    accounts: AccountQuerySet,
    columns: Sequence[Column],
    format_name: str,
    as_of: date | None = None,
) -> StreamingHttpResponse:
    """A download. ``accounts`` are those the reader may see; raises KeyError for the format.

    With ``as_of`` their cells are those of that day; accounts that came later are left out.
    """
    chosen = writers()[format_name]
    if as_of is None:
        pieces = written(accounts, columns, format_name)
    else:
        pieces = written_as_of(as_of, columns, format_name, _keys(accounts))
    name = f"accounts-{as_of or datetime.now(UTC).date():%Y-%m-%d}.{chosen.extension}"
    return StreamingHttpResponse(
        pieces,
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


def _keys(accounts: AccountQuerySet) -> list[str]:
    rows = accounts.values_list("partition", "account_id")
    return [f"{partition}:{account}" for partition, account in rows]


def _rows(keys: Sequence[str], columns: Sequence[Column]) -> Iterator[list[str]]:
    for some in batches(keys, CHUNK):
        found = read(ACCOUNTS, columns, some)
        for key in some:
            if key in found:
                cells = found[key].cells
                yield [column.kind.text(cells[column.name]) for column in columns]
