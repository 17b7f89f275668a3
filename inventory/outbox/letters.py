"""What a mail says, once: the text and the HTML are both made from it, with the same links.

Names and titles come from AWS, files and people. None of them can begin a new line or header, hide
itself, or change the direction in which the rest is read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string

LONGEST_SUBJECT = 200
LONGEST_LINE = 500
LONGEST_OPENING = 2000
# Explicit embeddings, overrides and isolates. Letters that run from right to left need none.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control signs, halves of signs, line separators


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The text as one line of signs that can be seen, cut where it is longer."""
    signs = (" " if unicodedata.category(sign) in BREAKS else sign for sign in text)
    words = " ".join("".join(sign for sign in signs if sign not in TURNS).split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


@dataclass(frozen=True)
class Line:
    """``path`` leads to a page of Cairn, such as ``/accounts/111122223333/``."""

    text: str
    path: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))
        object.__setattr__(self, "note", one_line(self.note))

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.path}" if self.path else ""


@dataclass(frozen=True)
class Section:
    """``more`` says what was left out, and leads to it."""

    title: str
    lines: Sequence[Line]
    more: Line | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", one_line(self.title))


@dataclass(frozen=True)
class Letter:
    """``why`` tells recipients how they come to get it; ``action`` is the one thing to do."""

    subject: str
    opening: str
    why: str
    sections: Sequence[Section] = field(default_factory=tuple)
    action: Line | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", one_line(self.subject, LONGEST_SUBJECT))
        object.__setattr__(self, "opening", one_line(self.opening, LONGEST_OPENING))
        object.__setattr__(self, "why", one_line(self.why))


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(letter: Letter, *, name: str = "", footer: Sequence[Line] = ()) -> Rendered:
    """``name`` is the recipient's, ``footer`` what stands below every mail of its kind."""
    context = {"letter": letter, "name": one_line(name, 100), "footer": footer}
    return Rendered(
        letter.subject,
        render_to_string("mail/letter.txt", context).strip() + "\n",
        render_to_string("mail/letter.html", context),
    )
