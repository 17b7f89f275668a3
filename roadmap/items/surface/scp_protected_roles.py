"""The roles that security, deployment and vendors rely on cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from collectors.outcomes import Outcome
from collectors.services import iam
from roadmap.guardrails.case import Case
from roadmap.guardrails.conditions import UNKNOWN_VALUE
from roadmap.guardrails.exemptions import MADE_BY_AWS
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Reason,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown,
)

ACTIONS = (
    "DeleteRole",
    "UpdateRole",
    "UpdateAssumeRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
)
ADVISORY = ("CreateRole", "TagRole", "UntagRole")
RESOURCE_TAG = "aws:resourcetag/"
ENOUGH = 0.5  # of the probes, for a partial


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide, _not_set)


def _not_set(subject: Subject) -> Verdict | None:
    if subject.settings["PROTECTED_ROLE_PATTERNS"]:
        return None
    return unknown(
        Reason.NOT_CONFIGURED,
        "Which roles are important is not set, so nobody can tell whether they are protected.",
        "no protected roles set",
    )


def decide(case: Case, doubt: Doubt) -> Table:
    protected = {
        pattern: _roles(case, pattern) for pattern in case.settings["PROTECTED_ROLE_PATTERNS"]
    }
    by_pattern = {
        pattern: [answer for one in roles for answer in _ask(case, one, ACTIONS)]
        for pattern, roles in protected.items()
        if roles
    }
    answers = [answer for found in by_pattern.values() for answer in found]
    advisory = [
        answer
        for roles in protected.values()
        for one in roles
        for answer in _ask(case, one, ADVISORY)
    ]
    safe = [pattern for pattern, found in by_pattern.items() if doubt.all(found)]
    facts = {
        "patterns": {pattern: len(roles) for pattern, roles in protected.items()},
        "safe": safe,
    }
    verdict = _verdict(case, doubt, by_pattern, safe, answers)
    if by_pattern and not _is_seen(case):
        verdict = replace(
            verdict,
            sentence=f"{verdict.sentence} Which roles there are was not seen.",
            incomplete=True,
        )
    return Table(verdict, answers, advisory, facts)


def _verdict(
    case: Case,
    doubt: Doubt,
    by_pattern: Mapping[str, Sequence[Answer]],
    safe: Sequence[str],
    answers: Sequence[Answer],
) -> Verdict:
    if not by_pattern:
        return not_applicable(
            Reason.NO_RESOURCES,
            "The roles named as important are AWS's own, which it protects itself.",
            "only roles of AWS named",
        )
    if len(safe) == len(by_pattern):
        return passed(
            f"Nobody can change {listed(safe)}{by_policies(case, answers)}.", "all patterns denied"
        )
    left = [pattern for pattern in by_pattern if pattern not in safe]
    denied = len(answers) - len(doubt.allowed(answers))
    if safe:
        return partly(
            f"{len(safe)} of {len(by_pattern)} protected names are safe; {listed(left)} can be "
            "changed.",
            "some patterns denied",
        )
    if denied >= ENOUGH * len(answers):
        return partly(
            f"No protected role is safe, though {denied} of {len(answers)} requests are denied: "
            f"{allowed_text(doubt.allowed(answers))}.",
            "half of the requests denied",
        )
    return failed(f"Roles that matter can be changed: {listed(left)}.", "roles not denied")


@dataclass(frozen=True)
class _Role:
    """``resource`` is a template; ``tag_keys`` are of a role that exists."""

    resource: str
    tag_keys: tuple[str, ...] = ()


def _roles(case: Case, pattern: str) -> list[_Role]:
    """The roles there are by that name or path; where none is, or nobody saw, one that could be."""
    wanted = pattern.lstrip("/")
    found = [role for role in _existing(case) if _is_named(role, wanted)]
    if found:
        return [
            _Role(case.template(role.arn), role.tag_keys) for role in found if not _is_aws(role)
        ]
    resource = f"iam::{{a}}:role/{wanted.replace('*', 'cairn-probe').replace('?', 'x')}"
    return [] if any(made in resource for made in MADE_BY_AWS) else [_Role(resource)]


def _is_seen(case: Case) -> bool:
    return case.subject.facts.observation(iam.authorization).outcome == Outcome.COLLECTED


def _existing(case: Case) -> Sequence[iam.Role]:
    return case.subject.facts.get(iam.authorization).roles if _is_seen(case) else ()


def _is_named(role: iam.Role, wanted: str) -> bool:
    return fnmatchcase(role.name, wanted) or fnmatchcase(_full_name(role), wanted)


def _full_name(role: iam.Role) -> str:
    return role.arn.partition(":role/")[2]


def _is_aws(role: iam.Role) -> bool:
    return any(made in f"/{_full_name(role)}" for made in MADE_BY_AWS)


def _ask(case: Case, role: _Role, actions: Sequence[str]) -> Sequence[Answer]:
    """Tags of a role are known by key alone: what hangs on their values is not known."""
    keys = [
        (f"{RESOURCE_TAG}{key.lower()}", UNKNOWN_VALUE[0])
        for key in role.tag_keys
        if f"{RESOURCE_TAG}{key.lower()}" in case.chain.keys
    ]
    probes = [probe(f"iam:{action}", role.resource, keys=keys) for action in actions]
    others = [
        one for one in case.ordinary if case.place.arn(one.arn) != case.place.arn(role.resource)
    ]
    return case.ask(probes, others)


item = Item(
    __name__,
    order="6.1.10",
    title="Important roles protected",
    guidance=(
        "Who can change the trust of the audit role can become the auditor. Roles that matter "
        "across accounts are named by pattern, and nobody in the account may change their trust "
        "or policies."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(*READS, iam.authorization),
    findings=FINDINGS,
    parent="surface.scps",
    fix=Fix(
        "Deny changes to roles of reserved names for everyone but the deployment role.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
