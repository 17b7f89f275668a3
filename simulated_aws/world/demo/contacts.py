"""Alternate contacts and the accounts' own addresses."""

from __future__ import annotations

from typing import Final

from simulated_aws.services import account as account_service
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import ACCOUNTS, DOMAIN, FOREIGN_DOMAIN
from simulated_aws.world.demo.expectations import Claim, Theme

PHONE: Final = "+1 202 555 0100"
USUAL: Final = {
    "SECURITY": f"security@{DOMAIN}",
    "BILLING": f"finance@{DOMAIN}",
    "OPERATIONS": f"operations@{DOMAIN}",
}
# Account -> contacts that differ; None: there is none of that type.
DIFFERING: Final[dict[str, dict[str, str | None]]] = {
    "analytics-prod": {"SECURITY": None},
    "corporate-it": {"SECURITY": None, "OPERATIONS": None},
    "storefront-dev": {"BILLING": None},
    "sandbox-ml": dict.fromkeys(USUAL),
    "fernhill-legacy": dict.fromkeys(USUAL),
    "fernhill-shop": {"SECURITY": f"soc@{FOREIGN_DOMAIN}", "BILLING": None},
    "old-intranet": dict.fromkeys(USUAL),
}
UNREADABLE: Final = "tracking-prod"

THEMES: Final = (
    Theme(
        "inventory.contacts",
        Claim("pass", "all three contacts, in the company's domain"),
        {
            "analytics-prod": Claim("partial", "no security contact"),
            "corporate-it": Claim("partial", "no security and no operations contact"),
            "storefront-dev": Claim(None, "no billing contact; the security contact is there"),
            "fernhill-shop": Claim("partial", "foreign security contact"),
            "sandbox-ml": Claim("fail", "not in the spreadsheet: no owner team, no contacts"),
            "fernhill-legacy": Claim("fail", "not in the spreadsheet: no owner team, no contacts"),
            "fraud-prod": Claim(
                None, "not in the spreadsheet; Organizations tags name owner and team"
            ),
            "old-intranet": Claim("partial", "SUSPENDED, without contacts"),
            UNREADABLE: Claim("unknown", "contacts may not be read, and there is no role"),
        },
        judged_when_closed=True,
    ),
)


def build(builder: Builder) -> None:
    for account in ACCOUNTS:
        client = builder.client("account", account.id)
        for kind, email in (USUAL | DIFFERING.get(account.name, {})).items():
            if email is not None:
                client.put_alternate_contact(
                    AlternateContactType=kind,
                    EmailAddress=email,
                    Name=f"Larkfield {kind.lower()}",
                    Title=kind.capitalize(),
                    PhoneNumber=PHONE,
                )
        account_service.CONTACT_INFORMATION[account.id] = {
            "FullName": company.TEAMS[account.team].replace(".", " ").title(),
            "CompanyName": "Larkfield",
            "AddressLine1": "1 Example Street",
            "City": "Exampleton",
            "PostalCode": "00000",
            "CountryCode": "US",
            "PhoneNumber": PHONE,
        }
