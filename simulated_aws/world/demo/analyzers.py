"""IAM Access Analyzer: for the organization in all regions but one, and two accounts' own."""

from __future__ import annotations

from typing import Final

from simulated_aws.services.accessanalyzer import ACTIVE_FINDINGS, ANALYZERS
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import OPT_IN_REGION, SECURITY, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

ORGANIZATION_ANALYZER: Final = "larkfield-external-access"
# region -> public and cross-account findings.
FINDINGS: Final = {"us-east-1": (2, 7), "eu-west-1": (0, 3)}
ACCOUNTS_OWN: Final = (("payments-prod", OPT_IN_REGION), ("fernhill-shop", "us-east-1"))
INACTIVE: Final = ("fernhill-shop", "us-east-1")

_MISSING: Final = Claim("partial", f"no analyzer in {OPT_IN_REGION}, which it has enabled")
THEMES: Final = (
    Theme(
        "visibility.access_analyzer",
        Claim("pass", "security-tooling analyzes the organization in all its regions"),
        {
            "management": _MISSING,
            "security-tooling": _MISSING,
            "ledger-prod": _MISSING,
            "data-lake-prod": _MISSING,
            "payments-prod": Claim("partial", f"in {OPT_IN_REGION} only an analyzer of its own"),
            "fernhill-shop": Claim("pass", "besides, a disabled analyzer of its own (finding)"),
        },
    ),
)


def build(builder: Builder) -> None:
    for region in company.ORGANIZATION_REGIONS:
        created = builder.client("accessanalyzer", SECURITY, region).create_analyzer(
            analyzerName=ORGANIZATION_ANALYZER, type="ORGANIZATION"
        )
        ACTIVE_FINDINGS[created["arn"]] = FINDINGS.get(region, (0, 0))
    builder.client("accessanalyzer", SECURITY).create_analyzer(
        analyzerName="larkfield-unused-access",
        type="ORGANIZATION_UNUSED_ACCESS",
        configuration={"unusedAccess": {"unusedAccessAge": 90}},
    )
    for name, region in ACCOUNTS_OWN:
        builder.client("accessanalyzer", account_id(name), region).create_analyzer(
            analyzerName="account-external-access", type="ACCOUNT"
        )
    name, region = INACTIVE
    analyzer = ANALYZERS[account_id(name), region]["account-external-access"]
    analyzer["status"] = "DISABLED"
    analyzer["statusReason"] = {"code": "AWS_SERVICE_ACCESS_DISABLED"}
