"""No new long-lived access key can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import (
    FINDINGS,
    READS,
    Table,
    allowed_text,
    by_policies,
    guardrail,
    who,
)
from roadmap.guardrails.probes import ROOT, Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    partly,
    passed,
)

USER = "iam::{a}:user/cairn-probe"
KEY = probe("iam:CreateAccessKey", USER)
CREATE_USER = probe("iam:CreateUser", USER)
SERVICE_CREDENTIAL = probe("iam:CreateServiceSpecificCredential", USER)
ROOT_KEY = probe("iam:CreateAccessKey", "iam::{a}:root")
ROOT_GUARDRAIL = "surface.scp_root"


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    answers = case.ask([KEY], case.ordinary)
    advisory = case.ask([CREATE_USER, SERVICE_CREDENTIAL], case.ordinary)
    root_key = case.ask([ROOT_KEY], [ROOT])
    problems = list(_problems(case, advisory, root_key))
    return Table(_verdict(case, doubt, answers, problems), answers, (*advisory, *root_key))


def _verdict(
    case: Case, doubt: Doubt, answers: Sequence[Answer], problems: Sequence[Problem]
) -> Verdict:
    if doubt.all(answers):
        return passed(
            f"Nobody can make an access key{by_policies(case, answers)}.",
            "access keys denied",
            problems=problems,
        )
    allowed = doubt.allowed(answers)
    if any(answer.bypasses_mfa for answer in allowed):
        return partly(
            f"MFA, or its absence, lets {who(allowed)} make an access key.",
            "MFA opens the way",
            problems=problems,
        )
    if doubt.any(answers):
        return partly(
            f"Making an access key is not denied to all: {allowed_text(allowed)}.",
            "denied for some",
            problems=problems,
        )
    return failed(
        f"Access keys can be made: {allowed_text(allowed)}.", "nothing denied", problems=problems
    )


def _problems(
    case: Case, advisory: Sequence[Answer], root_key: Sequence[Answer]
) -> Iterator[Problem]:
    for_services = [a for a in advisory if a.probe == SERVICE_CREDENTIAL and a.is_allowed]
    if for_services:
        yield Problem("service_credential_possible", detail=allowed_text(for_services))
    root = case.subject.verdicts.get(ROOT_GUARDRAIL)
    is_root_stopped = root is not None and root.status == Status.PASS
    if not is_root_stopped and any(answer.is_allowed for answer in root_key):
        yield Problem("root_key_possible", detail=allowed_text(root_key))


item = Item(
    __name__,
    order="6.1.4",
    title="No new IAM access keys",
    guidance=(
        "With roles in place nobody needs a new key of an IAM user, so making one can be "
        "forbidden. The same goes for the long-lived keys of single services. Only a break-glass "
        "role is let off."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=READS,
    findings={
        **FINDINGS,
        "service_credential_possible": FindingKind("Service credentials can be made", Severity.LOW),
        "root_key_possible": FindingKind("Root access key can be made", Severity.MEDIUM),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny the creation of access keys for everyone but a break-glass role.",
        "General examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
)
