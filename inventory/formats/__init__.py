"""Inventory file formats: one module each, found by discovery.

A module sets ``FORMAT``: how a file of this kind is recognised by its content and read into rows,
and how rows are written, each where it applies. Reading decides nothing about what the rows mean.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from inventory.formats.format import Format, Grid, Unreadable
from inventory.formats.limits import MAX_BYTES
from inventory.formats.strangers import refuse_strangers

__all__ = ["Format", "Grid", "Unreadable", "formats", "read_file", "writers"]


@lru_cache
def formats() -> tuple[Format, ...]:
    """All formats, the most particular first."""
    found = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        declared = getattr(importlib.import_module(module.name), "FORMAT", None)
        if isinstance(declared, Format):
            found.append(declared)
    return tuple(sorted(found, key=lambda each: (each.rank, each.name)))


def writers() -> dict[str, Format]:
    """The formats that can be written, by name."""
    return {each.name: each for each in formats() if each.write is not None}


def read_file(content: bytes) -> list[Grid]:
    """The sheets of a file. Raises Unreadable, whose message says what is wrong and the cure."""
    if len(content) > MAX_BYTES:
        raise Unreadable(
            f"The file has {len(content) / 2**20:.0f} MB and {MAX_BYTES // 2**20} MB is the limit; "
            "split it, or leave out columns that are not needed."
        )
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("The file is empty; choose one that holds accounts.")
    for each in formats():
        if each.read is not None and each.recognises(content):
            return each.read(content)
    refuse_strangers(content)
    raise Unreadable("This is not a kind of file that Cairn reads; save the list as CSV or XLSX.")
