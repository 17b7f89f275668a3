"""Bytes to text: byte-order marks, UTF-8, UTF-16 without a mark, then what the letters suggest."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from inventory.formats.format import Unreadable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
# Encodings that spreadsheet programs still write; Western European first where nothing decides.
OLD = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr"]
SAMPLE = 64 * 1024


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the encoding it was in. Raises Unreadable."""
    for mark, encoding, label in MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding, label), label
    half = content[:SAMPLE]
    if len(half) > 3 and half.count(0) > len(half) // 4:
        encoding = "utf-16-le" if half[1::2].count(0) > half[::2].count(0) else "utf-16-be"
        return _strictly(content, encoding, "UTF-16"), "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    found = from_bytes(_telling_sample(content), cp_isolation=OLD)
    likely = [match.encoding for match in found]
    best = "cp1252" if "cp1252" in likely or not likely else likely[0]
    return _strictly(content, best, best), best.replace("cp125", "Windows-125")


def _telling_sample(content: bytes) -> bytes:
    """The lines that hold letters beyond ASCII: the others say nothing about the encoding."""
    lines = [line for line in content.splitlines() if not line.isascii()]
    return b"\n".join(lines)[:SAMPLE]


def _strictly(content: bytes, encoding: str, label: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The file is not text in {label} from byte {error.start:,} on; "
            "save it again as CSV in UTF-8."
        ) from None
