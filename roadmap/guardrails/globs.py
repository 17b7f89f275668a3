"""Patterns of policies: * and ? for anything, and variables such as ${aws:PrincipalAccount}. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

# Of a variable's name: its text, None where the request has no such key. Raises Unknown.
Lookup = Callable[[str], str | None]

_TOKEN = re.compile(r"\$\{([^{}]*)\}|\*+|\?|[^$*?]+|\$")


class Unknown(Exception):
    """Whether it matches depends on ``key``, of which nothing is known."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Wild:
    """* or ?."""

    is_one: bool


@dataclass(frozen=True)
class Variable:
    name: str
    default: str | None = None


Token = str | Wild | Variable


@dataclass(frozen=True)
class Pattern:
    """``matches`` compares whole texts. A variable's own value is taken by the letter."""

    tokens: tuple[Token, ...]
    ignores_case: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(token.name for token in self.tokens if isinstance(token, Variable))

    def matches(self, text: str, lookup: Lookup) -> bool:
        """Raises Unknown where a variable's value is not known."""
        tokens = self.tokens
        if self.variables:
            resolved = _resolved(tokens, lookup)
            if resolved is None:
                return False
            tokens = resolved
        return _compiled(tokens, self.ignores_case).fullmatch(text) is not None


def _resolved(tokens: tuple[Token, ...], lookup: Lookup) -> tuple[Token, ...] | None:
    found: list[Token] = []
    for token in tokens:
        if isinstance(token, Variable):
            value = lookup(token.name)
            value = token.default if value is None else value
            if value is None:
                return None
            found.append(value)
        else:
            found.append(token)
    return tuple(found)


@lru_cache(maxsize=16384)
def pattern(
    text: str, *, wildcards: bool = True, variables: bool = True, ignores_case: bool = False
) -> Pattern:
    return Pattern(tuple(_tokens(text, wildcards, variables)), ignores_case)


def _tokens(text: str, wildcards: bool, variables: bool) -> list[Token]:
    found: list[Token] = []
    for token in _TOKEN.finditer(text):
        written, name = token.group(), token.group(1)
        if name is not None and variables:
            found.append(_variable(name))
        elif wildcards and written.startswith("*"):
            found.append(Wild(is_one=False))
        elif wildcards and written == "?":
            found.append(Wild(is_one=True))
        elif wildcards and name is not None:
            # Without variables, what stands in braces may still hold wildcards.
            found += ["${", *_tokens(name, wildcards, variables), "}"]
        else:
            found.append(written)
    return found


def _variable(name: str) -> Token:
    if name in ("*", "?", "$"):
        return name
    key, comma, quoted = (part.strip() for part in name.partition(","))
    if comma and len(quoted) > 1 and quoted[0] == quoted[-1] == "'":
        return Variable(key.lower(), quoted[1:-1])
    return Variable(name.strip().lower())


def with_values(text: str, lookup: Lookup) -> str | None:
    """The text with its variables put in, for values that are no patterns; None where the request
    lacks one. Raises Unknown."""
    resolved = _resolved(pattern(text, wildcards=False).tokens, lookup)
    return None if resolved is None else "".join(map(str, resolved))


@lru_cache(maxsize=16384)
def _compiled(tokens: tuple[Token, ...], ignores_case: bool) -> re.Pattern[str]:
    """A piece between two wildcards is taken where it first fits and never tried elsewhere: that
    is enough, and keeps the time proportional to the text however many wildcards there are."""
    pieces: list[str] = [""]
    for token in tokens:
        if isinstance(token, Wild) and not token.is_one:
            pieces.append("")
        else:
            pieces[-1] += "." if isinstance(token, Wild) else re.escape(str(token))
    first, *rest = pieces
    last = rest.pop() if rest else None
    regex = first + "".join(f"(?>.*?{piece})" for piece in rest if piece)
    if last is not None:
        regex += f".*{last}"
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignores_case else 0))
