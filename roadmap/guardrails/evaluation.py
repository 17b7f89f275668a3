"""Requests against the service control policies of an account, from the root down to it. Pure.

A matching Deny anywhere decides; else each level needs a matching Allow. Where the answer depends
on something that nobody knows of the request, it is undetermined, with the names of the keys.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from roadmap.guardrails import conditions
from roadmap.guardrails.alike import Named, named_in
from roadmap.guardrails.conditions import Truth, conjunction, disjunction
from roadmap.guardrails.documents import Condition, Document, Statement
from roadmap.guardrails.globs import Unknown, pattern

PRINCIPAL_ARN = "aws:principalarn"
PRINCIPAL_TAG = "aws:principaltag/"
USER_ID = "aws:userid"
ASSUMED_ROOT = "aws:assumedroot"

# An account that no other stands for asks some five hundred times in seventeen Regions.
REMEMBERED_AT_MOST = 2048


class Effect(StrEnum):
    ALLOW = "ALLOW"
    DENY = "DENY"
    UNDETERMINED = "UNDETERMINED"


class CarveOutKind(StrEnum):
    PRINCIPAL = "principal"  # ``pattern`` of an ARN
    TAG = "tag"  # ``key`` of the principal's tag and its value
    USER_ID = "userid"
    ASSUMED_ROOT = "assumed root"  # short root sessions of the management account


@dataclass(frozen=True)
class CarveOut:
    """Whom a Deny statement lets off."""

    kind: CarveOutKind
    pattern: str = ""
    key: str = ""


@dataclass(frozen=True)
class Request:
    """``resources`` are all denied as soon as one is. ``context``: key in lower case → values."""

    action: str
    resources: tuple[str, ...]
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """``level`` is the entity that decided, ``policy`` and ``sid`` the statement of an explicit
    Deny; an implicit one has neither. ``carve_outs`` are those of that statement. ``keys`` are what
    an undetermined decision depends on."""

    effect: Effect
    level: str = ""
    policy: str = ""
    sid: str = ""
    keys: tuple[str, ...] = ()
    carve_outs: tuple[CarveOut, ...] = ()

    @property
    def is_denied(self) -> bool:
        return self.effect == Effect.DENY


ALLOWED = Decision(Effect.ALLOW)


@dataclass(frozen=True)
class Attached:
    """A policy on one level."""

    id: str
    document: Document
    name: str = ""


@dataclass(frozen=True)
class Level:
    """An entity of the organization, such as a root, an OU or an account, and its policies."""

    entity: str
    policies: tuple[Attached, ...] = ()


@dataclass(frozen=True, eq=False)
class _Bound:
    """A statement where it is attached."""

    level: int
    policy: str
    statement: Statement
    has_variables: bool
    carve_outs: tuple[CarveOut, ...]

    def names(self, action: str) -> bool:
        named = any(
            pattern(one, variables=False, ignores_case=True).matches(action, _no_variables)
            for one in self.statement.actions
        )
        return named is not self.statement.but_actions

    def applies(self, resource: str, context: Mapping[str, Sequence[str]]) -> Truth:
        return conjunction(self._parts(resource, context))

    def _parts(self, resource: str, context: Mapping[str, Sequence[str]]) -> Iterator[Truth]:
        covered = disjunction(
            self._covers(one, resource, context) for one in self.statement.resources
        )
        if self.statement.but_resources:
            covered = not covered if isinstance(covered, bool) else covered
        yield covered
        for condition in self.statement.conditions:
            yield conditions.holds(condition, context, self.has_variables)

    def _covers(self, one: str, resource: str, context: Mapping[str, Sequence[str]]) -> Truth:
        if one == "*":
            return True
        try:
            made = pattern(one, variables=self.has_variables)
            return made.matches(resource, conditions.variable(context))
        except Unknown as unknown:
            return frozenset({unknown.key})


def _no_variables(_: str) -> str | None:
    return None


@dataclass(frozen=True, eq=False)
class Chain:
    """The policies of every level, prepared once. Equal only to itself, so that answers can be
    remembered by it. ``keys`` are the context keys that its statements look at, ``named`` the
    account ids. ``memory`` holds what was asked of it before."""

    levels: tuple[Level, ...]
    keys: frozenset[str]
    named: Named
    _bound: tuple[_Bound, ...] = ()
    _by_action: dict[str, tuple[tuple[_Bound, ...], tuple[tuple[_Bound, ...], ...]]] = field(
        default_factory=dict
    )
    memory: dict[Any, Any] = field(default_factory=dict)

    def remember(self, asked: Any, answer: Any) -> None:
        """Forgets all that was asked before it grows too large: by ever new moments, or by as many
        accounts as a policy tells apart."""
        if len(self.memory) >= REMEMBERED_AT_MOST:
            self.memory.clear()
        self.memory[asked] = answer

    def stands_for(self, account_id: str) -> str:
        """The account whose answers hold for this one too."""
        return self.named.stand_in(account_id)

    def decide(self, request: Request) -> Decision:
        """What becomes of a request; with several resources, of all of them together."""
        found = [self._decide(request, resource) for resource in request.resources]
        for effect in (Effect.DENY, Effect.UNDETERMINED):
            first = next((decision for decision in found if decision.effect == effect), None)
            if first is not None:
                return first
        return ALLOWED

    def _decide(self, request: Request, resource: str) -> Decision:
        denies, allows = self._naming(request.action.lower())
        doubts: set[str] = set()
        matching: list[_Bound] = []
        for bound in denies:
            truth = bound.applies(resource, request.context)
            if truth is True:
                matching.append(bound)
            elif truth is not False:
                doubts |= truth
        if matching:
            return self._explicit(matching)
        for number, of_level in enumerate(allows):
            truth = disjunction(bound.applies(resource, request.context) for bound in of_level)
            if truth is False:
                return Decision(Effect.DENY, self.levels[number].entity)
            if truth is not True:
                doubts |= truth
        if doubts:
            return Decision(Effect.UNDETERMINED, keys=tuple(sorted(doubts)))
        return ALLOWED

    def _explicit(self, matching: Iterable[_Bound]) -> Decision:
        """The statement that lets off the fewest: whom another one lets off, it stops."""
        decided = min(matching, key=_fewest_let_off)
        return Decision(
            Effect.DENY,
            self.levels[decided.level].entity,
            decided.policy,
            decided.statement.sid,
            carve_outs=decided.carve_outs,
        )

    def _naming(self, action: str) -> tuple[tuple[_Bound, ...], tuple[tuple[_Bound, ...], ...]]:
        """The Deny statements that name an action, and the Allow statements of each level."""
        known = self._by_action.get(action)
        if known is None:
            named = [bound for bound in self._bound if bound.names(action)]
            allows: list[list[_Bound]] = [[] for _ in self.levels]
            for bound in named:
                if bound.statement.effect == "Allow":
                    allows[bound.level].append(bound)
            known = (
                tuple(bound for bound in named if bound.statement.effect == "Deny"),
                tuple(tuple(of_level) for of_level in allows),
            )
            self._by_action[action] = known
        return known


def _fewest_let_off(bound: _Bound) -> tuple[int, int, str, str, str]:
    """Then the highest in the tree; the rest keeps the choice the same in any order."""
    statement = bound.statement
    return len(bound.carve_outs), bound.level, bound.policy, statement.sid, repr(statement)


def compile_chain(levels: Sequence[Level]) -> Chain:
    bound = tuple(
        _Bound(
            number,
            attached.id,
            statement,
            attached.document.has_variables,
            tuple(dict.fromkeys(_carve_outs(statement))) if statement.effect == "Deny" else (),
        )
        for number, level in enumerate(levels)
        for attached in level.policies
        for statement in attached.document.statements
    )
    return Chain(
        tuple(levels),
        keys=frozenset(key for b in bound for key in _keys(b)),
        named=named_in(b.statement for b in bound),
        _bound=bound,
    )


def _keys(bound: _Bound) -> Iterator[str]:
    """Context keys that a statement looks at, by condition or by variable."""
    for condition in bound.statement.conditions:
        yield condition.key
        for value in condition.values:
            yield from pattern(value).variables
    for resource in bound.statement.resources:
        yield from pattern(resource).variables


def _carve_outs(statement: Statement) -> Iterator[CarveOut]:
    for condition in statement.conditions:
        yield from _carved_by(condition)


def _carved_by(condition: Condition) -> Iterator[CarveOut]:
    how = conditions.operator(condition.operator)
    if how.base == "null":
        if condition.key == ASSUMED_ROOT and "true" in condition.values:
            yield CarveOut(CarveOutKind.ASSUMED_ROOT)
    elif how.is_negated:
        for value in condition.values:
            if condition.key == PRINCIPAL_ARN:
                yield CarveOut(CarveOutKind.PRINCIPAL, value)
            elif condition.key == USER_ID:
                yield CarveOut(CarveOutKind.USER_ID, value)
            elif condition.key.startswith(PRINCIPAL_TAG):
                tag = condition.key.removeprefix(PRINCIPAL_TAG)
                yield CarveOut(CarveOutKind.TAG, value, tag)
