"""Files that are no account list, told apart so that the message can name them."""

from __future__ import annotations

import re

from inventory.formats.format import Unreadable

BEGINNINGS = (
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive or a document that is not a workbook"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<body", b"<meta", b"<style")
# A key alone on its line, and below it a list or another key: other tools' configuration.
YAML = re.compile(rb"(?:(?:#.*|---|%.*)?\s*\n)*\w+:[ \t]*\r?\n\s*(?:- |\w+:)")


def refuse_strangers(content: bytes) -> None:
    """Raises Unreadable for a file known to be something else."""
    for beginning, what in BEGINNINGS:
        if content.startswith(beginning):
            raise Unreadable(f"This is {what}, not a spreadsheet; save the list as CSV or XLSX.")
    if content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise Unreadable(
            "This is a web page, perhaps saved with a spreadsheet's name; "
            "open it in a spreadsheet program and save it as CSV or XLSX."
        )
    if YAML.match(content[:4000]):
        raise Unreadable("This is YAML, not a spreadsheet; save the list as CSV, XLSX or JSON.")
