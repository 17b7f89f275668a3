"""The registry of sheets and their columns.

One declaration of a column drives the grid, forms, filters, import mapping, export, API and
history. A sheet is a table of rows that change sets write: accounts, and the rows accounts point
to. Cells of a foreign key hold the natural key of the row they point to (a team's name, a person's
address), never a database id, so that history and exports read by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import models

from inventory.kinds import (
    AccountId,
    Date,
    Email,
    JsonValue,
    Kind,
    OneOf,
    SetOf,
    Text,
    Timestamp,
)
from inventory.models import (
    Account,
    AccountClass,
    AccountState,
    ContactRole,
    CustomColumn,
    Organization,
    OrganizationalUnit,
    Payer,
    Person,
    PolicySetting,
    Role,
    RootMailList,
    Team,
)


class Authority(StrEnum):
    SHEET = "sheet"  # people decide
    AWS = "aws"  # observed
    DERIVED = "derived"  # Cairn computes or records it


@dataclass(frozen=True)
class Field:
    """A cell kept in a column of the row's own table; ``lookup`` names the sheet it points to."""

    path: str = ""
    lookup: str = ""


@dataclass(frozen=True)
class ContactOf:
    """A cell kept as the person in a contact role of the account."""

    role: ContactRole


@dataclass(frozen=True)
class Members:
    """A cell kept as a set of people: ``people`` names the many-to-many field."""

    people: str


@dataclass(frozen=True)
class Custom:
    """A cell kept under its name in ``Account.custom``."""


Storage = Field | ContactOf | Members | Custom

SECURITY_ONLY = frozenset({Role.SECURITY, Role.ADMIN})
OWNERS = SECURITY_ONLY | {Role.OWNER}
FINANCE = SECURITY_ONLY | {Role.FINANCE}
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Column:
    """``observed`` names the column that holds AWS's value of the same thing (drift)."""

    name: str
    label: str
    kind: Kind = field(default_factory=Text)
    stored: Storage = field(default_factory=Field)
    help: str = ""
    authority: Authority = Authority.SHEET
    editors: frozenset[Role] = SECURITY_ONLY
    aliases: tuple[str, ...] = ()
    observed: str = ""
    dated: bool = False
    default: bool = False  # shown in the grid until a person chooses columns

    @property
    def path(self) -> str:
        """The lookup that reads the cell with ``values_list``; only for Field storage."""
        assert isinstance(self.stored, Field)
        return self.stored.path or self.name

    @property
    def lookup(self) -> str:
        """The sheet that the cell names a row of, or an empty text."""
        if isinstance(self.stored, ContactOf | Members):
            return "person"
        return self.stored.lookup if isinstance(self.stored, Field) else ""


@dataclass(frozen=True)
class Sheet:
    """``key`` are the columns that name a row; joined by ":" they are its key."""

    name: str
    label: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def key_of(self, values: Mapping[str, object]) -> str:
        return ":".join(str(values[name]) for name in self.key)

    def key_values(self, key: str) -> dict[str, str]:
        """The cells that a key spells; the last one takes any further colons."""
        return dict(zip(self.key, key.split(":", len(self.key) - 1), strict=True))


def contact(role: ContactRole, label: str, *aliases: str, default: bool = False) -> Column:
    return Column(
        role.value if role in (ContactRole.OWNER, ContactRole.DEPUTY) else f"{role.value}_contact",
        label,
        Email(),
        ContactOf(role),
        editors=OWNERS,
        aliases=aliases,
        dated=role == ContactRole.OWNER,
        default=default,
    )


def aws(name: str, label: str, kind: Kind, stored: Storage, **more: object) -> Column:
    return Column(name, label, kind, stored, authority=Authority.AWS, editors=NOBODY, **more)  # type: ignore[arg-type]  # passed through


PEOPLE = Sheet(
    "person",
    "People",
    Person,
    ("email",),
    (
        Column("email", "E-mail", Email()),
        Column("name", "Name", editors=OWNERS),
        Column("title", "Title", editors=OWNERS),
        Column("phone", "Phone", Text(32), editors=OWNERS),
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

ACCOUNTS = Sheet(
    "account",
    "Accounts",
    Account,
    ("partition", "account_id"),
    (
        Column(
            "partition",
            "Partition",
            OneOf(("aws", "aws-us-gov", "aws-cn")),
            aliases=("aws partition",),
        ),
        Column(
            "account_id",
            "Account id",
            AccountId(),
            help="The 12 digits of the AWS account.",
            aliases=(
                "id",
                "account",
                "account number",
                "account no",
                "acct",
                "acct id",
                "acct number",
                "aws account",
                "aws account id",
                "aws account number",
                "aws acct",
                "uid",
                "linked account id",
                "usage account id",
                "subaccountid",
                "accountid",
            ),
            default=True,
        ),
        Column(
            "name",
            "Name",
            observed="observed_name",
            aliases=("account name", "alias", "account alias", "aws account name", "acct name"),
            editors=OWNERS,
            default=True,
        ),
        Column(
            "email",
            "Root e-mail",
            Email(),
            observed="observed_email",
            help="The address of the root user.",
            aliases=(
                "root email",
                "root e-mail",
                "root mail",
                "root user email",
                "account email",
                "email",
                "e-mail",
                "root address",
                "aws email",
            ),
        ),
        Column(
            "team",
            "Team",
            Text(200),
            Field("team__name", "team"),
            aliases=(
                "owner team",
                "owning team",
                "business unit",
                "biz unit",
                "bu",
                "squad",
                "department",
                "tribe",
            ),
            dated=True,
            default=True,
        ),
        contact(
            ContactRole.OWNER,
            "Owner",
            "owner email",
            "account owner",
            "acct owner",
            "acct owner email",
            "owner e-mail",
            "account owner email",
            "responsible",
            "primary contact",
            "technical owner",
            "contact",
            default=True,
        ),
        contact(
            ContactRole.DEPUTY,
            "Deputy",
            "deputy email",
            "deputy owner",
            "backup owner",
            "secondary owner",
            "secondary contact",
            "delegate",
        ),
        contact(
            ContactRole.SECURITY,
            "Security contact",
            "security email",
            "security contact email",
            "security",
        ),
        contact(
            ContactRole.OPERATIONS,
            "Operations contact",
            "operations email",
            "ops contact",
            "operations contact email",
            "ops email",
        ),
        contact(
            ContactRole.BILLING,
            "Billing contact",
            "billing email",
            "billing contact email",
            "finance contact",
            "business contact",
        ),
        Column(
            "environment",
            "Environment",
            Text(40),
            aliases=("env", "stage", "account environment", "environment type", "sdlc"),
            default=True,
        ),
        Column(
            "classes",
            "Classes",
            SetOf(OneOf(tuple(AccountClass.values))),
            help="What the account is for; rules read this.",
            aliases=("class", "account class", "account type", "type"),
        ),
        Column(
            "organization",
            "Organization",
            Text(34),
            Field("organization__organization_id", "organization"),
            observed="observed_organization",
            help="The AWS organization id the account should be in.",
            aliases=("organization id", "org id", "org", "aws organization"),
        ),
        Column(
            "payer",
            "Payer",
            AccountId(),
            Field("payer__account_id", "payer"),
            observed="observed_payer",
            help="The account id that should pay.",
            editors=FINANCE,
            aliases=(
                "payer account",
                "payer id",
                "payer account id",
                "billing account",
                "paying account",
                "master account",
                "billed to",
            ),
            dated=True,
        ),
        Column(
            "root_mail_list",
            "Root mail list",
            Email(),
            Field("root_mail_list__address", "root_mail_list"),
            help="The distribution list that gets the root user's mail.",
            aliases=("root list", "root mailing list", "distribution list", "root dl", "mail list"),
        ),
        Column(
            "cost_center",
            "Cost centre",
            Text(100),
            editors=FINANCE,
            aliases=("cost center", "cost code", "cc", "costcentre", "costcenter"),
        ),
        Column(
            "notes",
            "Notes",
            Text(10_000),
            editors=OWNERS,
            aliases=("note", "comment", "comments", "remarks", "description"),
        ),
        Column(
            "closed_on",
            "Closed on",
            Date(),
            help="The day a person confirmed that the account is closed or given away.",
            aliases=("closed", "closure date", "date closed"),
        ),
        Column(
            "confirmed_at",
            "Confirmed",
            Timestamp(),
            authority=Authority.DERIVED,
            editors=NOBODY,
            help="When the owner last confirmed the account.",
        ),
        Column(
            "confirmed_by",
            "Confirmed by",
            Email(),
            Field("confirmed_by__email", "person"),
            authority=Authority.DERIVED,
            editors=NOBODY,
        ),
        Column(
            "registered_at",
            "In the sheet since",
            Timestamp(),
            authority=Authority.DERIVED,
            editors=NOBODY,
        ),
        Column(
            "kept_drift",
            "Kept differences",
            JsonValue({}),
            authority=Authority.DERIVED,
            editors=NOBODY,
        ),
        aws(
            "state",
            "State",
            OneOf(tuple(AccountState.values)),
            Field(),
            dated=True,
            default=True,
            help="What AWS Organizations says of the account.",
        ),
        aws("ou", "OU", Text(68), Field("ou__ou_id", "ou"), dated=True),
        aws("observed_name", "Name in AWS", Text(), Field()),
        aws("observed_email", "Root e-mail in AWS", Text(254), Field()),
        aws(
            "observed_organization",
            "Organization in AWS",
            Text(34),
            Field("observed_organization__organization_id", "organization"),
        ),
        aws("observed_payer", "Payer in AWS", AccountId(), Field()),
        aws("joined_method", "Joined by", Text(16), Field()),
        aws("joined_at", "Joined", Timestamp(), Field()),
        aws("tags", "Tags", JsonValue({}), Field()),
    ),
)

# In the order in which a change set writes them: what is pointed to comes first.
SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        PEOPLE,
        PAYERS,
        ROOT_MAIL_LISTS,
        TEAMS,
        ORGANIZATIONS,
        OUS,
        CUSTOM_COLUMNS,
        SETTINGS,
        ACCOUNTS,
    )
}

# Rows of these are made when a cell first names them; the others must exist.
MADE_ON_DEMAND = frozenset({"person", "payer", "root_mail_list", "team"})


def custom_column(name: str, label: str, help_text: str = "") -> Column:
    return Column(name, label, Text(2000), Custom(), help=help_text, editors=OWNERS)


def custom_columns() -> list[Column]:
    """The company's own columns of the account sheet. One query."""
    return [custom_column(row.name, row.label, row.help) for row in CustomColumn.objects.all()]


def columns_of(sheet: Sheet) -> Sequence[Column]:
    """Declared and custom columns of a sheet; one query for the account sheet."""
    return [*sheet.columns, *custom_columns()] if sheet is ACCOUNTS else sheet.columns
