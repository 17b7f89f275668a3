"""Security Hub: long on everywhere, on in part, too new, incomplete, or off; and what it found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from simulated_aws.backdating import backdate
from simulated_aws.services.securityhub import FAILED, STANDARDS, SUPPRESSED
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
# (account, region, control, kind of resource, resource, does somebody call it all right?)
URGENT: Final = (
    (
        "warehouse-prod",
        "eu-central-1",
        "EC2.19",
        "AwsEc2SecurityGroup",
        "arn:aws:ec2:eu-central-1:505050505050:security-group/sg-0a1b2c3d",
        False,
    ),
    (
        "storefront-prod",
        "eu-west-1",
        "S3.2",
        "AwsS3Bucket",
        "arn:aws:s3:::larkfield-storefront-assets",
        True,
    ),
)
OLD_DAYS: Final = 220
NEW_DAYS: Final = 2

THEMES: Final = (
    Theme(
        "visibility.initial_scan",
        Claim("partial", "Security Hub is off, but nothing urgent is seen without it"),
        {
            **dict.fromkeys(COMPLETE, Claim("pass", "standards READY in all regions for months")),
            "warehouse-prod": Claim("partial", "a security group opens SSH to everybody"),
            "storefront-prod": Claim(
                "partial", "a public bucket, muted there but without exception"
            ),
            ONE_REGION: Claim("partial", "standards READY in us-east-1 only"),
            TOO_NEW: Claim("partial", "Security Hub is on for two days only"),
            INCOMPLETE: Claim("partial", "a standard is INCOMPLETE in every region"),
            "corporate-it": Claim("fail", "Security Hub is off, and a file server is exposed"),
            "sandbox-platform": Claim("fail", "Security Hub is off, and a bucket is public"),
            "fernhill-shop": Claim("fail", "Security Hub is off, and one region is not seen"),
            **dict.fromkeys(
                ("tracking-prod", "fernhill-legacy"),
                Claim("unknown", "there is no role to ask with"),
            ),
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
    for name, region, control, kind, resource, is_accepted in URGENT:
        account = BY_NAME[name].id
        FAILED.setdefault((account, region), []).append((control, kind, resource))
        if is_accepted:
            SUPPRESSED.add((account, control))


def _enable(
    builder: Builder, account: company.Account, regions: tuple[str, ...], days: int
) -> None:
    since = datetime.now(UTC) - timedelta(days=days)
    for region in regions:
        builder.client("securityhub", account.id, region).enable_security_hub()
        backdate(account.id, "security_hub", {"enabled_at": since.isoformat()}, name=region)
