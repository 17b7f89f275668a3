"""Nothing can be started in a Region that the company does not use."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.services import account
from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import Answer, Probe, probe
from roadmap.guardrails.regions import FUTURE_REGION, PROBES
from roadmap.guardrails.settling import Doubt
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
)


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide, _not_set)


def _not_set(subject: Subject) -> Verdict | None:
    if subject.settings["APPROVED_REGIONS"]:
        return None
    return unknown(
        Reason.NOT_CONFIGURED,
        "Which Regions are approved is not set, so none can be told to be unapproved.",
        "no approved Regions set",
    )


def decide(case: Case, doubt: Doubt) -> Table:
    approved = set(case.settings["APPROVED_REGIONS"])
    others = [region for region in case.enabled if region not in approved]
    used = [region for region in case.enabled if region in approved]
    wide = case.ask(PROBES, case.ordinary, used)
    problems = _too_wide(wide)
    if not others:
        answers = case.ask(_enabling(case), case.ordinary)
        return Table(_without_others(doubt, answers, problems), answers, wide)
    answers = case.ask(PROBES, case.ordinary, others)
    by_region = {region: [a for a in answers if a.region == region] for region in others}
    blocked = [region for region, found in by_region.items() if doubt.all(found)]
    facts = {"approved": sorted(approved), "blocked": blocked, "enabled": list(case.enabled)}
    return Table(_verdict(case, doubt, others, blocked, answers, problems), answers, wide, facts)


def _verdict(
    case: Case,
    doubt: Doubt,
    others: Sequence[str],
    blocked: Sequence[str],
    answers: Sequence[Answer],
    problems: Sequence[Problem],
) -> Verdict:
    left = [region for region in others if region not in blocked]
    if not left:
        count = f"all {len(others)} Regions" if len(others) > 1 else listed(others)
        return passed(
            f"Nothing can be started in {count} not approved{by_policies(case, answers)}.",
            "every other Region blocked",
            problems=problems,
        )
    if blocked:
        return partly(
            f"{len(blocked)} of {len(others)} enabled Regions that are not approved are blocked; "
            f"{listed(left)} {'is' if len(left) == 1 else 'are'} not.",
            "some Regions blocked",
            problems=problems,
        )
    gap = allowed_text(doubt.allowed(answers))
    if doubt.any(answers):
        return partly(
            f"No Region that is not approved is blocked entirely: {gap}.",
            "some requests denied, no Region blocked",
            problems=problems,
        )
    return failed(
        f"Nothing is stopped in the {len(others)} enabled Regions that are not approved: "
        f"{listed(others)}.",
        "no Region blocked",
        problems=problems,
    )


def _enabling(case: Case) -> list[Probe]:
    """Enabling one of the Regions that are off; where none is, one that AWS may open."""
    disabled = case.subject.facts.get(account.regions).disabled or [FUTURE_REGION]
    return [
        probe("account:EnableRegion", "account::{a}:account", keys={"account:TargetRegion": region})
        for region in disabled
    ]


def _without_others(
    doubt: Doubt, answers: Sequence[Answer], problems: Sequence[Problem]
) -> Verdict:
    if doubt.all(answers):
        return passed(
            "Only approved Regions are enabled, and no other can be.",
            "no other Region enabled, nor can be",
            problems=problems,
        )
    gap = allowed_text(doubt.allowed(answers))
    return partly(
        f"Only approved Regions are enabled, but others can be: {gap}.",
        "no other Region enabled, but can be",
        problems=problems,
    )


def _too_wide(answers: Sequence[Answer]) -> list[Problem]:
    """Approved Regions in which the guardrail stops something."""
    stopped: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.is_denied:
            stopped.setdefault(answer.region, []).append(answer)
    return [
        Problem(
            "region_guard_too_wide",
            region=region,
            detail=f"Denied: {listed(dict.fromkeys(a.probe.action for a in found))}.",
        )
        for region, found in stopped.items()
    ]


item = Item(
    __name__,
    order="6.1.2",
    title="Only approved regions",
    guidance=(
        "Intruders like Regions where nobody looks. A guardrail refuses what is not in the "
        "approved list, and so also shortens every later search. Global services are let off by "
        "name."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=READS,
    findings={
        **FINDINGS,
        "region_guard_too_wide": FindingKind("Guardrail blocks an approved Region", Severity.INFO),
    },
    parent="surface.scps",
    imports={
        "prowler": ("organizations_scp_check_deny_regions",),
    },
    fix=Fix(
        "Deny everything outside the approved list, with the global services left out.",
        "Deny access to AWS based on the requested AWS Region",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
