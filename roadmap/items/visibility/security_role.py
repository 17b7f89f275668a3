"""Security can look into the account: a view role exists, trusts nobody else and reads everything.

Reads iam:GetRole, ListAttachedRolePolicies and ListRolePolicies of the roles named in
SECURITY_ROLE_NAMES, and for how long AWS has refused Cairn's own role.

Policies count by name, attached or inline, so that a customer's copy of SecurityAudit does too. A
role that nobody may assume is no view role: it counts as partial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import iam
from roadmap.readings.federation import account_of
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict, failed, partly, passed

# Each of these alone lets security see everything.
ENOUGH = frozenset({"ReadOnlyAccess", "AdministratorAccess"})
# Conditions that tell one caller of a trusted account from another.
NARROWING = frozenset(
    {"sts:externalid", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"}
)


def judge(subject: Subject) -> Verdict:
    observation = subject.facts.observation(iam.view_roles)
    if observation.outcome == Outcome.ASSUME_ROLE_DENIED:
        return _refused(subject, observation.message)
    seen = observation.get()
    names = list(subject.settings["SECURITY_ROLE_NAMES"])
    roles = [_Role(subject, role) for role in seen.found if role.name in names]
    facts = {"asked": names, "roles": [role.kept for role in roles]}
    if not roles:
        _require_asked(names, seen.asked)
        return failed(
            f"No role is named {listed(names)}.",
            "no such role",
            facts=facts,
            problems=[Problem("role_missing", detail=f"Looked for {listed(names)}.")],
        )
    best = min(roles, key=lambda role: len(role.gaps))
    if best.gaps:
        _require_asked(names, seen.asked)
    problems = [problem for role in roles for problem in role.problems(role is best)]
    if best.gaps:
        sentence = f"Role {best.role.name} {' and '.join(best.gaps)}."
        return partly(sentence, "role with gaps", facts=facts, problems=problems)
    trusted = listed(sorted(best.principals))
    return passed(
        f"Role {best.role.name} sees what it needs and trusts only {trusted}.",
        "role complete",
        facts=facts,
        problems=problems,
    )


def _refused(subject: Subject, message: str) -> Verdict:
    """Raises Missing while it is too early to tell an outage from a role that is not there."""
    since = subject.assume_role_refused_since
    days = subject.settings["SECURITY_ROLE_FAIL_AFTER_DAYS"]
    too_early = since is None or subject.now - since < timedelta(days=days)
    if too_early or subject.account.state != "ACTIVE":
        raise Missing(Outcome.ASSUME_ROLE_DENIED, message)
    since_text = f"{since:%Y-%m-%d}"
    return failed(
        f"AWS has refused the view role on every try since {since_text}.",
        "refused too long",
        facts={"refused_since": since_text},
        problems=[Problem("role_missing", detail=f"Refused since {since_text}.")],
    )


def _require_asked(names: Sequence[str], asked: Sequence[str]) -> None:
    """Raises Missing if the setting names a role that the collection did not look for."""
    unasked = [name for name in names if name not in asked]
    if unasked or not names:
        what = listed(unasked) or "A role of SECURITY_ROLE_NAMES"
        raise Missing(Outcome.NEVER_COLLECTED, f"{what} was not looked for yet.")


@dataclass(frozen=True)
class _Role:
    subject: Subject
    role: iam.ViewRole

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "arn": self.role.arn,
            "trust_policy": self.role.trust_policy,
            "policies": list(self.role.policies),
        }

    @property
    def principals(self) -> set[str]:
        return {name for trust in self.role.trusts for name in trust.principals}

    @property
    def strangers(self) -> list[str]:
        """Trusted principals that are neither security's nor Cairn's own."""
        own = set(self.subject.company.collector_principals)
        accounts = self.subject.settings["SECURITY_ACCOUNTS"]
        return sorted(
            name for name in self.principals if name not in own and account_of(name) not in accounts
        )

    @property
    def missing_policies(self) -> list[str]:
        if ENOUGH & set(self.role.policies):
            return []
        wanted = self.subject.settings["SECURITY_ROLE_POLICIES"]
        return [name for name in wanted if name not in self.role.policies]

    @property
    def gaps(self) -> list[str]:
        gaps = []
        if not self.principals:
            gaps.append("trusts nobody")
        if self.strangers:
            gaps.append(f"also trusts {listed(self.strangers)}")
        if self.missing_policies:
            gaps.append(f"lacks {listed(self.missing_policies)}")
        return gaps

    def problems(self, is_best: bool) -> Iterator[Problem]:
        """A second role need not hold the policies, but must not let strangers in either."""
        arn, name = self.role.arn, self.role.name
        if self.strangers:
            detail = f"Trusts {listed(self.strangers)}."
            yield Problem("role_trust_wide", arn, name, detail=detail)
        if self.missing_policies and is_best:
            detail = f"Lacks {listed(self.missing_policies)}."
            yield Problem("role_policy_missing", arn, name, detail=detail)
        if any(_is_unconditioned(trust) for trust in self.role.trusts):
            yield Problem("role_trust_unconditioned", arn, name)


def _is_unconditioned(trust: iam.Trust) -> bool:
    """Whether a whole account is trusted without a condition on who in it, or from where."""
    whole = [p for p in trust.principals if p.isdigit() or p.endswith(":root") or p == "*"]
    narrowed = any(
        key in NARROWING and "not" not in operator and not operator.endswith("ifexists")
        for operator, key in trust.conditions
    )
    return bool(whole) and not narrowed


item = Item(
    __name__,
    order="3.2",
    title="Security view role in every account",
    guidance=(
        "On the day something happens, security must be able to look into any account without "
        "asking for access first. A role with the same name everywhere does that: it reads, "
        "changes nothing, and only the security account and Cairn may assume it. StackSets leave "
        "out the management account, so create it there by hand."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(iam.view_roles,),
    findings={
        "role_missing": FindingKind("View role missing", Severity.HIGH),
        "role_trust_wide": FindingKind("View role trusts outsiders", Severity.HIGH),
        "role_policy_missing": FindingKind("View role lacks a policy", Severity.MEDIUM),
        "role_trust_unconditioned": FindingKind(
            "View role trusts a whole account without condition", Severity.LOW
        ),
    },
    imports={"prowler": ("iam_securityaudit_role_created",)},
    fix=Fix(
        "Roll the role out with a stack set that new accounts get automatically.",
        "IAM tutorial: Delegate access across AWS accounts using IAM roles",
    ),
    source_url=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html"
    ),
)
