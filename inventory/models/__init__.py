"""The account spreadsheet's tables."""

from inventory.models.accounts import (
    Account,
    AccountClass,
    AccountState,
    Contact,
    ContactRole,
    DatedValue,
)
from inventory.models.changes import ChangeSet, Origin, RowChange, State
from inventory.models.columns import CustomColumn
from inventory.models.organizations import Organization, OrganizationalUnit
from inventory.models.outbox import BouncingAddress, Message, Unsubscription
from inventory.models.ownership import HandOver
from inventory.models.payers import Payer, RootMailList, Sighting
from inventory.models.people import Person, Team, TeamMembership
from inventory.models.policy import PolicySetting
from inventory.models.uploads import Upload
from inventory.models.users import Role, User
from inventory.models.webhooks import Delivery, Webhook

__all__ = [
    "Account",
    "AccountClass",
    "AccountState",
    "BouncingAddress",
    "ChangeSet",
    "Contact",
    "ContactRole",
    "CustomColumn",
    "DatedValue",
    "Delivery",
    "HandOver",
    "Message",
    "Organization",
    "OrganizationalUnit",
    "Origin",
    "Payer",
    "Person",
    "PolicySetting",
    "Role",
    "RootMailList",
    "RowChange",
    "Sighting",
    "State",
    "Team",
    "TeamMembership",
    "Unsubscription",
    "Upload",
    "User",
    "Webhook",
]
