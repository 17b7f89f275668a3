"""The account spreadsheet's tables."""

from inventory.models.accounts import (
    Account,
    AccountClass,
    AccountState,
    Contact,
    ContactRole,
    DatedValue,
)
from inventory.models.campaigns import Campaign
from inventory.models.changes import ChangeSet, Origin, RowChange, State
from inventory.models.columns import CustomColumn
from inventory.models.organizations import Organization, OrganizationalUnit
from inventory.models.ownership import HandOver
from inventory.models.payers import Payer, RootMailList, Sighting
from inventory.models.people import Person, Team, TeamMembership
from inventory.models.policy import PolicySetting
from inventory.models.uploads import Upload
from inventory.models.users import Role, User

__all__ = [
    "Account",
    "AccountClass",
    "AccountState",
    "Campaign",
    "ChangeSet",
    "Contact",
    "ContactRole",
    "CustomColumn",
    "DatedValue",
    "HandOver",
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
    "Upload",
    "User",
]
