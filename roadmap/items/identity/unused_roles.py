"""Roles that nobody has used for months are gone.

Reads iam:GetAccountAuthorizationDetails, which tells when each role was last used within some 400
days. Where the account cannot be asked, an analyzer of the organization for unused access may
answer for it; how many roles there are in all it does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from collectors.outcomes import Missing
from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import UnusedAccess
from collectors.services.iam import Authorization, Role
from roadmap.readings.analyzers import unused_access
from roadmap.readings.iam_access import administrator
from roadmap.readings.iam_roles import Chosen, is_unused, old_enough, why_exempt
from roadmap.registry import FindingKind, Fix, Flow, ImportUse, Item
from roadmap.sentences import listed, number
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    ratio,
)


def judge(subject: Subject) -> Verdict:
    try:
        known = subject.facts.get(iam.authorization)
    except Missing as missing:
        return _by_analyzer(subject, missing)
    days = subject.settings["UNUSED_ROLE_DAYS"]
    chosen = old_enough(subject, known.roles)
    unused = [role for role in chosen.roles if is_unused(subject, role)]
    more: dict[str, Any] = {
        "facts": _facts(chosen, unused),
        "problems": [_problem(subject, known, role) for role in unused],
    }
    total, idle = len(chosen.roles), len(unused)
    if not total:
        sentence = f"No role is of the account's own and older than {days} days."
        return not_applicable(Reason.NO_RESOURCES, sentence, "no eligible role", **more)
    names = listed(role.name for role in unused)
    share = f"{idle} of {number(total, 'role')} not used in {days} days: {names}."
    allowed = subject.settings["UNUSED_ROLE_PARTIAL_PCT"]
    if not unused:
        what = "Its only role was" if total == 1 else f"All {total} roles were"
        return passed(f"{what} used in the last {days} days.", "no unused role", **more)
    if ratio(total - idle, total, 100, 100 - allowed) == Status.PARTIAL:
        return partly(share, "few unused roles", **more)
    return failed(share, "too many unused roles", **more)


def _facts(chosen: Chosen, unused: Sequence[Role]) -> dict[str, Any]:
    return {
        "eligible": len(chosen.roles),
        "left_out": dict(chosen.left_out),
        "unused": [
            {
                "arn": role.arn,
                "created_on": _day(role.created_at),
                "last_used_on": _day(role.last_used_at),
                "last_used_region": role.last_used_region,
            }
            for role in unused
        ],
    }


def _day(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d}" if at else None


def _problem(subject: Subject, known: Authorization, role: Role) -> Problem:
    used = f"Last used {role.last_used_at:%Y-%m-%d}" if role.last_used_at else "Never seen in use"
    grant = administrator(known, role, subject.settings["NEAR_ADMIN_ACTIONS"])
    if grant is None:
        return Problem("unused_role", role.arn, role.name, detail=f"{used}.")
    detail = f"{used}, and it may do {grant}."
    return Problem("unused_role", role.arn, role.name, detail=detail, severity=Severity.HIGH)


def _by_analyzer(subject: Subject, missing: Missing) -> Verdict:
    """Raises Missing where no analyzer tells."""
    found = _analyzer(subject)
    if found is None:
        raise missing
    arns = found.roles.get(subject.account.account_id, ())
    unused = [arn for arn in arns if not why_exempt(subject, arn)]
    facts = {"analyzer": found.analyzer, "age_days": found.age_days, "unused": list(unused)}
    if unused:
        names = listed(arn.rpartition("/")[2] for arn in unused)
        return partly(
            f"Access Analyzer finds {number(len(unused), 'unused role')}: {names}. How many there "
            "are in all is not known.",
            "unused roles by the analyzer alone",
            facts=facts,
            problems=[Problem("unused_role", arn, arn.rpartition("/")[2]) for arn in unused],
            incomplete=True,
        )
    if found.excludes_tags:
        raise missing
    sentence = "Access Analyzer finds no unused role; the account itself was not asked."
    return passed(sentence, "no unused role by the analyzer", facts=facts, incomplete=True)


def _analyzer(subject: Subject) -> UnusedAccess | None:
    """The organization's analyzer for unused access, where it is as strict as the company."""
    days = subject.settings["UNUSED_ROLE_DAYS"]
    account = subject.account.account_id
    for one in unused_access(subject):
        is_strict = one.age_days is not None and one.age_days <= days
        if is_strict and account not in one.excluded_accounts:
            return one
    return None


item = Item(
    __name__,
    order="5.3",
    title="No unused IAM roles",
    guidance=(
        "An unused role is a door nobody watches, and its policies are as wide as on the day it "
        "was made. IAM knows when each role was last used. Roles for emergencies and of "
        "automation are left out by pattern."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(iam.authorization, accessanalyzer.unused_access),
    findings={
        "unused_role": FindingKind("Role not used", Severity.MEDIUM),
    },
    import_use=ImportUse.CONTEXT,
    imports={
        "scoutsuite": ("iam-ec2-role-without-instances",),
    },
    fix=Fix(
        "Delete roles that are not used, or take away their policies for a while first.",
        "Refine permissions in AWS using last accessed information",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
)
