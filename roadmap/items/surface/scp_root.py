"""The root user of a member account can do nothing."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.outcomes import Missing
from collectors.services import iam
from roadmap.guardrails.case import Case
from roadmap.guardrails.judging import FINDINGS, READS, Table, allowed_text, by_policies, guardrail
from roadmap.guardrails.probes import ROOT, Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.registry import Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Source,
    Verdict,
    failed,
    partly,
    passed,
)

PROBES = (
    probe("ec2:RunInstances", "ec2:{r}:{a}:instance/*"),
    probe("s3:CreateBucket", "s3:::cairn-probe"),
    probe("iam:CreateAccessKey", "iam::{a}:root"),
    probe("iam:CreateUser", "iam::{a}:user/cairn-probe"),
    probe("lambda:CreateFunction", "lambda:{r}:{a}:function:cairn-probe"),
    probe("kms:CreateKey"),
    probe("secretsmanager:GetSecretValue", "secretsmanager:{r}:{a}:secret:cairn-probe-000000"),
)
CREDENTIALS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
)


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


def decide(case: Case, doubt: Doubt) -> Table:
    kept = {action.lower() for action in case.settings["SCP_ROOT_ALLOWED_ACTIONS"]}
    answers = case.ask([one for one in PROBES if one.action.lower() not in kept], [ROOT])
    return Table(_verdict(case, doubt, answers), answers)


def _verdict(case: Case, doubt: Doubt, answers: Sequence[Answer]) -> Verdict:
    if doubt.all(answers):
        return passed(f"The root user is denied everything asked{by_policies(case, answers)}.")
    gap = allowed_text(doubt.allowed(answers))
    is_central = doubt.holds(lambda: _is_central(case.subject))
    if is_central and doubt.holds(lambda: not _credentials(case.subject)):
        return passed(
            "The root user has no password, access key or certificate, and root access is managed "
            "centrally.",
            "no root credentials, managed centrally",
        )
    if is_central:
        return partly(
            f"Root access is managed centrally, but the root user still has {_left(case.subject)}. "
            f"No policy denies it all: {gap}.",
            "managed centrally, credentials remain",
        )
    if doubt.any(answers):
        return partly(f"The root user is denied only a part: {gap}.", "denied in part")
    return failed(f"No policy stops the root user: {gap}.", "nothing denied")


def _is_central(subject: Subject) -> bool:
    """Raises Missing."""
    return iam.ROOT_CREDENTIALS in subject.facts.management(iam.organizations_features)


def _credentials(subject: Subject) -> list[str]:
    """Those of the root user that are there. Raises Missing."""
    summary = subject.facts.get(iam.account_summary)
    return [name for name in CREDENTIALS if summary.count(name)]


def _left(subject: Subject) -> str:
    words = {"AccountPasswordPresent": "a password", "AccountAccessKeysPresent": "an access key"}
    try:
        found = _credentials(subject)
    except Missing:
        return "credentials, as far as is known"
    return listed(words.get(name, "a signing certificate") for name in found)


item = Item(
    __name__,
    order="6.1.1",
    title="Root user denied",
    guidance=(
        "The root user cannot be restricted inside its own account, and its password is reset by "
        "mail. A policy from above can refuse it everything; or the root credentials of members "
        "are deleted and managed centrally."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(*READS, iam.organizations_features, iam.account_summary),
    findings=FINDINGS,
    parent="surface.scps",
    imports={
        "prowler": ("iam_root_credentials_management_enabled", "iam_avoid_root_usage"),
    },
    fix=Fix(
        (
            "Deny the root principal by policy, or manage root access centrally and delete the "
            "members' root credentials."
        ),
        "Centrally manage root access for member accounts",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",
)
