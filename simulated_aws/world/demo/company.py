"""Larkfield, an invented company: its organization, accounts, teams and people.

Account ids are patterns that stand out as made up; two of them start with zeros, because real
ones do and spreadsheets lose them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DOMAIN: Final = "example.com"
ACQUIRED_DOMAIN: Final = "example.org"
FOREIGN_DOMAIN: Final = "example.net"

# Enabled by default everywhere; the last region only where an account opted in to it.
OPT_IN_REGION: Final = "eu-south-2"
ORGANIZATION_REGIONS: Final = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")

# Team -> who answers for its accounts.
TEAMS: Final[Mapping[str, str]] = {
    "Platform": "mara.lindqvist",
    "Security": "tomas.herrera",
    "Storefront": "aiko.tanaka",
    "Payments": "lena.okafor",
    "Data": "priya.raman",
    "Logistics": "joao.almeida",
    "Corporate IT": "jana.novak",
    "Fernhill": "owen.pryce",
}


@dataclass(frozen=True)
class Account:
    """ou is the path below the root. owner_tags: whether Organizations tags name owner and team.

    email is the root user's; state and joined are what ListAccounts says.
    """

    name: str
    id: str
    ou: str
    team: str
    joined: str
    email: str = ""
    owner_tags: bool = True
    invited: bool = False
    state: str = "ACTIVE"
    regions: tuple[str, ...] = ORGANIZATION_REGIONS

    @property
    def root_email(self) -> str:
        return self.email or f"aws+{self.name}@{DOMAIN}"

    @property
    def is_active(self) -> bool:
        return self.state == "ACTIVE"


WITH_OPT_IN: Final = (*ORGANIZATION_REGIONS, OPT_IN_REGION)
_STOREFRONT: Final = "Workloads/Production/Storefront"
_PAYMENTS: Final = "Workloads/Production/Payments"
_DATA: Final = "Workloads/Production/Data"
_DEVELOPMENT: Final = "Workloads/Non-production/Development"
_STAGING: Final = "Workloads/Non-production/Staging"

MANAGEMENT: Final = Account(
    "management", "111122223333", "", "Platform", "2019-02-11", regions=WITH_OPT_IN
)

# fmt: off
ACCOUNTS: Final = (
    MANAGEMENT,
    Account("security-tooling", "222233334444", "Security", "Security", "2020-05-04",
            regions=WITH_OPT_IN),
    Account("log-archive", "333344445555", "Security", "Security", "2020-05-04"),
    Account("network-hub", "444455556666", "Infrastructure", "Platform", "2020-06-15"),
    Account("shared-services", "555566667777", "Infrastructure", "Platform", "2020-06-15"),
    Account("backup-vault", "666677778888", "Infrastructure", "Platform", "2022-01-17"),
    Account("storefront-prod", "101010101010", _STOREFRONT, "Storefront", "2019-03-01"),
    Account("storefront-cdn", "010203040506", _STOREFRONT, "Storefront", "2021-08-23"),
    Account("search-prod", "202020202020", _STOREFRONT, "Storefront", "2021-02-08"),
    Account("payments-prod", "303030303030", _PAYMENTS, "Payments", "2019-04-29",
            regions=WITH_OPT_IN),
    Account("ledger-prod", "003344556677", _PAYMENTS, "Payments", "2020-09-14",
            regions=WITH_OPT_IN),
    Account("fraud-prod", "313131313131", _PAYMENTS, "Payments", "2026-07-06"),
    Account("data-lake-prod", "404040404040", _DATA, "Data", "2020-11-30", regions=WITH_OPT_IN),
    Account("analytics-prod", "414141414141", _DATA, "Data", "2021-04-12"),
    Account("ml-prod", "424242424242", _DATA, "Data", "2023-10-02"),
    Account("warehouse-prod", "505050505050", "Workloads/Production", "Logistics", "2020-02-24"),
    Account("tracking-prod", "515151515151", "Workloads/Production", "Logistics", "2021-06-21"),
    Account("storefront-dev", "121212121212", _DEVELOPMENT, "Storefront", "2019-03-01"),
    Account("payments-dev", "323232323232", _DEVELOPMENT, "Payments", "2019-04-29",
            "AWS+Payments-Staging@Example.com"),
    Account("data-dev", "434343434343", _DEVELOPMENT, "Data", "2020-11-30"),
    Account("logistics-dev", "525252525252", _DEVELOPMENT, "Logistics", "2020-02-24"),
    Account("storefront-staging", "131313131313", _STAGING, "Storefront", "2021-08-23"),
    Account("payments-staging", "343434343434", _STAGING, "Payments", "2021-09-06"),
    Account("sandbox-platform", "000123456789", "Sandbox", "Platform", "2022-03-14",
            owner_tags=False),
    Account("sandbox-ml", "454545454545", "Sandbox", "Data", "2025-11-10",
            owner_tags=False),
    Account("corporate-it", "606060606060", "Corporate", "Corporate IT", "2019-07-15",
            f"jana.novak@{DOMAIN}"),
    Account("fernhill-shop", "707070707070", "Acquired", "Fernhill", "2024-05-27",
            f"hosting@{FOREIGN_DOMAIN}", owner_tags=False, invited=True),
    Account("fernhill-legacy", "717171717171", "Acquired", "Fernhill", "2024-05-27",
            f"root@{ACQUIRED_DOMAIN}", owner_tags=False, invited=True),
    Account("old-intranet", "808080808080", "Suspended", "Corporate IT", "2019-07-15",
            owner_tags=False, state="SUSPENDED"),
    Account("promo-site", "818181818181", "Suspended", "Storefront", "2022-10-03",
            owner_tags=False, state="PENDING_CLOSURE"),
)
# fmt: on

# Spreadsheet rows that are in no AWS organization: one is invited, of the other nothing is known.
INVITED: Final = ("fernhill-analytics", "727272727272")
UNKNOWN_TO_AWS: Final = ("partner-portal", "919191919191")
# Billed to the organization, in neither the spreadsheet nor the organization.
BILLED_STRANGER: Final = ("cloud-import-2018", "929292929292")
# Trusted by a role, but none of the company's: a vendor.
VENDOR: Final = ("cost-vendor", "999988887777")
# In AWS, and missing from the spreadsheet.
NOT_IN_SPREADSHEET: Final = ("fraud-prod", "sandbox-ml", "fernhill-legacy")

# What people of the company have said its accounts are, in Cairn's words.
CLASSES: Final = {
    "payments-prod": ("production",),
    "ledger-prod": ("production",),
    "storefront-prod": ("production",),
    "security-tooling": ("security",),
    "log-archive": ("log_archive",),
}

BY_NAME: Final = {account.name: account for account in ACCOUNTS}
ACTIVE: Final = tuple(account for account in ACCOUNTS if account.is_active)


def account_id(name: str) -> str:
    return BY_NAME[name].id


SECURITY: Final = account_id("security-tooling")
LOG_ARCHIVE: Final = account_id("log-archive")
