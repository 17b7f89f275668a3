"""Whom the deciding policies let off, and whether anybody can become one of them: 11.4. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roadmap.guardrails.case import Case
from roadmap.guardrails.evaluation import PRINCIPAL_ARN, USER_ID, CarveOut, CarveOutKind
from roadmap.guardrails.globs import pattern
from roadmap.guardrails.probes import P1, P2, Answer, Probe, answers_to, probe, role
from roadmap.verdicts import Problem

UNDECLARED = "undeclared_exemption"
TAG_UNPROTECTED = "tag_exemption_unprotected"
CREATABLE = "exempt_role_creatable"
LOOSE = frozenset({UNDECLARED, TAG_UNPROTECTED, CREATABLE})

# Roles that only AWS makes.
MADE_BY_AWS = ("/aws-service-role/", "/aws-reserved/")
_WILD = re.compile(r"[*?]+")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


@dataclass(frozen=True)
class Exemptions:
    """``declared`` are declared principals: pattern → whether the policies let it off."""

    problems: tuple[Problem, ...] = ()
    patterns: tuple[str, ...] = ()
    declared: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_loose(self) -> bool:
        return any(problem.code in LOOSE for problem in self.problems)

    def as_facts(self) -> Mapping[str, Any]:
        return {"let_off": list(self.patterns), "exempt_allowed": dict(self.declared)}


def exemptions(case: Case, answers: Sequence[Answer]) -> Exemptions:
    """What is to be said of those let off by the statements that denied these answers."""
    declared = [
        *case.settings["BREAK_GLASS_ROLE_PATTERNS"],
        *case.settings["AUTOMATION_ROLE_PATTERNS"],
    ]
    carved = {
        one: answer
        for one, answer in case.remembered("carve-outs", answers, _carved).items()
        if not _is_elsewhere(case, one)
    }
    problems = {
        (problem.code, problem.resource): problem
        for one, answer in carved.items()
        for problem in _problems(case, one, answer, declared)
    }
    return Exemptions(
        tuple(problems.values()),
        tuple(_said(one) for one in carved),
        {one: _is_let_off(case, one, answers) for one in declared},
    )


def _carved(answers: Sequence[Answer]) -> Mapping[CarveOut, Answer]:
    """Each carve-out of a deciding statement, with the first answer it decided."""
    found: dict[CarveOut, Answer] = {}
    for answer in answers:
        for one in answer.decision.carve_outs:
            found.setdefault(one, answer)
    return found


def _first_denied(answers: Sequence[Answer]) -> Mapping[Probe, str]:
    """Probes that are denied, each with the first Region where it is."""
    found: dict[Probe, str] = {}
    for answer in answers:
        if answer.is_denied:
            found.setdefault(answer.probe, answer.region)
    return found


def _is_elsewhere(case: Case, one: CarveOut) -> bool:
    """Whether it lets off principals of another account, whom the account's policies never bind."""
    parts = one.pattern.split(":", 5)
    return len(parts) == 6 and parts[4].isdigit() and parts[4] != case.account_id


def _said(one: CarveOut) -> str:
    if one.kind == CarveOutKind.TAG:
        return f"principal tag {one.key}={one.pattern}"
    if one.kind == CarveOutKind.USER_ID:
        return f"user id {one.pattern}"
    return one.pattern or str(one.kind)


def _problems(
    case: Case, one: CarveOut, answer: Answer, declared: Sequence[str]
) -> Iterator[Problem]:
    detail = f"Let off by {_policy(case, answer)}."
    if one.kind == CarveOutKind.ASSUMED_ROOT:
        return
    if one.kind == CarveOutKind.TAG:
        if _tag_can_be_set(case, one, answer):
            where = _resource(case, f"principal-tag/{one.key}")
            yield Problem(TAG_UNPROTECTED, where, f"tag {one.key}", detail=detail)
        return
    if one.kind == CarveOutKind.USER_ID:
        where = _resource(case, f"user-id/{one.pattern}")
        yield Problem(UNDECLARED, where, one.pattern, detail=detail)
        return
    if not any(covers(glob, one.pattern) for glob in declared):
        yield Problem(UNDECLARED, _of_account(case, one.pattern), one.pattern, detail=detail)
    arn = example(one.pattern)
    if arn and _can_be_created(case, arn):
        full = case.place.arn(arn).replace(case.place.account, case.account_id)
        yield Problem(CREATABLE, full, full.rpartition("/")[2], detail=detail)


def _policy(case: Case, answer: Answer) -> str:
    decision = answer.decision
    found = (
        attached.name
        for level in case.chain.levels
        for attached in level.policies
        if attached.id == decision.policy and attached.name
    )
    statement = f", statement {decision.sid}" if decision.sid else ""
    return f"{next(found, decision.policy)}{statement}"


def _resource(case: Case, what: str) -> str:
    """What has no ARN of its own is named below the account's."""
    return f"arn:{case.place.partition}:iam::{case.account_id}:{what}"


def _of_account(case: Case, text: str) -> str:
    """The pattern with this account's id, since it is about principals of this account."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return _resource(case, f"principal/{text}")
    parts[1] = case.place.partition
    parts[4] = case.account_id
    return ":".join(parts)


def covers(glob: str, text: str) -> bool:
    """Whether a declared pattern of ARNs lets in all that another pattern does."""
    if "?" in glob and "*" in text:
        return glob == text
    return pattern(glob, variables=False).matches(_VARIABLE.sub("*", text), lambda _: None)


def example(text: str) -> str:
    """A role that such a pattern lets off, with {a} for the account; empty for what is no role
    that somebody in the account could make."""
    parts = text.split(":", 5)
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return ""
    name = _WILD.sub("cairn-probe", _VARIABLE.sub("cairn-probe", parts[5]))
    if any(made in f"/{name}" for made in MADE_BY_AWS):
        return ""
    return f"arn:{{p}}:iam::{{a}}:{name}"


def _can_be_created(case: Case, arn: str) -> bool:
    answers = case.ask([probe("iam:CreateRole", arn)], case.ordinary)
    return any(answer.is_allowed for answer in answers)


def _tag_can_be_set(case: Case, one: CarveOut, answer: Answer) -> bool:
    value = _WILD.sub("cairn-probe", one.pattern)
    tag = (f"aws:principaltag/{one.key}", value)
    with_tag = replace(answer.probe, keys=(*answer.probe.keys, tag))
    lets_off = any(a.is_allowed for a in case.ask([with_tag], case.ordinary, _where(answer)))
    setting = [probe("iam:TagRole", P1.arn), probe("iam:TagUser", P2.arn)]
    return lets_off and any(a.is_allowed for a in case.ask(setting, case.ordinary))


def _where(answer: Answer) -> list[str]:
    return [answer.region] if answer.region else []


def _is_let_off(case: Case, declared: str, answers: Sequence[Answer]) -> bool:
    """Whether a declared principal may do something that ordinary ones may not."""
    arn = example(declared)
    if not arn or not case.chain.keys & {PRINCIPAL_ARN, USER_ID}:
        return False

    def see(answers: Sequence[Answer]) -> bool:
        return any(
            answer.is_allowed
            for one, region in _first_denied(answers).items()
            for answer in answers_to(case.chain, case.place, [one], [role(arn)], [region])
        )

    return case.remembered((case.place, arn), answers, see)
