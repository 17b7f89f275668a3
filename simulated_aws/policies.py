"""A small part of IAM's policy evaluation: what a set of policy documents says about a request.

Allow and Deny, Action and NotAction, Resource, AWS principals, and the condition operators below.
NotResource, NotPrincipal and policy variables are not known. See the IAM user guide, "Policy
evaluation logic". Not Cairn's own evaluator: that one is judged against this and other sources.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

ANYTHING: Final = "*"


@dataclass(frozen=True)
class Request:
    """What policies are asked about; the keys of context are condition keys in lower case."""

    action: str
    resource: str
    context: Mapping[str, str]


@dataclass(frozen=True)
class Statement:
    effect: str
    actions: re.Pattern[str]
    has_not_action: bool
    resources: tuple[str, ...]
    principals: frozenset[str]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def applies(self, request: Request) -> bool:
        named = self.actions.fullmatch(request.action.lower()) is not None
        return (
            named is not self.has_not_action
            and self._covers(request.resource)
            and all(_holds(*condition, request.context) for condition in self.conditions)
        )

    def _covers(self, resource: str) -> bool:
        if ANYTHING in self.resources:
            return True
        # The resource of most calls is not known here: what is named may then be used, and a
        # refusal for something named is not this call's business.
        if resource == ANYTHING:
            return self.effect == "Allow"
        return re.fullmatch(_pattern(self.resources), resource) is not None


def decide(statements: Iterable[Statement], request: Request) -> str | None:
    """Answer "Deny", "Allow", or None when no statement applies."""
    effects = {s.effect for s in statements if s.applies(request)}
    return "Deny" if "Deny" in effects else "Allow" if effects else None


@functools.lru_cache(maxsize=4096)
def statements_of(document: str) -> tuple[Statement, ...]:
    return tuple(_statement(s) for s in _listed(json.loads(document)["Statement"]))


def _statement(source: Mapping[str, Any]) -> Statement:
    has_not_action = "NotAction" in source
    actions = _listed(source["NotAction" if has_not_action else "Action"])
    principal = source.get("Principal", {})
    return Statement(
        effect=source["Effect"],
        actions=re.compile(_pattern(action.lower() for action in actions)),
        has_not_action=has_not_action,
        resources=tuple(_listed(source.get("Resource", ANYTHING))),
        principals=frozenset(
            _listed(principal.get("AWS", []) if isinstance(principal, dict) else principal)
        ),
        conditions=tuple(
            (operator, key.lower(), tuple(str(value) for value in _listed(values)))
            for operator, tests in source.get("Condition", {}).items()
            for key, values in tests.items()
        ),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _pattern(globs: Iterable[str]) -> str:
    return "|".join(re.escape(g).replace(r"\*", ".*").replace(r"\?", ".") for g in globs)


def _holds(operator: str, key: str, values: tuple[str, ...], context: Mapping[str, str]) -> bool:
    test = operator.removesuffix("IfExists").rpartition(":")[2]
    negated = "Not" in test
    actual = context.get(key)
    if actual is None:
        return negated or operator.endswith("IfExists")
    if test in ("StringEquals", "StringNotEquals"):
        found = actual in values
    elif test in ("Bool", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"):
        found = actual.lower() in {value.lower() for value in values}
    elif test.startswith(("StringLike", "StringNotLike", "Arn")):
        found = re.fullmatch(_pattern(values), actual) is not None
    else:
        raise NotImplementedError(f"The simulated IAM does not know the condition {operator}.")
    return found is not negated
