"""Text that a spreadsheet program would run as a formula, made harmless and whole again.

An apostrophe before the text is what spreadsheet programs themselves use. A text that begins with
apostrophes and then a formula gets one more, so that taking one away always gives back the text.
"""

from __future__ import annotations

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused(text: str) -> str:
    return f"'{text}" if _DANGEROUS.match(text) else text


def undefused(text: str) -> str:
    """Takes away only an apostrophe that ``defused`` would have put there."""
    return text[1:] if _DEFUSED.match(text) else text
