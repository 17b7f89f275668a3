"""AWS Identity and Access Management: who may do what in an account."""

from collectors.services.iam.credentials import (
    AccessKey,
    AccountSummary,
    SamlProvider,
    User,
    Users,
    account_summary,
    saml_providers,
    users,
)
from collectors.services.iam.security_roles import (
    Trust,
    ViewRole,
    ViewRoles,
    trusts_of,
    view_roles,
)

__all__ = [
    "AccessKey",
    "AccountSummary",
    "SamlProvider",
    "Trust",
    "User",
    "Users",
    "ViewRole",
    "ViewRoles",
    "account_summary",
    "saml_providers",
    "trusts_of",
    "users",
    "view_roles",
]
