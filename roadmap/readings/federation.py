"""The ways by which people come into an account from one identity provider. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from collectors.outcomes import Missing, Outcome
from collectors.services import iam, sso_admin
from roadmap.sentences import number
from roadmap.subject import AccountRow, Subject

# SAML providers that IAM Identity Center makes for itself in each account it leads into.
OF_IDENTITY_CENTER = "AWSSSO_"


@dataclass(frozen=True)
class Way:
    """``name`` says the way in as part of a sentence."""

    name: str


def identity_center(subject: Subject) -> Way | None:
    """By a permission set that somebody is assigned to. Raises Missing."""
    if not subject.account.organization_id:
        return None
    access = subject.facts.get(sso_admin.access)
    sets = [one for one in access.permission_sets if one.principals]
    if not access.instance or not sets:
        return None
    return Way(f"IAM Identity Center with {number(len(sets), 'permission set')}")


def saml(subject: Subject) -> Way | None:
    """By a SAML provider that is valid and that a role trusts. Raises Missing."""
    providers = [one for one in own_providers(subject) if not is_expired(subject, one)]
    if not providers:
        return None
    trusted = {
        principal
        for role in subject.facts.get(iam.authorization).roles
        for trust in role.trusts
        for principal in trust.principals
    }
    found = [one for one in providers if f"Federated:{one.arn}" in trusted]
    valid = [one.name for one in found if one.valid_until is not None]
    if found and not valid:
        message = f"AWS does not tell until when SAML provider {found[0].name} is valid."
        raise Missing(Outcome.API_ERROR, message)
    return Way(f"SAML provider {valid[0]}") if valid else None


def own_providers(subject: Subject) -> list[iam.SamlProvider]:
    """Raises Missing."""
    found = subject.facts.get(iam.saml_providers)
    return [one for one in found if not one.name.startswith(OF_IDENTITY_CENTER)]


def is_expired(subject: Subject, provider: iam.SamlProvider) -> bool:
    return provider.valid_until is not None and provider.valid_until <= subject.now


def trusting_roles(subject: Subject) -> Iterator[tuple[str, str]]:
    """Identity account → a role that trusts principals of it and nobody else. Raises Missing."""
    known = [a for a in subject.settings["IDENTITY_ACCOUNTS"] if a != subject.account.account_id]
    if not known:
        return
    for role in subject.facts.get(iam.authorization).roles:
        trusted = {account_of(name) for trust in role.trusts for name in trust.principals}
        if len(trusted) == 1 and trusted <= set(known):
            yield trusted.pop(), role.name


def account_of(principal: str) -> str:
    """The account an AWS principal belongs to; empty for services, federations and everybody."""
    if principal.isdigit():
        return principal
    parts = principal.split(":")
    is_arn = len(parts) > 5 and parts[0] == "arn"
    return parts[4] if is_arn and parts[4].isdigit() else ""


def seen_from(subject: Subject, account_id: str) -> Subject:
    """The subject as if it were another account, with nothing that people say of it."""
    row = subject.company.accounts.get(account_id) or AccountRow(
        account_id,
        subject.account.partition,
        organization_id=subject.account.organization_id,
        management_account_id=subject.account.management_account_id,
    )
    facts = subject.facts.at(account_id)
    return replace(subject, account=row, facts=facts, attestations=(), excepted={})
