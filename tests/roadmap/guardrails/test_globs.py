"""Patterns match what they are explained to match."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roadmap.guardrails.globs import pattern


def _likes(glob: str, told: str) -> bool:
    """By trying everything, as a pattern is explained."""
    if not glob:
        return not told
    if glob[0] == "*":
        return any(_likes(glob[1:], told[taken:]) for taken in range(len(told) + 1))
    return bool(told) and glob[0] in ("?", told[0]) and _likes(glob[1:], told[1:])


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_pattern_matches_what_trying_everything_does(glob: str, told: str) -> None:
    assert pattern(glob).matches(told, lambda _: None) == _likes(glob, told)
