"""AWS Organizations: its accounts and tree, its policies and what they come to in an account, and
who administers what; all seen from the management account."""

from collectors.services.organizations.administration import (
    DelegatedAdministrator,
    Invitation,
    Tags,
    delegated_administrators,
    invitations,
    service_access,
    tags,
)
from collectors.services.organizations.attachments import (
    AISERVICES_OPT_OUT_POLICY,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    Policies,
    Policy,
    attached_scps,
    policies,
)
from collectors.services.organizations.effective import (
    BACKUP_POLICY,
    DECLARATIVE_POLICY_EC2,
    GUARDDUTY_POLICY,
    S3_POLICY,
    TAG_POLICY,
    EffectivePolicies,
    EffectivePolicy,
    effective_policies,
)
from collectors.services.organizations.tree import (
    Account,
    Listing,
    Organization,
    OrganizationalUnit,
    Root,
    listing,
)

__all__ = [
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "GUARDDUTY_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "S3_POLICY",
    "SERVICE_CONTROL_POLICY",
    "TAG_POLICY",
    "Account",
    "DelegatedAdministrator",
    "EffectivePolicies",
    "EffectivePolicy",
    "Invitation",
    "Listing",
    "Organization",
    "OrganizationalUnit",
    "Policies",
    "Policy",
    "Root",
    "Tags",
    "attached_scps",
    "delegated_administrators",
    "effective_policies",
    "invitations",
    "listing",
    "policies",
    "service_access",
    "tags",
]
