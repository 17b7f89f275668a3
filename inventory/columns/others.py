"""The sheets that account cells point to, the company's own columns, and its settings."""

from __future__ import annotations

from inventory.columns.declaring import (
    FINANCE,
    NOBODY,
    OWNERS,
    Authority,
    Column,
    Field,
    Members,
    Sheet,
    aws,
)
from inventory.kinds import AccountId, Date, Email, JsonValue, OneOf, Phone, SetOf, Text, Timestamp
from inventory.models import (
    CustomColumn,
    Organization,
    OrganizationalUnit,
    Payer,
    Person,
    PolicySetting,
    RootMailList,
    Team,
)

PEOPLE = Sheet(
    "person",
    "People",
    Person,
    ("email",),
    (
        Column("email", "E-mail", Email()),
        Column("name", "Name", editors=OWNERS),
        Column("title", "Title", editors=OWNERS),
        Column(
            "phone",
            "Phone",
            Phone(),
            help="With + and the country code, such as +49 30 123456; kept as +4930123456.",
            editors=OWNERS,
        ),
        Column("left_on", "Left on", Date()),
    ),
)

PAYERS = Sheet(
    "payer",
    "Payers",
    Payer,
    ("account_id",),
    (
        Column("account_id", "Payer account", AccountId()),
        Column("name", "Name", editors=FINANCE),
        Column("legal_entity", "Legal entity", editors=FINANCE),
        Column("cost_center", "Cost centre", Text(100), editors=FINANCE),
        Column("currency", "Currency", Text(3), editors=FINANCE),
        Column(
            "finance_contact",
            "Finance contact",
            Email(),
            Field("finance_contact__email", "person"),
            editors=FINANCE,
        ),
    ),
)

ROOT_MAIL_LISTS = Sheet(
    "root_mail_list",
    "Root mail lists",
    RootMailList,
    ("address",),
    (
        Column("address", "Address", Email()),
        Column("name", "Name"),
        Column("recipients", "Recipients", SetOf(Email()), Members("recipients")),
    ),
)

TEAMS = Sheet(
    "team",
    "Teams",
    Team,
    ("name",),
    (
        Column("name", "Name"),
        Column("slug", "Slug", authority=Authority.DERIVED, editors=NOBODY),
        Column("email", "E-mail", Email()),
        Column("lead", "Lead", Email(), Field("lead__email", "person")),
        Column("description", "Description", Text(2000)),
        Column("members", "Members", SetOf(Email()), Members("members")),
    ),
)

ORGANIZATIONS = Sheet(
    "organization",
    "Organizations",
    Organization,
    ("organization_id",),
    (
        Column("organization_id", "Organization id", Text(34)),
        Column("name", "Name"),
        aws("partition", "Partition", Text(16), Field()),
        aws("management_account_id", "Management account", AccountId(), Field()),
        aws("feature_set", "Feature set", Text(32), Field()),
        aws("listed_at", "Listed", Timestamp(), Field()),
    ),
)

OUS = Sheet(
    "ou",
    "Organizational units",
    OrganizationalUnit,
    ("ou_id",),
    (
        aws("ou_id", "OU id", Text(68), Field()),
        aws(
            "organization",
            "Organization",
            Text(34),
            Field("organization__organization_id", "organization"),
        ),
        aws("ancestors", "Ancestors", JsonValue([]), Field()),
        aws("name", "Name", Text(128), Field()),
        aws("path", "Path", Text(1024), Field()),
        aws("gone_at", "Gone since", Timestamp(), Field()),
    ),
)

CUSTOM_COLUMNS = Sheet(
    "custom_column",
    "Custom columns",
    CustomColumn,
    ("name",),
    (
        Column("name", "Name", Text(60)),
        Column("label", "Label", Text(100)),
        Column("help", "Help", Text(300)),
    ),
)

SETTINGS = Sheet(
    "setting",
    "Settings",
    PolicySetting,
    ("level", "name", "target"),
    (
        Column("name", "Name", Text(64)),
        Column("level", "Level", OneOf(tuple(PolicySetting.Level.values))),
        Column("target", "Target", Text(80)),
        Column("value", "Value", JsonValue(None)),
    ),
)
