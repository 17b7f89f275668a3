"""AWS Identity and Access Management: who may do what in an account."""

from collectors.services.iam.security_roles import (
    Trust,
    ViewRole,
    ViewRoles,
    trusts_of,
    view_roles,
)

__all__ = [
    "Trust",
    "ViewRole",
    "ViewRoles",
    "trusts_of",
    "view_roles",
]
