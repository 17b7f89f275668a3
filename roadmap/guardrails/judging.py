"""What all ten guardrails have in common: 11.4 and 11.5. Pure.

A guardrail is a table: its probes, and what their answers come to. Around it stand the accounts
that no policy binds, what could not be seen, the findings, the exemptions and the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collectors.services import account, organizations, sso_admin
from roadmap.guardrails.case import Case, case_of
from roadmap.guardrails.evaluation import Effect
from roadmap.guardrails.exemptions import Exemptions, exemptions
from roadmap.guardrails.probes import WHO, Answer
from roadmap.guardrails.settling import Doubt, settle
from roadmap.registry import FindingKind
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    not_in_organization,
)

PROBES_NAMED = 40  # of those that were decided alike

# What every guardrail may report.
FINDINGS: Mapping[str, FindingKind] = {
    "guardrail_missing": FindingKind("Guardrail missing", Severity.HIGH),
    "guardrail_gap": FindingKind("Guardrail with a gap", Severity.MEDIUM),
    "scp_not_enabled": FindingKind("Service control policies not enabled", Severity.HIGH),
    "undeclared_exemption": FindingKind("Exemption nobody declared", Severity.MEDIUM),
    "tag_exemption_unprotected": FindingKind("Exemption by a tag anyone may set", Severity.MEDIUM),
    "exempt_role_creatable": FindingKind("Exempt role can be created", Severity.HIGH),
}

# What every guardrail reads: the chain, and in which Regions to ask.
READS = (
    organizations.listing,
    organizations.policies,
    organizations.attached_scps,
    account.regions,
    sso_admin.access,
)


@dataclass(frozen=True)
class Table:
    """``required`` are the answers that decide, ``advisory`` others worth keeping. The verdict's
    problems are the guardrail's own; gaps and exemptions are added."""

    verdict: Verdict
    required: Sequence[Answer] = ()
    advisory: Sequence[Answer] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def guardrail(
    subject: Subject,
    decide: Callable[[Case, Doubt], Table],
    unset: Callable[[Subject], Verdict | None] = lambda _: None,
) -> Verdict:
    """The verdict of a table for an account; ``unset`` says what it is while nobody has set what
    the guardrail is about. Raises Missing where the chain was not seen."""
    settled = unbound(subject) or unset(subject)
    if settled is not None:
        return settled
    case = case_of(subject)
    tables: list[Table] = []

    def once(doubt: Doubt) -> Verdict:
        tables.append(decide(case, doubt))
        return tables[-1].verdict

    verdict = settle(once)
    table = tables[0]
    let_off = exemptions(case, table.required)
    return _finished(case, _capped(case, verdict, let_off), table, let_off)


def unbound(subject: Subject) -> Verdict | None:
    """The verdict of an account that no policy can bind. Raises Missing."""
    if subject.account.is_management:
        return not_applicable(
            Reason.MANAGEMENT_EXEMPT,
            "Service control policies never bind the management account.",
            "management account",
        )
    if not subject.account.organization_id:
        return not_in_organization()
    listing = subject.facts.management(organizations.listing)
    if listing.organization.feature_set not in ("ALL", ""):
        why = f"The organization has only {listing.organization.feature_set.lower()} features"
    elif not listing.enables(organizations.SERVICE_CONTROL_POLICY):
        why = "Service control policies are not enabled in the organization"
    else:
        return None
    return failed(
        f"{why}, so nothing is stopped from above.",
        "service control policies not enabled",
        problems=[Problem("scp_not_enabled", detail=why, organization=True)],
    )


def _capped(case: Case, verdict: Verdict, let_off: Exemptions) -> Verdict:
    strict = case.settings["SCP_STRICT_EXEMPTIONS"]
    if verdict.status != Status.PASS or not strict or not let_off.is_loose:
        return verdict
    names = listed(sorted({problem.name for problem in let_off.problems}))
    return replace(
        verdict,
        status=Status.PARTIAL,
        sentence=f"{verdict.sentence} But it lets off {names}.",
        rule="loose exemption",
    )


def _finished(case: Case, verdict: Verdict, table: Table, let_off: Exemptions) -> Verdict:
    gaps = [answer for answer in table.required if not answer.is_denied]
    problems = [*verdict.problems, *let_off.problems]
    if verdict.status == Status.FAIL:
        problems.insert(0, Problem("guardrail_missing", detail=allowed_text(gaps)))
    elif verdict.status == Status.PARTIAL:
        problems.insert(0, Problem("guardrail_gap", detail=allowed_text(gaps)))
    facts = {
        **table.facts,
        "chain": chain_facts(case),
        "decisions": case.remembered("decisions", table.required, decisions),
        "advisory": case.remembered("decisions", table.advisory, decisions),
        "exemptions": let_off.as_facts(),
    }
    return replace(verdict, problems=problems, facts={**verdict.facts, **facts})


def chain_facts(case: Case) -> list[Mapping[str, Any]]:
    """Every level from the root down with the policies on it."""
    return [
        {
            "entity": level.entity if level.entity != "account" else case.account_id,
            "policies": [f"{p.id} {p.name}".strip() for p in level.policies],
        }
        for level in case.chain.levels
    ]


def decisions(answers: Iterable[Answer]) -> list[Mapping[str, Any]]:
    """What was decided for whom and where; alike ones stand together: first Regions of the same
    decision, then principals of the same Regions, then probes of the same principals."""
    regions: dict[tuple[Any, ...], list[str]] = {}
    for answer in answers:
        key = (_asked(answer), answer.principal, _decided(answer))
        regions.setdefault(key, []).append(answer.region or "global")
    principals: dict[tuple[Any, ...], list[str]] = {}
    for (asked, principal, decided), where in regions.items():
        principals.setdefault((asked, decided, tuple(where)), []).append(principal)
    probes: dict[tuple[Any, ...], list[str]] = {}
    for (asked, decided, where), who in principals.items():
        probes.setdefault((decided, where, tuple(who)), []).append(asked)
    return [
        {"probes": _cut(asked), "principals": list(who), "regions": list(where), **dict(decided)}
        for (decided, where, who), asked in probes.items()
    ]


def _cut(asked: Sequence[str]) -> list[str]:
    """Hundreds of services answer alike: the first say what the others are."""
    if len(asked) <= PROBES_NAMED:
        return list(asked)
    return [*asked[:PROBES_NAMED], f"{len(asked) - PROBES_NAMED} more"]


def _asked(answer: Answer) -> str:
    """The action and what it is about, without what every ARN has."""
    keys = "".join(f" {key}={value}" for key, value in answer.probe.keys)
    return f"{answer.probe.action} on {' + '.join(answer.probe.resources)}{keys}"


def _decided(answer: Answer) -> tuple[tuple[str, str], ...]:
    found = {
        "decision": str(answer.decision.effect),
        "level": answer.decision.level,
        "policy": answer.decision.policy,
        "sid": answer.decision.sid,
        "unknown_keys": " ".join(answer.decision.keys),
        "note": "mfa_bypass" if answer.bypasses_mfa else "",
    }
    return tuple((name, value) for name, value in found.items() if value)


def allowed_text(answers: Sequence[Answer]) -> str:
    """Which requests are let through, and of which nobody knows, for whom; empty for none."""
    said = []
    for effect, word in ((Effect.ALLOW, "allowed"), (Effect.UNDETERMINED, "undetermined")):
        found = [answer for answer in answers if answer.decision.effect == effect]
        if found:
            actions = dict.fromkeys(answer.probe.action for answer in found)
            said.append(f"{listed(actions)} {word} for {who(found)}{where(found)}")
    return "; ".join(said)


def who(answers: Iterable[Answer]) -> str:
    names = dict.fromkeys(answer.principal for answer in answers)
    return listed([WHO.get(name, name) for name in names], at_most=4)


def where(answers: Iterable[Answer]) -> str:
    """`` in eu-west-1 and us-east-1``; empty for what has no Region."""
    regions = sorted({answer.region for answer in answers if answer.region})
    return f" in {listed(regions)}" if regions else ""


def by_policies(case: Case, answers: Iterable[Answer]) -> str:
    """`` (stopped by DenyLeaving)``: the policies that denied, or an allow list that does not name
    it."""
    names = {p.id: p.name or p.id for level in case.chain.levels for p in level.policies}
    found = dict.fromkeys(
        names.get(answer.decision.policy, "an allow list") for answer in answers if answer.is_denied
    )
    return f" (stopped by {listed(found)})" if found else ""
