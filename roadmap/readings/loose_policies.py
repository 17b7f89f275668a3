"""What makes a policy loose: statements that allow more than they name. Pure; item 8.3 of the
evidence rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collectors.policies.linting import Unlimited
from collectors.services.iam import Statement
from roadmap.sentences import listed
from roadmap.verdicts import Severity

STAR_ACTION, NOT_ACTION, STAR_RESOURCE = (
    "policy_star_action",
    "policy_not_action",
    "policy_star_resource",
)


@dataclass(frozen=True)
class Loose:
    """Why a statement is loose; ``index`` counts from 0."""

    code: str
    index: int
    what: str
    severity: Severity | None = None


def loosely_written(statements: Iterable[Statement], unlimited: Iterable[Unlimited]) -> list[Loose]:
    """One reason for each statement; ``unlimited`` are those on every resource that need not be."""
    found = [one for statement in statements for one in _reasons(statement)]
    told = {one.index for one in found}
    for statement in unlimited:
        if statement.index not in told:
            more = ["…"] * (statement.count - len(statement.actions))
            what = f"{listed([*statement.actions, *more])} on everything"
            found.append(Loose(STAR_RESOURCE, statement.index, what))
    return found


def _reasons(statement: Statement) -> Iterator[Loose]:
    if not statement.is_allow:
        return
    if statement.but_actions:
        what = f"all actions but {listed(statement.actions)}"
        yield Loose(NOT_ACTION, statement.index, what)
        return
    wildcards = [one for one in statement.actions if _is_wildcard(one)]
    if any("*" in one.partition(":")[0] for one in wildcards):
        yield Loose(STAR_ACTION, statement.index, "every action", Severity.HIGH)
    elif wildcards:
        yield Loose(STAR_ACTION, statement.index, listed(wildcards), Severity.MEDIUM)


def _is_wildcard(action: str) -> bool:
    """``*``, ``s3:*`` and the like: every action of a service or of all."""
    service, colon, name = action.partition(":")
    return not (name if colon else service).strip("*")
