"""What Parliament (https://github.com/duo-labs/parliament) knows of IAM: mistakes in policies, and
which actions can be limited to resources. Pure.

It takes a second and 50 MiB to import, so only workers do, when they first have a policy to look
at.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from typing import Any

from collectors.services.iam.statements import Statement

logger = logging.getLogger(__name__)

SERIOUS = frozenset({"CRITICAL", "HIGH", "MEDIUM"})
# What Cairn tells by itself, statement by statement.
TOLD_ANYWAY = frozenset({"RESOURCE_STAR"})


@dataclass(frozen=True)
class Issue:
    """``code`` is Parliament's, such as UNKNOWN_ACTION."""

    code: str
    is_serious: bool = False


@cache
def _parliament() -> Any:
    with warnings.catch_warnings():
        # It is older than the Python it runs on: it reads data by pkg_resources, leaves files for
        # the garbage collector to close and escapes what needs none.
        warnings.simplefilter("ignore")
        import parliament
    return parliament


def version() -> str:
    return metadata.version("parliament")


def issues_of(document: str) -> tuple[Issue, ...]:
    """What is wrong with a policy of a user, group or role, each thing once. A policy that makes
    Parliament fail has the issue EXCEPTION."""
    lint = _parliament()
    try:
        policy = lint.analyze_policy_string(document)
        found = {finding.issue for finding in policy.findings} - TOLD_ANYWAY
    except Exception:  # It raises bare Exceptions for what its authors did not think of.
        logger.exception("parliament failed")
        found = {"EXCEPTION"}
    return tuple(
        Issue(code, lint.config.get(code, {}).get("severity") in SERIOUS) for code in sorted(found)
    )


@cache
def _services() -> Mapping[str, Mapping[str, tuple[str, bool]]]:
    """Service prefix → action in lower case → its name, and whether a resource limits it."""
    services: dict[str, dict[str, tuple[str, bool]]] = {}
    for service in _parliament().iam_definition:
        actions = services.setdefault(service["prefix"].lower(), {})
        for privilege in service["privileges"]:
            name = privilege["privilege"]
            is_limited = any(one["resource_type"] for one in privilege["resource_types"])
            was_limited = actions.get(name.lower(), ("", False))[1]
            actions[name.lower()] = (name, is_limited or was_limited)
    return services


@lru_cache(maxsize=4096)
def limitable(written: str) -> tuple[str, ...]:
    """The actions meant by one of a policy that could be limited to resources. One that is not in
    Parliament's table counts, since most actions can."""
    prefix, _, name = written.partition(":")
    actions = _services().get(prefix.lower(), {})
    regex = _regex(name)
    named = [found for found in actions if regex.fullmatch(found)]
    if not named:
        return (written,)
    return tuple(f"{prefix}:{actions[one][0]}" for one in named if actions[one][1])


def _regex(written: str) -> re.Pattern[str]:
    escaped = re.escape(written.lower())
    return re.compile(escaped.replace(r"\*", ".*").replace(r"\?", "."))


@dataclass(frozen=True)
class Unlimited:
    """A statement, counted from 0, that allows actions on every resource although they could be
    limited: the first of them, and how many there are."""

    index: int
    actions: tuple[str, ...]
    count: int


NAMED = 5


def unlimited(statements: Iterable[Statement]) -> Iterator[Unlimited]:
    """Of the statements that allow named actions on * without condition."""
    for statement in statements:
        is_open = "*" in statement.resources and not statement.but_resources
        if not statement.is_allow or statement.but_actions or statement.conditions or not is_open:
            continue
        found = dict.fromkeys(one for written in statement.actions for one in limitable(written))
        if found:
            yield Unlimited(statement.index, tuple(found)[:NAMED], len(found))
