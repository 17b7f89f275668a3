"""People reach the account through single sign-on, and no user has a console password.

Reads the permission sets that lead into the account and who is assigned to them
(sso:ListAccountAssignments), SAML providers and the roles that trust them
(iam:ListSAMLProviders, GetAccountAuthorizationDetails), and the credential report.

Identity Center's own SAML providers do not count beside it, nor do its instances that member
accounts make for themselves: those lead into no account. A role that trusts a SAML provider is
taken to trust it for sts:AssumeRoleWithSAML, the one way to assume a role by such a provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import iam, sso_admin
from roadmap.readings import federation
from roadmap.readings.answers import expired, not_attested
from roadmap.readings.iam_users import counted, users_of, without_telling
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import account_name, listed, number
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    not_applicable,
    partly,
    passed,
    unknown_for,
)

NO_WAY = "neither single sign-on nor a console user was found"


@dataclass(frozen=True)
class _People:
    """Users with a console password that count; ``missing`` is why there may be others."""

    users: Sequence[iam.User] = ()
    missing: Missing | None = None


@dataclass
class _Ways:
    """The federated ways in that were seen; ``missing`` is why others could not be looked for."""

    names: list[str] = field(default_factory=list)
    missing: Missing | None = None


def judge(subject: Subject) -> Verdict:
    people = _console_users(subject)
    ways = _ways(subject)
    problems = [*_of_people(people.users), *_of_providers(subject), *_of_instances(subject)]
    more: dict[str, Any] = {
        "facts": _facts(subject, people.users, ways),
        "incomplete": bool(people.missing or ways.missing),
    }
    if not people.users and people.missing is not None:
        return unknown_for(people.missing, rule="console users unknown", problems=problems, **more)
    if not ways.names and ways.missing is not None:
        return unknown_for(ways.missing, rule="ways in unknown", problems=problems, **more)
    if ways.names and not people.users:
        sentence = f"People come in by {listed(ways.names)}, and no user has a console password."
        return passed(sentence, "federated, no console user", problems=problems, **more)
    if ways.names:
        sentence = f"People come in by {listed(ways.names)}, but {_signing_in(people.users)}."
        return partly(sentence, "federated, console users left", problems=problems, **more)
    if people.users:
        problems.append(Problem("no_federation"))
        sentence = f"No single sign-on leads into the account, and {_signing_in(people.users)}."
        return failed(sentence, "console users, not federated", problems=problems, **more)
    return _nobody(subject, problems=problems, **more)


def _nobody(subject: Subject, **more: Any) -> Verdict:
    """Neither way nor console user: a person has to say that nobody works in the account."""
    said = subject.attested()
    if said is None or said.claim != "done":
        return not_attested(f"that no people work in the account, but {NO_WAY}", **more)
    if not said.holds(subject.now):
        return expired(said, **more)
    sentence = f"Nobody works in the account, says {said.author or 'somebody'}, and {NO_WAY}."
    return not_applicable(
        Reason.NO_RESOURCES, sentence, "no human access", source=Source.ATTESTED, **more
    )


def _console_users(subject: Subject) -> _People:
    try:
        found = users_of(subject)
    except Missing as missing:
        return _People(missing=missing)
    users = counted(subject, found.users)
    signing_in = [user for user in users if user.has_password]
    return _People(signing_in, without_telling(found, users))


def _ways(subject: Subject, leads_to: frozenset[str] = frozenset()) -> _Ways:
    """``leads_to`` are the accounts on the way from here to the one that is judged."""
    ways = _Ways()
    known = leads_to | {subject.account.account_id}
    looks = (
        federation.identity_center,
        federation.saml,
        partial(_identity_account, known=known),
    )
    for look in looks:
        try:
            way = look(subject)
        except Missing as missing:
            if missing.outcome != Outcome.SERVICE_UNAVAILABLE:
                ways.missing = ways.missing or missing
            continue
        if way is not None:
            ways.names.append(way.name)
    return ways


def _identity_account(subject: Subject, known: frozenset[str]) -> federation.Way | None:
    """By a role for the users of an account that itself has single sign-on and no console users.
    Raises Missing."""
    missing: Missing | None = None
    for account_id, role in federation.trusting_roles(subject):
        if account_id in known:
            continue
        try:
            if _passes(federation.seen_from(subject, account_id), known):
                whose = account_name(subject, account_id)
                return federation.Way(f"role {role} for {whose}")
        except Missing as caught:
            missing = caught
    if missing is not None:
        raise missing
    return None


def _passes(subject: Subject, leads_to: frozenset[str]) -> bool:
    """Raises Missing."""
    people = _console_users(subject)
    if people.users:
        return False
    if people.missing is not None:
        raise people.missing
    ways = _ways(subject, leads_to)
    if not ways.names and ways.missing is not None:
        raise ways.missing
    return bool(ways.names)


def _signing_in(people: Sequence[iam.User]) -> str:
    verb = "signs in" if len(people) == 1 else "sign in"
    names = listed(user.name for user in people)
    return f"{number(len(people), 'user')} {verb} with a console password: {names}"


def _of_people(people: Sequence[iam.User]) -> Iterator[Problem]:
    for user in people:
        severity = Severity.MEDIUM if user.has_mfa else None
        detail = "With MFA." if user.has_mfa else "Without MFA."
        yield Problem("console_user", user.arn, user.name, detail=detail, severity=severity)


def _of_providers(subject: Subject) -> Iterator[Problem]:
    for provider in _seen_providers(subject):
        if federation.is_expired(subject, provider):
            detail = f"Its metadata was valid until {provider.valid_until:%Y-%m-%d}."
            yield Problem("saml_expired", provider.arn, provider.name, detail=detail)


def _of_instances(subject: Subject) -> Iterator[Problem]:
    access = _seen_access(subject)
    for arn in access.own_instances if access else ():
        yield Problem("account_identity_center_instance", arn)


def _seen_providers(subject: Subject) -> Sequence[iam.SamlProvider]:
    try:
        return federation.own_providers(subject)
    except Missing:
        return ()


def _seen_access(subject: Subject) -> sso_admin.Access | None:
    """None where it was not seen; ``_ways`` has said so."""
    if not subject.account.organization_id:
        return None
    try:
        return subject.facts.get(sso_admin.access)
    except Missing:
        return None


def _facts(subject: Subject, people: Sequence[iam.User], ways: _Ways) -> dict[str, Any]:
    access = _seen_access(subject)
    return {
        "ways": ways.names,
        "instance": access.instance if access else None,
        "permission_sets": [
            {"name": one.name, "arn": one.arn, "groups": one.groups, "users": one.users}
            for one in (access.permission_sets if access else ())
        ],
        "saml_providers": [
            {"arn": one.arn, "valid_until": one.valid_until} for one in _seen_providers(subject)
        ],
        "console_users": [
            {
                "name": user.name,
                "mfa": user.has_mfa,
                "last_used_on": f"{user.password_last_used_at:%Y-%m-%d}"
                if user.password_last_used_at
                else None,
            }
            for user in people
        ],
    }


item = Item(
    __name__,
    order="5.1",
    title="People sign in through single sign-on",
    guidance=(
        "Who leaves the company should lose every account on the same day. That works when people"
        " come in through one identity provider, by IAM Identity Center or SAML, and no console "
        "password of an IAM user is left beside it."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(sso_admin.access, iam.users, iam.saml_providers, iam.authorization),
    findings={
        "console_user": FindingKind("User with console password", Severity.HIGH),
        "no_federation": FindingKind("No federated way in", Severity.HIGH),
        "saml_expired": FindingKind("SAML provider expired", Severity.HIGH),
        "account_identity_center_instance": FindingKind(
            "Identity Center instance of a member account", Severity.INFO
        ),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Does nobody sign in to this account?",
        ),
    ),
    imports={
        "prowler": (
            "iam_check_saml_providers_sts",
            "iam_user_mfa_enabled_console_access",
            "iam_user_console_access_unused",
        ),
        "securityhub": ("IAM.5",),
        "scoutsuite": ("iam-user-without-mfa",),
        "cloudmapper": ("USER_WITH_PASSWORD_LOGIN_BUT_NO_MFA",),
    },
    fix=Fix(
        "Assign permission sets to groups, then remove console passwords.",
        "What is IAM Identity Center?",
    ),
    source_url="https://docs.aws.amazon.com/singlesignon/latest/userguide/what-is.html",
)
