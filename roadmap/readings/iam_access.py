"""What policies let a user, group or role do, as far as rules need to know. Pure.

A grant counts where it is for every resource and without condition; an unconditional Deny of the
same, and a permissions boundary that does not allow it, take it away again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from collectors.services.iam import Authorization, Policy, Role, Statement, UserAccess
from roadmap.guardrails.globs import pattern

EVERYTHING = frozenset({"*", "*:*"})
EVERY_IAM_ACTION = "iam:*"


@dataclass(frozen=True)
class Grant:
    """What of a policy's statement makes its holder an administrator; ``index`` counts from 0."""

    policy: str
    arn: str
    index: int
    action: str

    def __str__(self) -> str:
        what = {"*": "every action", EVERY_IAM_ACTION: "every IAM action"}
        return f"{what.get(self.action, self.action)} by {self.policy}"


def administrator(
    known: Authorization, principal: UserAccess | Role, near_admin: Sequence[str]
) -> Grant | None:
    """The widest grant by which the principal is equivalent to an administrator, or None.

    ``near_admin`` are actions with which somebody may become one."""
    policies = list(known.policies_of(principal))
    boundary = known.boundary_of(principal)
    denied = [s for p in (*policies, boundary) if p for s in p.statements if not s.is_allow]
    wanted = [EVERY_IAM_ACTION, *near_admin]
    possible = [
        action
        for action in wanted
        if not any(grants(one, action) for one in denied) and _is_within(boundary, action)
    ]
    found = [grant for policy in policies for grant in _grants(policy, possible)]
    order = ["*", *wanted]
    return min(found, key=lambda grant: order.index(grant.action), default=None)


def _is_within(boundary: Policy | None, action: str) -> bool:
    """A boundary whose text nobody told takes nothing away."""
    if boundary is None or not boundary.document:
        return True
    return any(one.is_allow and grants(one, action) for one in boundary.statements)


def _grants(policy: Policy, possible: Iterable[str]) -> Iterator[Grant]:
    for statement in policy.statements:
        if not statement.is_allow:
            continue
        action = next((one for one in possible if grants(statement, one)), "")
        if action == EVERY_IAM_ACTION and not EVERYTHING.isdisjoint(statement.actions):
            action = action if statement.but_actions else "*"
        if action:
            yield Grant(policy.name, policy.arn, statement.index, action)


def grants(statement: Statement, action: str) -> bool:
    """Whether the statement is about the action on every resource, whatever the circumstances.
    Everything but some resources counts as every one."""
    every = statement.but_resources or "*" in statement.resources
    return every and not statement.conditions and names(statement, action)


def names(statement: Statement, action: str) -> bool:
    named = any(is_like(action, written) for written in statement.actions)
    return named is not statement.but_actions


def is_like(action: str, written: str) -> bool:
    """Whether an action, or one written with wildcards taken by the letter, is meant."""
    return pattern(written, variables=False, ignores_case=True).matches(action, _no_variables)


def _no_variables(name: str) -> str | None:
    raise AssertionError(f"No variables are looked up: {name}")
