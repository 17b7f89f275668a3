"""Security Hub: long on everywhere, on in part, too new, incomplete, or off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from simulated_aws.backdating import backdate
from simulated_aws.services.securityhub import STANDARDS
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo import company
from simulated_aws.world.demo.company import BY_NAME
from simulated_aws.world.demo.expectations import Claim, Theme

COMPLETE: Final = (
    "security-tooling", "log-archive", "network-hub", "storefront-prod", "payments-prod",
    "ledger-prod", "warehouse-prod",
)  # fmt: skip
ONE_REGION: Final = "storefront-dev"
TOO_NEW: Final = "data-lake-prod"
INCOMPLETE: Final = "search-prod"
OLD_DAYS: Final = 220
NEW_DAYS: Final = 2

THEMES: Final = (
    Theme(
        "visibility.initial_scan",
        Claim(None, "Security Hub is off: decided by imports and the exposure collectors"),
        {
            **dict.fromkeys(COMPLETE, Claim("pass", "standards READY in all regions for months")),
            ONE_REGION: Claim("partial", "standards READY in us-east-1 only"),
            TOO_NEW: Claim(None, "Security Hub is on for two days only"),
            INCOMPLETE: Claim(None, "a standard is INCOMPLETE in every region"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name in COMPLETE:
        _enable(builder, BY_NAME[name], BY_NAME[name].regions, OLD_DAYS)
    _enable(builder, BY_NAME[ONE_REGION], ("us-east-1",), OLD_DAYS)
    _enable(builder, BY_NAME[TOO_NEW], BY_NAME[TOO_NEW].regions, NEW_DAYS)
    incomplete = BY_NAME[INCOMPLETE]
    _enable(builder, incomplete, incomplete.regions, OLD_DAYS)
    for region in incomplete.regions:
        for subscription in STANDARDS[incomplete.id, region]:
            subscription["StandardsStatus"] = "INCOMPLETE"
            subscription["StandardsStatusReason"] = {
                "StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER"
            }


def _enable(
    builder: Builder, account: company.Account, regions: tuple[str, ...], days: int
) -> None:
    since = datetime.now(UTC) - timedelta(days=days)
    for region in regions:
        builder.client("securityhub", account.id, region).enable_security_hub()
        backdate(account.id, "security_hub", {"enabled_at": since.isoformat()}, name=region)
