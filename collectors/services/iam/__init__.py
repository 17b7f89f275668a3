"""AWS Identity and Access Management: who may do what in an account."""

from collectors.services.iam.access_advisor import (
    ServiceReport,
    ServiceReports,
    service_reports,
)
from collectors.services.iam.authorization import (
    Authorization,
    Group,
    Policy,
    Role,
    UserAccess,
    authorization,
    is_aws_managed,
)
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
from collectors.services.iam.organization import (
    ROOT_CREDENTIALS,
    organizations_features,
)
from collectors.services.iam.security_roles import (
    Trust,
    ViewRole,
    ViewRoles,
    trusts_of,
    view_roles,
)
from collectors.services.iam.simulator import Simulated, Simulation, simulation
from collectors.services.iam.statements import Statement, statements_of

__all__ = [
    "ROOT_CREDENTIALS",
    "AccessKey",
    "AccountSummary",
    "Authorization",
    "Group",
    "Policy",
    "Role",
    "SamlProvider",
    "ServiceReport",
    "ServiceReports",
    "Simulated",
    "Simulation",
    "Statement",
    "Trust",
    "User",
    "UserAccess",
    "Users",
    "ViewRole",
    "ViewRoles",
    "account_summary",
    "authorization",
    "is_aws_managed",
    "organizations_features",
    "saml_providers",
    "service_reports",
    "simulation",
    "statements_of",
    "trusts_of",
    "users",
    "view_roles",
]
