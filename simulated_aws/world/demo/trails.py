"""CloudTrail: one organization trail into the log archive, and where it is broken or doubled."""

from __future__ import annotations

from typing import Any, Final

from simulated_aws.services import cloudtrail
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import LOG_ARCHIVE, MANAGEMENT, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

BUCKET: Final = "larkfield-org-cloudtrail-logs"
ORGANIZATION_TRAIL: Final = "larkfield-organization"
# Account -> the name of its own multi-region trail, and its bucket.
LOCAL: Final = {
    "payments-prod": ("payments-audit", "larkfield-payments-audit-logs"),
    "payments-dev": ("payments-dev-audit", "larkfield-payments-dev-audit-logs"),
}
# (account, region) where the organization trail cannot deliver.
BROKEN: Final = (("search-prod", "us-west-2"), ("payments-dev", "eu-central-1"))
# (account, region) that has never had anything to deliver.
IDLE: Final = (("network-hub", "us-west-2"),)

THEMES: Final = (
    Theme(
        "visibility.cloudtrail",
        Claim("pass", "the organization trail serves all regions, into the log archive"),
        {
            "search-prod": Claim("partial", "the organization trail cannot deliver in us-west-2"),
            "payments-dev": Claim("partial", "in eu-central-1 only a trail of its own delivers"),
            "payments-prod": Claim("pass", "besides, a trail of its own"),
            "network-hub": Claim("pass", "idle in us-west-2: nothing was ever delivered there"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
            "fernhill-shop": Claim(None, "all but eu-west-1, which cannot be reached"),
        },
    ),
)


def build(builder: Builder) -> None:
    builder.client("s3", LOG_ARCHIVE).create_bucket(Bucket=BUCKET)
    arn = _create_trail(
        builder,
        MANAGEMENT.id,
        Name=ORGANIZATION_TRAIL,
        S3BucketName=BUCKET,
        IsOrganizationTrail=True,
        EnableLogFileValidation=True,
    )
    for name, region in BROKEN:
        cloudtrail.STATUS_IN[arn, account_id(name), region] = {
            "LatestDeliveryError": "AccessDenied"
        }
    for name, region in IDLE:
        cloudtrail.STATUS_IN[arn, account_id(name), region] = {"LatestDeliveryTime": None}
    for name, (trail_name, bucket) in LOCAL.items():
        account = account_id(name)
        builder.client("s3", account).create_bucket(Bucket=bucket)
        _create_trail(builder, account, Name=trail_name, S3BucketName=bucket)


def _create_trail(builder: Builder, account: str, **details: Any) -> str:
    """A logging trail of all regions; the answer is its ARN."""
    client = builder.client("cloudtrail", account)
    created = client.create_trail(
        IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True, **details
    )
    client.start_logging(Name=created["Name"])
    arn: str = created["TrailARN"]
    return arn
