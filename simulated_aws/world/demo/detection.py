"""GuardDuty, run from the security account in every region but for its gaps; and some Macie."""

from __future__ import annotations

from typing import Final

from moto.guardduty.models import guardduty_backends

from simulated_aws.services import guardduty
from simulated_aws.services.guardduty import MEMBERSHIPS, Membership
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import ACTIVE, MANAGEMENT, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

NO_DETECTOR_AT_ALL: Final = "corporate-it"
NO_DETECTOR: Final = {("fernhill-shop", "us-west-2")}
DISABLED: Final = {("warehouse-prod", "eu-central-1")}
NO_ADMINISTRATOR: Final = ("data-dev", "fernhill-legacy")
RUN_BY_MANAGEMENT: Final = "sandbox-ml"
# (account, region) -> relationship status, where it is not Enabled.
RELATIONSHIPS: Final = {("warehouse-prod", "eu-central-1"): "Disabled"}
WITHOUT_S3_EVENTS: Final = "storefront-dev"
AUTO_ENABLE: Final = {"us-west-2": "NONE"}

# Account -> regions where Macie has a session, and whether the session is paused.
MACIE: Final = {
    "data-lake-prod": (("us-east-1", "eu-west-1"), False),
    "payments-prod": (("us-east-1",), False),
    "analytics-prod": (("us-east-1",), True),
}

THEMES: Final = (
    Theme(
        "visibility.guardduty",
        Claim("pass", "on in all regions, run from security-tooling"),
        {
            "corporate-it": Claim("fail", "no detector anywhere"),
            "fernhill-shop": Claim("partial", "no detector in us-west-2"),
            "warehouse-prod": Claim("partial", "suspended in eu-central-1"),
            "data-dev": Claim("partial", "on, but without an administrator"),
            "sandbox-ml": Claim("partial", "the administrator is the management account"),
            "storefront-dev": Claim("pass", "S3 protection is off (finding)"),
            "tracking-prod": Claim("pass", "no role, but the administrator shows it Enabled"),
            "fernhill-legacy": Claim("unknown", "no role, and unknown to the administrator"),
        },
    ),
)

REMARKS: Final = {
    name: f"Macie is {'paused' if is_paused else 'on'} in {', '.join(regions)}"
    for name, (regions, is_paused) in MACIE.items()
}


def build(builder: Builder) -> None:
    for region in company.WITH_OPT_IN:
        builder.client("guardduty", MANAGEMENT.id, region).enable_organization_admin_account(
            AdminAccountId=SECURITY
        )
        guardduty.AUTO_ENABLE[SECURITY, region] = AUTO_ENABLE.get(region, "ALL")
    for account in ACTIVE:
        if account.name != NO_DETECTOR_AT_ALL:
            for region in account.regions:
                _enable(account, region)
    _enable_macie(builder)


def _enable(account: company.Account, region: str) -> None:
    where = (account.name, region)
    if where in NO_DETECTOR:
        return
    off = [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]
    guardduty_backends[account.id][region].create_detector(
        enable=where not in DISABLED,
        finding_publishing_frequency="SIX_HOURS",
        data_sources={},
        tags={},
        features=off if account.name == WITHOUT_S3_EVENTS else [],
    )
    if account.id != SECURITY and account.name not in NO_ADMINISTRATOR:
        runs_it = MANAGEMENT.id if account.name == RUN_BY_MANAGEMENT else SECURITY
        status = RELATIONSHIPS.get(where, "Enabled")
        MEMBERSHIPS[account.id, region] = Membership(runs_it, status)


def _enable_macie(builder: Builder) -> None:
    for region in company.ORGANIZATION_REGIONS:
        builder.client("macie2", MANAGEMENT.id, region).enable_organization_admin_account(
            adminAccountId=SECURITY
        )
    for name, (regions, is_paused) in MACIE.items():
        for region in regions:
            builder.client("macie2", account_id(name), region).enable_macie(
                status="PAUSED" if is_paused else "ENABLED"
            )
