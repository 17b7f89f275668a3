"""The organization an account belongs to, and its place in the tree.

moto keeps an organization with its management account and lets no other account see it; AWS
shows it to members as well, and all of it to delegated administrators.
"""

from __future__ import annotations

from typing import Any

from moto.organizations.models import (
    FakeAccount,
    OrganizationsBackend,
    organizations_backends,
)

from simulated_aws.errors import AwsError


def organization_of(account: str) -> OrganizationsBackend | None:
    """The organization of which account is the management account or a member, if any."""
    owner = organizations_backends.master_accounts.get(account)
    if owner:
        return organizations_backends[owner[0]][owner[1]]
    if account not in organizations_backends:
        return None
    backend = organizations_backends[account]["aws"]
    return backend if backend.org else None


def member(account: str) -> FakeAccount | None:
    organization = organization_of(account)
    if organization is None:
        return None
    return next((a for a in organization.accounts if a.id == account), None)


def seen_by(account: str, *, reading: bool = True) -> OrganizationsBackend:
    """The organization, for a caller who may look at it; only its management account may change it.

    Other members are refused, accounts outside of any organization told that they are.
    """
    organization = organization_of(account)
    if organization is None:
        raise AwsError(
            "AWSOrganizationsNotInUseException", "Your account is not a member of an organization."
        )
    delegated = any(admin.account.id == account for admin in organization.admins)
    if organization.account_id == account or (reading and delegated):
        return organization
    raise AwsError(
        "AccessDeniedException", "You don't have permissions to access this resource.", 400
    )


def chain_to(organization: OrganizationsBackend, target: str) -> list[Any]:
    """Root, organizational units and the target itself, in that order; empty when unknown."""
    every: list[Any] = [*organization.accounts, *organization.ou]
    entities = {entity.id: entity for entity in every}
    chain: list[Any] = []
    entity = entities.get(target)
    while entity is not None:
        chain.insert(0, entity)
        entity = entities.get(str(entity.parent_id))
    return chain


def is_delegated(account: str, service_principal: str) -> bool:
    organization = organization_of(account)
    return organization is not None and any(
        admin.account.id == account and service_principal in admin.services
        for admin in organization.admins
    )
