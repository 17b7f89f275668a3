"""Services that the company has not approved cannot be called."""

from __future__ import annotations

from collections.abc import Sequence

from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, by_policies, guardrail
from roadmap.guardrails.probes import Answer, Probe, probe
from roadmap.guardrails.services import PREFIXES
from roadmap.guardrails.settling import Doubt
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    partly,
    passed,
    ratio,
    unknown,
)

NAME = "CairnProbe"  # An action that no policy lists: only a block of the whole service stops it.


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide, _not_set)


def _not_set(subject: Subject) -> Verdict | None:
    if subject.settings["APPROVED_SERVICES"]:
        return None
    return unknown(
        Reason.NOT_CONFIGURED,
        "Which services are approved is not set, so none can be told to be unapproved.",
        "no approved services set",
    )


def decide(case: Case, doubt: Doubt) -> Table:
    approved = {prefix.lower() for prefix in case.settings["APPROVED_SERVICES"]}
    free = set(case.settings["SERVICES_ALWAYS_ALLOWED"])
    others = sorted(PREFIXES - approved - free)
    where = [_region(case)]
    answers = case.ask(_probes(others, where[0]), case.roles, where)
    own = case.ask(_probes(sorted(approved), where[0]), case.roles, where)
    by_service: dict[str, list[Answer]] = {}
    for answer in answers:
        by_service.setdefault(answer.probe.service, []).append(answer)
    left = [service for service, found in by_service.items() if not doubt.all(found)]
    facts = {"region": where[0], "services": len(others), "left_open": listed(left, 24)}
    return Table(_verdict(case, others, left, answers, _blocked(own)), answers, own, facts)


def _probes(services: Sequence[str], region: str) -> list[Probe]:
    """Global services are asked in that Region too."""
    return [probe(f"{s}:{NAME}", keys={"aws:RequestedRegion": region}) for s in services]


def _region(case: Case) -> str:
    """An approved Region, so that a guardrail for Regions does not answer in its place; one in
    scope if there is one."""
    approved: Sequence[str] = case.settings["APPROVED_REGIONS"]
    in_scope = [region for region in case.regions if region in approved]
    return [*in_scope, *approved, *case.regions][0]


def _verdict(
    case: Case,
    others: Sequence[str],
    left: Sequence[str],
    answers: Sequence[Answer],
    problems: Sequence[Problem],
) -> Verdict:
    denied = len(others) - len(left)
    share = f"{denied} of {len(others)} services that are not approved"
    status = ratio(denied, len(others), case.settings["SCP_SERVICES_PASS_PCT"], 0)
    if status == Status.PASS:
        return passed(
            f"{share} are blocked{by_policies(case, answers)}.",
            "enough services blocked",
            problems=problems,
        )
    if denied:
        return partly(
            f"Only {share} are blocked; {listed(left)} are not.",
            "some services blocked",
            problems=problems,
        )
    return failed(
        f"None of {len(others)} services that are not approved is blocked.",
        "no service blocked",
        problems=problems,
    )


def _blocked(answers: Sequence[Answer]) -> list[Problem]:
    stopped = dict.fromkeys(answer.probe.service for answer in answers if answer.is_denied)
    if not stopped:
        return []
    return [Problem("approved_service_blocked", detail=f"Blocked: {listed(stopped, 10)}.")]


item = Item(
    __name__,
    order="6.1.3",
    title="Only approved services",
    guidance=(
        "AWS adds services every month, and each may bring its own way of making something "
        "public. A list of approved services keeps the rest shut until somebody has looked at it."
        " An allow list and a deny list do it equally well."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=READS,
    findings={
        **FINDINGS,
        "approved_service_blocked": FindingKind(
            "Guardrail blocks an approved service", Severity.INFO
        ),
    },
    parent="surface.scps",
    fix=Fix(
        "Replace FullAWSAccess by an allow list on workload OUs, or deny the rest.",
        "SCP evaluation",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
)
