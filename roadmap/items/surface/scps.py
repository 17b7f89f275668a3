"""Ten guardrails hold for the account, whoever is signed in to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.services import iam
from roadmap.guardrails.crosscheck import Compared, crosscheck
from roadmap.guardrails.judging import READS
from roadmap.registry import FindingKind, Fix, Flow, Item, children
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    NOT_JUDGED,
    Problem,
    Reason,
    Severity,
    Status,
    Verdict,
    not_applicable,
    verdict_of,
)


def judge(subject: Subject) -> Verdict:
    if subject.account.is_management:
        return not_applicable(
            Reason.MANAGEMENT_EXEMPT,
            "Service control policies never bind the management account.",
            "management account",
        )
    titles = {child.key: child.title for child in children(item.key)}
    parts = {key: subject.verdicts.get(key, NOT_JUDGED) for key in titles}
    facts: dict[str, Any] = {key: str(part.status) for key, part in parts.items()}
    compared = crosscheck(subject)
    if compared:
        facts["crosscheck"] = {
            "principal": compared[0].principal,
            "requests": [one.as_facts() for one in compared],
        }
    return verdict_of(
        parts,
        _sentence(titles, parts),
        "combined over the guardrails",
        facts=facts,
        problems=_mismatches(compared),
    )


def _mismatches(compared: Sequence[Compared]) -> list[Problem]:
    """One for all requests: where the evaluator errs, it likely does so about several."""
    differing = [one for one in compared if one.is_mismatch]
    if not differing:
        return []
    said = listed(one.as_text for one in differing)
    return [Problem("scp_evaluator_mismatch", detail=f"For {differing[0].principal}: {said}.")]


def _sentence(titles: Mapping[str, str], parts: Mapping[str, Verdict]) -> str:
    """How many guardrails hold, and which ones do not."""
    counted = {key: part for key, part in parts.items() if part.status != Status.NOT_APPLICABLE}
    held = [key for key, part in counted.items() if part.status == Status.PASS]
    said = [f"{len(held)} of {len(counted)} guardrails hold."]
    words = {Status.PARTIAL: "With a gap", Status.FAIL: "Missing", Status.UNKNOWN: "Not known"}
    for status, word in words.items():
        names = [titles[key] for key, part in counted.items() if part.status == status]
        if names:
            said.append(f"{word}: {listed(names, at_most=10)}.")
    return " ".join(said)


item = Item(
    __name__,
    order="6.1",
    title="Guardrail SCPs applied",
    guidance=(
        "A service control policy binds everyone in an account, its administrators included. Ten "
        "guardrails forbid what no workload needs. Each is decided by asking the account's chain "
        "of policies about requests that ought to be refused, not by the names of policies."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(),
    judge=judge,
    reads=(*READS, iam.simulation),
    findings={
        "scp_evaluator_mismatch": FindingKind(
            "AWS's simulator contradicts Cairn's evaluator", Severity.HIGH
        ),
    },
    fix=Fix(
        "Attach guardrails to a test OU first, then widen them to the root.",
        "Service control policies (SCPs)",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
)
