"""What scanners say, in one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO

from collectors.scanners.head import Head


class Unreadable(Exception):
    """The message says what the file is, and why nothing was taken from it."""


class CheckStatus(StrEnum):
    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    UNDECIDED = "undecided"  # MANUAL, INFO, WARNING, NOT_AVAILABLE: decides nothing


_STATUSES = {
    "PASS": CheckStatus.PASS,
    "PASSED": CheckStatus.PASS,
    "FAIL": CheckStatus.FAIL,
    "FAILED": CheckStatus.FAIL,
}


def status_of(told: str) -> CheckStatus:
    """Whatever a scanner may say one day decides nothing until Cairn knows it."""
    return _STATUSES.get(told.strip().upper(), CheckStatus.UNDECIDED)


GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one resource. ``account_id`` is as the file has it, an id or not; ``region`` is
    ``global`` where none is named; ``severity`` is the scanner's own word, lower case; ``at`` is
    when it was checked, None where the file does not say; ``version`` and ``scan_id`` are the
    scanner's and its run's, where named. ``looked_in`` are the Regions in which its check was made,
    where a file says so beside the results; a result always stands for its own."""

    tool: str
    account_id: str
    check: str
    status: CheckStatus
    region: str
    resource: str
    title: str = ""
    detail: str = ""
    severity: str = ""
    at: datetime | None = None
    partition: str = "aws"
    muted: bool = False
    version: str = ""
    scan_id: str = ""
    looked_in: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scanner:
    """A format, and the ``tools`` that write it. ``recognises`` decides by the content; ``read``
    raises Unreadable."""

    name: str
    label: str
    recognises: Callable[[Head], bool]
    read: Callable[[BinaryIO], Iterator[CheckResult]]
    tools: tuple[str, ...]


def moment(told: object) -> datetime | None:
    """A time as ISO 8601 or seconds since 1970, in UTC where no zone is named."""
    if isinstance(told, bool) or told in (None, ""):
        return None
    try:
        if isinstance(told, int | float):
            return datetime.fromtimestamp(told, UTC)
        found = datetime.fromisoformat(str(told).strip())
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def text(value: object) -> str:
    """A string of a record; empty for anything else, and without what no database takes."""
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def entries(value: object) -> list[Any]:
    """A list of a record; empty for anything else."""
    return value if isinstance(value, list) else []


def part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within a record; empty for anything else."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}
