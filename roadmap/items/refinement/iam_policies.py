"""Policies name the actions and resources they are for.

Reads iam:GetAccountAuthorizationDetails, what access-analyzer:ValidatePolicy and Parliament say of
each text, and the organization's analyzer for unused access. Policies that nobody has, and those
of AWS's own roles, do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectors.outcomes import Missing
from collectors.services import accessanalyzer, iam
from collectors.services.accessanalyzer import PolicyCheck
from collectors.services.iam import Authorization, Group, Policy, Role, UserAccess
from roadmap.readings.analyzers import gap_in_unused_access, unused_permissions
from roadmap.readings.iam_roles import eligible
from roadmap.readings.loose_policies import Loose, loosely_written
from roadmap.registry import FindingKind, Fix, Flow, Item
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
    unknown,
)

Principal = UserAccess | Group | Role

# Kinds of AWS's findings and whether they are serious; what AWS comes to find is.
LIGHT = frozenset({"WARNING", "SUGGESTION"})


@dataclass(frozen=True)
class _Judged:
    """A policy that counts. ``resource`` is its ARN, of an inline policy that of its holder.
    ``check`` is None where its text was not looked at."""

    policy: Policy
    resource: str
    name: str
    reasons: Sequence[Loose]
    check: PolicyCheck | None

    @property
    def is_loose(self) -> bool:
        return bool(self.reasons)

    @property
    def is_known(self) -> bool:
        return self.is_loose or self.check is not None


def judge(subject: Subject) -> Verdict:
    known = subject.facts.get(iam.authorization)
    principals = _principals(subject, known)
    checks, missing = _checks(subject)
    judged = [
        _judged(policy, resource, name, checks.get(policy.digest) if policy.document else None)
        for policy, resource, name in _policies(subject, known, principals)
    ]
    broad = {p.arn: names for p in principals if (names := _broad(subject, p))}
    share = 100 * len(broad) / len(principals) if principals else 0
    is_unlooked = any(one.check is None or one.check.validations is None for one in judged)
    more: dict[str, Any] = {
        "facts": _facts(judged, principals, broad, missing),
        "incomplete": is_unlooked or gap_in_unused_access(subject) is not None,
        "problems": [
            *_of_policies(judged),
            *(_of_aws(p, broad[p.arn]) for p in principals if p.arn in broad),
            *_of_unused(subject, principals),
        ],
    }
    if not judged:
        sentence = "Nobody whose policies count has a policy of the account's own."
        return not_applicable(Reason.NO_RESOURCES, sentence, "no policy in scope", **more)
    return _verdict(subject, judged, share, missing, _sentence(judged, principals, broad), more)


def _verdict(
    subject: Subject,
    judged: Sequence[_Judged],
    share: float,
    missing: Missing | None,
    sentence: str,
    more: Mapping[str, Any],
) -> Verdict:
    """Policies that nobody looked at may be loose or not: where that matters, it is unknown."""
    good = sum(not one.is_loose and one.is_known for one in judged)
    unseen = sum(not one.is_known for one in judged)
    limits = (subject.settings["POLICY_PASS_PCT"], subject.settings["POLICY_PARTIAL_PCT"])
    worst, best = (ratio(count, len(judged), *limits) for count in (good, good + unseen))
    is_broad = share > subject.settings["AWS_MANAGED_MAX_PCT"]
    if is_broad:
        worst, best = (Status.PARTIAL if one == Status.PASS else one for one in (worst, best))
    if worst != best:
        reason = Reason.PARTIAL_COLLECTION if missing else Reason.UNDETERMINED
        why = f"{sentence} {number(unseen, 'policy', 'policies').capitalize()} could not be read."
        return unknown(reason, why, "policies not looked at decide", **more)
    if best == Status.PASS:
        return passed(sentence, "policies refined", **more)
    if best == Status.PARTIAL and is_broad and ratio(good, len(judged), *limits) == Status.PASS:
        return partly(sentence, "broad AWS managed policies", **more)
    if best == Status.PARTIAL:
        return partly(sentence, "some loose policies", **more)
    return failed(sentence, "many loose policies", **more)


def _principals(subject: Subject, known: Authorization) -> list[Principal]:
    exempt = subject.settings["BREAK_GLASS_USERS"]
    users = [
        user for user in known.users if user.arn not in exempt and not subject.is_excepted(user.arn)
    ]
    groups = [group for group in known.groups if not subject.is_excepted(group.arn)]
    return [*users, *groups, *eligible(subject, known.roles).roles]


def _policies(
    subject: Subject, known: Authorization, principals: Iterable[Principal]
) -> Iterator[tuple[Policy, str, str]]:
    """Each policy with the ARN to report it by and its name; one that several have comes once."""
    seen: set[str] = set()
    for principal in principals:
        for policy in principal.inline:
            yield policy, principal.arn, f"{policy.name} of {principal.name}"
        for arn in principal.attached:
            if arn in seen or iam.is_aws_managed(arn) or subject.is_excepted(arn):
                continue
            seen.add(arn)
            policy = known.by_arn.get(arn) or Policy(arn.rpartition("/")[2], arn)
            yield policy, arn, policy.name


def _checks(subject: Subject) -> tuple[Mapping[str, PolicyCheck], Missing | None]:
    try:
        return subject.facts.get(accessanalyzer.policy_checks).checks, None
    except Missing as missing:
        return {}, missing


def _judged(policy: Policy, resource: str, name: str, check: PolicyCheck | None) -> _Judged:
    reasons = loosely_written(policy.statements, check.unlimited if check else ())
    return _Judged(policy, resource, name, reasons, check)


def _broad(subject: Subject, principal: Principal) -> list[str]:
    """Names of AWS managed policies that not everybody may hold."""
    allowed = subject.settings["ALLOWED_AWS_MANAGED_POLICIES"]
    names = (arn.rpartition("/")[2] for arn in principal.attached if iam.is_aws_managed(arn))
    return [name for name in names if name not in allowed]


def _sentence(
    judged: Sequence[_Judged], principals: Sequence[Principal], broad: Mapping[str, Sequence[str]]
) -> str:
    loose = [one.name for one in judged if one.is_loose]
    total = number(len(judged), "policy", "policies")
    said = f"{len(loose)} of {total} loose: {listed(loose)}."
    if not loose:
        said = f"Of {total} none is known to be loose."
    if broad:
        holders = number(len(principals), "principal")
        said += f" {len(broad)} of {holders} with broad policies of AWS."
    return said


def _facts(
    judged: Sequence[_Judged],
    principals: Sequence[Principal],
    broad: Mapping[str, Sequence[str]],
    missing: Missing | None,
) -> dict[str, Any]:
    return {
        "policies": len(judged),
        "unread": [one.name for one in judged if not one.is_known],
        "principals": len(principals),
        "with_aws_managed": len(broad),
        "loose": [_kept(one) for one in judged if one.is_loose],
        "gap": missing.message if missing else "",
    }


def _kept(one: _Judged) -> dict[str, Any]:
    validations = (one.check.validations if one.check else None) or ()
    return {
        "policy": one.name,
        "arn": one.resource,
        "digest": one.policy.digest,
        "attachments": one.policy.attachments,
        "reasons": [{"statement": r.index, "code": r.code, "what": r.what} for r in one.reasons],
        "validator": {f"{v.kind} {v.code}": v.count for v in validations},
    }


def _of_policies(judged: Iterable[_Judged]) -> Iterator[Problem]:
    """One problem for each code and resource, however many policies and statements it is of."""
    found: dict[tuple[str, str], list[tuple[_Judged, str, Severity | None]]] = {}
    for one in judged:
        for reason in one.reasons:
            said = f"{one.policy.name}, statement {reason.index + 1}: {reason.what}"
            found.setdefault((reason.code, one.resource), []).append((one, said, reason.severity))
        for said, severity in _flaws(one):
            found.setdefault(("policy_finding", one.resource), []).append((one, said, severity))
    for (code, resource), all_said in found.items():
        names = dict.fromkeys(one.name for one, _, _ in all_said)
        severities = [severity for _, _, severity in all_said if severity is not None]
        detail = f"{listed(said for _, said, _ in all_said)}."
        worst = min(severities, key=list(Severity).index, default=None)
        yield Problem(code, resource, listed(names), detail=detail, severity=worst)


def _flaws(one: _Judged) -> Iterator[tuple[str, Severity]]:
    """What AWS and Parliament find in the text; a kind that nobody knows counts as serious."""
    if one.check is None:
        return
    for validation in one.check.validations or ():
        severity = Severity.INFO if validation.kind in LIGHT else Severity.MEDIUM
        yield f"{one.policy.name}: {validation.kind} {validation.code}", severity
    for issue in one.check.issues:
        severity = Severity.MEDIUM if issue.is_serious else Severity.INFO
        yield f"{one.policy.name}: {issue.code} by Parliament", severity


def _of_aws(principal: Principal, names: Sequence[str]) -> Problem:
    return Problem(
        "aws_managed_attached", principal.arn, principal.name, detail=f"{listed(names)}."
    )


def _of_unused(subject: Subject, principals: Iterable[Principal]) -> Iterator[Problem]:
    unused = unused_permissions(subject)
    for principal in principals:
        if principal.arn in unused:
            yield Problem("unused_permission", principal.arn, principal.name)


item = Item(
    __name__,
    order="8.3",
    title="IAM policies refined",
    guidance=(
        "A star in a policy is a decision somebody put off. Policies name actions and resources, "
        "and AWS's broad managed policies are the exception. Access Analyzer proposes a policy "
        "from what a principal really did."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(iam.authorization, accessanalyzer.policy_checks, accessanalyzer.unused_access),
    findings={
        "policy_star_action": FindingKind(
            "Policy allows every action of all or a service", Severity.HIGH
        ),
        "policy_star_resource": FindingKind(
            "Policy allows actions on every resource", Severity.MEDIUM
        ),
        "policy_not_action": FindingKind("Policy allows all but some actions", Severity.MEDIUM),
        "aws_managed_attached": FindingKind("Broad AWS managed policy attached", Severity.LOW),
        "policy_finding": FindingKind("Policy with an error or security warning", Severity.MEDIUM),
        "unused_permission": FindingKind("Permission not used", Severity.LOW),
    },
    imports={
        "prowler": (
            "iam_customer_attached_policy_no_administrative_privileges",
            "iam_aws_attached_policy_no_administrative_privileges",
            "iam_inline_policy_no_administrative_privileges",
            "iam_policy_allows_privilege_escalation",
            "iam_inline_policy_allows_privilege_escalation",
        ),
        "securityhub": ("IAM.1", "IAM.21"),
        "scoutsuite": (
            "iam-managed-policy-allows-full-privileges",
            "iam-managed-policy-allows-NotActions",
            "iam-inline-policy-allows-NotActions",
        ),
        "cloudmapper": ("IAM_NOTACTION_ALLOW", "IAM_CUSTOM_POLICY_ALLOWS_ADMIN", "IAM_LINTER"),
    },
    fix=Fix(
        "Generate policies from activity and go through the list of loose ones.",
        "IAM Access Analyzer policy generation",
    ),
    source_url="https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html",
)
