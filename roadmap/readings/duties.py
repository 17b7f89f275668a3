"""Whether those who administer production are kept apart from those who administer security.
Pure; the separation test of item 10.1 of the evidence rules.

An account takes part in three ways: its administrators by IAM Identity Center, roles that reach
from production into a security account, and roles by which a security account changes things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from collectors.guard import is_reading
from collectors.outcomes import Missing, Outcome
from collectors.services import iam, sso_admin
from collectors.services.iam import Authorization, Policy, Role, Statement, Trust
from roadmap.readings.federation import account_of
from roadmap.subject import Subject

PRODUCTION = "production"
ANYBODY = "*"
NARROWING = ("aws:principalaccount", "aws:principalarn")
REPORTS = "iam:Generate*"  # has AWS report what is there
# AWS managed policies that only read, besides those of SECURITY_ROLE_POLICIES.
READING_POLICIES = ("*ReadOnlyAccess", "*ReadOnly", "SecurityAudit", "ViewOnlyAccess")


@dataclass(frozen=True)
class Edge:
    """A role that somebody of another account may assume: its ARN, and whom it trusts, which is
    ``*`` for anybody."""

    role: str
    trusted: str


@dataclass
class Separation:
    """What breaks it: ``overlap`` are ARNs of groups and users, ``reaching`` roles of security
    accounts that production may assume, ``writing`` roles by which a security account may change
    something. ``missing`` is why part of it could not be told. Excepted resources are left out."""

    overlap: list[str] = field(default_factory=list)
    reaching: list[Edge] = field(default_factory=list)
    writing: list[Edge] = field(default_factory=list)
    missing: Missing | None = None

    @property
    def is_broken(self) -> bool:
        return bool(self.overlap or self.reaching or self.writing)


def is_configured(subject: Subject) -> bool:
    """Whether anybody has said which accounts are production and which are security's."""
    return bool(subject.settings["SECURITY_ACCOUNTS"]) and any(production(subject))


def separation(subject: Subject) -> Separation:
    found = Separation()
    for look in (_look_for_overlap, _look_for_reaching, _look_for_writing):
        try:
            look(subject, found)
        except Missing as missing:
            found.missing = found.missing or missing
    return found


def production(subject: Subject) -> Iterator[str]:
    """Ids of production accounts, that of the subject first."""
    row = subject.account
    if PRODUCTION in row.classes:
        yield row.account_id
    for account_id, other in subject.company.accounts.items():
        if PRODUCTION in other.classes and account_id != row.account_id:
            yield account_id


def _is_security(subject: Subject) -> bool:
    return subject.account.account_id in subject.settings["SECURITY_ACCOUNTS"]


def _look_for_overlap(subject: Subject, found: Separation) -> None:
    """Administrators of this account, which is one side, who are administrators of the other.
    Raises Missing, having noted those who are known."""
    own = subject.account.account_id
    is_production = PRODUCTION in subject.account.classes
    if not subject.account.organization_id or not (is_production or _is_security(subject)):
        return
    security = [name for name in subject.settings["SECURITY_ACCOUNTS"] if name != own]
    others = [*security] if is_production else []
    if _is_security(subject):
        others += [name for name in production(subject) if name != own and name not in security]
    mine = _administrators(subject, subject.facts.get(sso_admin.access))
    missing: Missing | None = None
    theirs: set[str] = set()
    for account_id in others:
        try:
            theirs |= _administrators(subject, _access(subject, account_id))
        except Missing as caught:
            missing = missing or caught
    found.overlap += [arn for arn in sorted(mine & theirs) if not subject.is_excepted(arn)]
    if missing is not None:
        raise missing


def _access(subject: Subject, account_id: str) -> sso_admin.Access:
    """Raises Missing."""
    seen = subject.company.access.get(account_id)
    if seen is None:
        message = f"Who has access to {account_id} was never collected."
        raise Missing(Outcome.NEVER_COLLECTED, message)
    return seen.get()


def _administrators(subject: Subject, access: sso_admin.Access) -> set[str]:
    """ARNs of groups and users."""
    names = subject.settings["ADMIN_POLICY_NAMES"]
    stem = f"arn:{subject.account.partition}:identitystore:::"
    return {
        f"{stem}{kind}/{principal}"
        for one in access.permission_sets
        if any(policy in names for policy in one.managed_policies)
        for kind, principals in (("group", one.groups), ("user", one.users))
        for principal in principals
    }


def _look_for_reaching(subject: Subject, found: Separation) -> None:
    """Administrator roles of security accounts that trust a production account: this one, or where
    this is a security account, any. Raises Missing, having noted those that are known."""
    own = subject.account.account_id
    security = list(subject.settings["SECURITY_ACCOUNTS"])
    if _is_security(subject):
        trusted = set(production(subject)) - set(security)
        looked_at = [own]
    elif PRODUCTION in subject.account.classes:
        trusted, looked_at = {own}, security
    else:
        return
    missing: Missing | None = None
    for account_id in looked_at:
        try:
            authorization = subject.facts.at(account_id).get(iam.authorization)
        except Missing as caught:
            missing = missing or caught
            continue
        for role in authorization.roles:
            if _is_administrator(subject, authorization, role):
                found.reaching += _edges(subject, role, trusted)
    if missing is not None:
        raise missing


def _look_for_writing(subject: Subject, found: Separation) -> None:
    """Roles of this account that a security account may change something with, but for those of
    automation, of AWS and Cairn's own. Raises Missing."""
    if _is_security(subject):
        return
    security = set(subject.settings["SECURITY_ACCOUNTS"])
    automation = subject.settings["AUTOMATION_ROLE_PATTERNS"]
    authorization = subject.facts.get(iam.authorization)
    for role in authorization.roles:
        is_expected = role.is_of_aws or role.arn in subject.company.collector_principals
        is_automation = any(fnmatchcase(role.arn, pattern) for pattern in automation)
        edges = [] if is_expected or is_automation else _edges(subject, role, security)
        if edges and any(_writes(subject, p) for p in authorization.policies_of(role)):
            found.writing += edges


def _edges(subject: Subject, role: Role, accounts: Iterable[str]) -> list[Edge]:
    if subject.is_excepted(role.arn):
        return []
    trusted = {
        name
        for trust in role.trusts
        for name in trust.principals
        if account_of(name) in accounts or (name == ANYBODY and _lets_in(subject, trust))
    }
    return [Edge(role.arn, name) for name in sorted(trusted)]


def _lets_in(subject: Subject, trust: Trust) -> bool:
    """Whether a trust in anybody is one in the company's accounts too. Of a condition only the key
    is known, so one that asks for an account or a principal is taken to name others."""
    own = subject.account.organization_id
    is_of_others = bool(trust.organizations) and own not in trust.organizations
    return not is_of_others and not any(trust.asks_for(key) for key in NARROWING)


def _is_administrator(subject: Subject, authorization: Authorization, role: Role) -> bool:
    names = subject.settings["ADMIN_POLICY_NAMES"]
    return any(
        policy.name in names or any(_allows_everything(one) for one in policy.statements)
        for policy in authorization.policies_of(role)
    )


def _allows_everything(statement: Statement) -> bool:
    return statement.is_allow and not statement.but_actions and "*" in statement.actions


def _writes(subject: Subject, policy: Policy) -> bool:
    """Whether a policy allows more than reading. One that cannot be read is taken to."""
    if policy.name in subject.settings["SECURITY_ROLE_POLICIES"]:
        return False
    if policy.is_aws_managed:
        # The name alone tells, for the text is not kept in full.
        return not any(fnmatchcase(policy.name, pattern) for pattern in READING_POLICIES)
    return not policy.document or any(
        one.is_allow and not _only_reads(one) for one in policy.statements
    )


def _only_reads(statement: Statement) -> bool:
    if statement.but_actions:
        return False
    return all(_reads(action) for action in statement.actions)


def _reads(action: str) -> bool:
    """Patterns are told by what stands before their first star."""
    return is_reading(action) or action == REPORTS


def kept(edges: Iterable[Edge]) -> list[Mapping[str, str]]:
    return [{"role": edge.role, "trusts": edge.trusted} for edge in edges]
