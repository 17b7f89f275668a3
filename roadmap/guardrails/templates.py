"""Templates of policies, as if somebody had filled them in. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from roadmap.guardrails.documents import PLACEHOLDER, Document, Statement

_WORD = re.compile(r"\w[\w.-]*")


def filled(document: Document) -> Document:
    """A template as if somebody had filled it in: a resource that is left open is the one that a
    request is about, a principal that is left open is nobody whom Cairn probes with."""
    return replace(document, statements=tuple(_filled(s) for s in document.statements))


def _filled(statement: Statement) -> Statement:
    return replace(
        statement,
        actions=tuple(PLACEHOLDER.sub("*", action) for action in statement.actions),
        resources=tuple(PLACEHOLDER.sub("*", resource) for resource in statement.resources),
        conditions=tuple(
            replace(
                condition,
                key=PLACEHOLDER.sub(_word, condition.key),
                values=tuple(PLACEHOLDER.sub(_word, value) for value in condition.values),
            )
            for condition in statement.conditions
        ),
    )


def _word(placeholder: re.Match[str]) -> str:
    found = _WORD.search(placeholder.group())
    return found.group() if found else "unfilled"
