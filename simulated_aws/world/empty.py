"""An organization of one: a management account, the collector and its roles. For tests to fill."""

from __future__ import annotations

from typing import Any, Final

from moto.organizations.models import organizations_backends

from simulated_aws.world import principals
from simulated_aws.world.builder import Builder

MANAGEMENT: Final = "111122223333"
EMAIL: Final = "aws+management@example.com"


def build(builder: Builder) -> dict[str, Any]:
    create_organization(builder, MANAGEMENT, "management", EMAIL)
    collector = principals.Keys(MANAGEMENT, principals.COLLECTOR)
    principals.create_collector(builder, collector)
    arn = collector.described()["Arn"]
    principals.create_management_role(builder, MANAGEMENT, arn)
    principals.create_contacts_role(builder, MANAGEMENT, arn)
    principals.create_member_role(builder, MANAGEMENT, principals.trust(arn))
    return described("empty", MANAGEMENT, collector)


def create_organization(builder: Builder, management: str, name: str, email: str) -> str:
    """An organization with all features, and the operator; the answer is its root's id."""
    organizations = builder.client("organizations", management)
    with builder.identifier(management):
        organizations.create_organization(FeatureSet="ALL")
    backend = organizations_backends[management]["aws"]
    account = backend.accounts[0]
    account.name, account.email = name, email
    if backend.org is None:
        raise LookupError("moto has not created the organization.")
    backend.org.master_account_email = email
    # moto gives the management account the role that only created members have.
    builder.client("iam", management).delete_role(RoleName="OrganizationAccountAccessRole")
    operator = principals.Keys(management, principals.OPERATOR)
    principals.create_user(builder, operator, principals.policy("*"))
    root: str = backend.org.root_id
    return root


def described(world: str, management: str, collector: principals.Keys) -> dict[str, Any]:
    organization = organizations_backends[management]["aws"].org
    return {
        "world": world,
        "organization_id": organization.id if organization else None,
        "management_account": management,
        "management_role_arn": f"arn:aws:iam::{management}:role/{principals.MANAGEMENT_ROLE}",
        "contacts_role_arn": f"arn:aws:iam::{management}:role/{principals.CONTACTS_ROLE}",
        "member_role_name": principals.MEMBER_ROLE,
        "external_id": principals.EXTERNAL_ID,
        "collector": collector.described(),
        "operator": principals.Keys(management, principals.OPERATOR).described(),
    }
