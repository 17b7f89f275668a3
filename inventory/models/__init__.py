"""The account spreadsheet's tables."""

from inventory.models.accounts import (
    Account,
    AccountClass,
    AccountState,
    Contact,
    ContactRole,
    DatedValue,
)
from inventory.models.audit import AuditEntry, Via
from inventory.models.campaigns import Campaign
from inventory.models.changes import ChangeSet, Origin, RowChange, State
from inventory.models.columns import CustomColumn
from inventory.models.organizations import Organization, OrganizationalUnit
from inventory.models.outbox import BouncingAddress, Message, Unsubscription
from inventory.models.ownership import HandOver
from inventory.models.payers import Payer, RootMailList, Sighting
from inventory.models.people import Person, Team, TeamMembership
from inventory.models.policy import PolicySetting
from inventory.models.sign_ins import (
    GroupMapping,
    GroupMappingChange,
    ProviderMembership,
    SignIn,
)
from inventory.models.uploads import Upload
from inventory.models.users import Role, User
from inventory.models.webhooks import Delivery, Webhook

__all__ = [
    "Account",
    "AccountClass",
    "AccountState",
    "AuditEntry",
    "BouncingAddress",
    "Campaign",
    "ChangeSet",
    "Contact",
    "ContactRole",
    "CustomColumn",
    "DatedValue",
    "Delivery",
    "GroupMapping",
    "GroupMappingChange",
    "HandOver",
    "Message",
    "Organization",
    "OrganizationalUnit",
    "Origin",
    "Payer",
    "Person",
    "PolicySetting",
    "ProviderMembership",
    "Role",
    "RootMailList",
    "RowChange",
    "Sighting",
    "SignIn",
    "State",
    "Team",
    "TeamMembership",
    "Unsubscription",
    "Upload",
    "User",
    "Via",
    "Webhook",
]
