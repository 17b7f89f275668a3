"""The account cannot leave the organization on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import ROOT, Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
)

LEAVE = probe("organizations:LeaveOrganization")
ACCEPT = probe(
    "organizations:AcceptHandshake",
    "organizations::{a}:handshake/o-abcdefghij/invite/h-0123456789",
)
CLOSE = probe("account:CloseAccount", "account::{a}:account")


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    everybody = (*case.ordinary, ROOT)
    leave = case.ask([LEAVE], everybody)
    accept = case.ask([ACCEPT], everybody)
    close = case.ask([CLOSE], everybody)
    is_required = case.settings["SCP_REQUIRE_ACCEPT_HANDSHAKE_DENY"]
    required = (*leave, *accept) if is_required else leave
    advisory = close if is_required else (*accept, *close)
    problems = list(_problems(accept, close))
    return Table(_verdict(case, doubt, required, problems), required, advisory)


def _verdict(
    case: Case, doubt: Doubt, answers: Sequence[Answer], problems: Sequence[Problem]
) -> Verdict:
    if doubt.all(answers):
        return passed(
            f"Nobody in the account can take it out of the organization"
            f"{by_policies(case, answers)}.",
            "leaving denied",
            problems=problems,
        )
    gap = allowed_text(doubt.allowed(answers))
    if doubt.any(answers):
        return partly(
            f"Leaving the organization is denied only in part: {gap}.",
            "denied in part",
            problems=problems,
        )
    return failed(f"The account can leave: {gap}.", "nothing denied", problems=problems)


def _problems(accept: Sequence[Answer], close: Sequence[Answer]) -> Iterator[Problem]:
    for code, answers in (("direct_transfer_possible", accept), ("close_account_possible", close)):
        allowed = [answer for answer in answers if answer.is_allowed]
        if allowed:
            yield Problem(code, detail=allowed_text(allowed))


item = Item(
    __name__,
    order="6.1.6",
    title="Account cannot leave",
    guidance=(
        "An account that leaves takes its data along and sheds every guardrail in one call. "
        "Leaving is refused, and so, if the company wants, is accepting another organization's "
        "invitation."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=READS,
    findings={
        **FINDINGS,
        "direct_transfer_possible": FindingKind(
            "Account can accept another invitation", Severity.MEDIUM
        ),
        "close_account_possible": FindingKind("Account can be closed from inside", Severity.LOW),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny leaving the organization at the root.",
        "General examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
