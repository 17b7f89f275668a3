"""What a file format declares, and what reading a file gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

# Text as it stands in the file; a number only where the file itself says that it is one.
Cell = str | int | float


class Unreadable(Exception):
    """A file that cannot be read; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Grid:
    """The rows of a sheet, empty ones included: the first is row 1, as a spreadsheet counts.

    ``description`` says what was recognised. ``from_aws`` is set where AWS itself wrote the rows.
    """

    rows: Sequence[Sequence[Cell]]
    description: str
    name: str = ""
    from_aws: bool = False


def _never(content: bytes) -> bool:
    return False


@dataclass(frozen=True)
class Format:
    """``rank`` orders recognition: lower is asked first. ``write`` yields pieces of the file."""

    name: str
    label: str
    rank: int
    extension: str
    content_type: str
    recognises: Callable[[bytes], bool] = _never
    read: Callable[[bytes], list[Grid]] | None = None
    write: Callable[[Sequence[str], Iterable[Sequence[str]]], Iterator[bytes]] | None = None
