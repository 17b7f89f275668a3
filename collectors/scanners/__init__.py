"""Scanner results, one module a format, found by discovery.

A module sets ``SCANNER``: how a file is recognised by its content, and how it is read, record by
record, into check results. Reading decides nothing about what the results mean.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from collectors.scanners.head import HEAD_BYTES, Head
from collectors.scanners.results import CheckResult, CheckStatus, Scanner, Unreadable
from collectors.scanners.strangers import refuse_strangers

__all__ = [
    "CheckResult",
    "CheckStatus",
    "Scanner",
    "Unreadable",
    "names",
    "read_results",
    "scanner_of",
    "scanners",
]


@cache
def scanners() -> tuple[Scanner, ...]:
    """All formats by name."""
    found = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        declared = getattr(importlib.import_module(module.name), "SCANNER", None)
        if isinstance(declared, Scanner):
            found.append(declared)
    return tuple(sorted(found, key=lambda each: each.name))


def names() -> list[str]:
    """What a format can be asked for by: its own name, or that of a tool that writes it."""
    return sorted({name for each in scanners() for name in (each.name, *each.tools)})


def scanner_of(file: BinaryIO, name: str = "") -> Scanner:
    """The format of a file, which is left at its start; with a name, only one of that. Raises
    Unreadable, whose message says what the file is instead."""
    head = Head(file.read(HEAD_BYTES))
    file.seek(0)
    for each in scanners():
        if each.recognises(head):
            if name and name not in (each.name, *each.tools):
                raise Unreadable(f"This is {each.label}, and {name} was asked for.")
            return each
    refuse_strangers(head)
    raise Unreadable(
        "This is not a scanner's result that Cairn reads: Prowler's OCSF, CSV, JSON or ASFF, "
        "Security Hub findings, ScoutSuite results of AWS, or what CloudMapper's audit --json and "
        "public print."
    )


def read_results(file: BinaryIO) -> Iterator[CheckResult]:
    """Every result of a file, in its order and a record at a time. Raises Unreadable, at once for
    a file of another kind, and at the record where one breaks off."""
    return scanner_of(file).read(file)
