"""Buckets, and Block Public Access of accounts and buckets in every combination that matters."""

from __future__ import annotations

from typing import Final

from simulated_aws.services.s3control import FLAGS
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import ACTIVE, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

ALL_FLAGS: Final = tuple(FLAGS)
# Blocked by the organization's S3 policy on their unit, with nothing set in the account.
BY_ORGANIZATION: Final = ("payments-prod", "ledger-prod", "fraud-prod")
# Account -> the flags that are on; an empty tuple: nothing was ever set.
FLAGS_OF: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(BY_ORGANIZATION, ()),
    "storefront-cdn": ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"),
    "analytics-prod": ("BlockPublicAcls", "IgnorePublicAcls"),
    "data-dev": (),
    "sandbox-platform": (),
    "fernhill-shop": (),
    "fernhill-legacy": (),
}
# Account -> its buckets as (name, region, does it block public access itself?)
BUCKETS: Final = {
    "management": (("larkfield-finance-exports", "us-east-1", True),
                   ("cf-templates-larkfield-us-east-1", "us-east-1", True)),
    "log-archive": (("larkfield-config-logs", "us-east-1", True),),
    "backup-vault": (("larkfield-database-dumps", "eu-central-1", True),),
    "storefront-prod": (("larkfield-storefront-assets", "eu-west-1", True),
                        ("larkfield-storefront-orders", "eu-west-1", True)),
    "storefront-cdn": (("larkfield-product-images", "eu-west-1", False),
                       ("larkfield-cdn-logs", "eu-west-1", True)),
    "search-prod": (("larkfield-search-index", "eu-west-1", True),),
    "payments-prod": (("larkfield-settlements", "eu-central-1", True),),
    "ledger-prod": (("larkfield-ledger-archive", "eu-south-2", True),),
    "data-lake-prod": (("larkfield-lake-raw", "eu-west-1", True),
                       ("larkfield-lake-curated", "eu-west-1", True)),
    "analytics-prod": (("larkfield-analytics-reports", "us-east-1", False),),
    "ml-prod": (("larkfield-model-registry", "us-west-2", True),),
    "data-dev": (("larkfield-dev-samples", "us-east-1", True),
                 ("larkfield-dev-notebooks", "us-east-1", True)),
    "sandbox-platform": (("larkfield-sandbox-scratch", "us-east-1", False),),
    "fernhill-shop": (("fernhill-shop-website", "us-east-1", False),
                      ("fernhill-shop-uploads", "us-east-1", True)),
    "fernhill-legacy": (("fernhill-legacy-archive", "us-east-1", False),),
}  # fmt: skip

THEMES: Final = (
    Theme(
        "visibility.s3_block_public",
        Claim("pass", "all four account flags are on"),
        {
            **dict.fromkeys(BY_ORGANIZATION, Claim("pass", "on by the organization's S3 policy")),
            "storefront-cdn": Claim(
                "partial",
                "allowed to be public, but a bucket lacks its own block: pass with an exception",
            ),
            "analytics-prod": Claim("partial", "two of four flags"),
            "data-dev": Claim("partial", "no flag, but both buckets block for themselves"),
            "sandbox-platform": Claim("fail", "no flag, and a bucket without its own block"),
            "fernhill-shop": Claim("fail", "no flag, and one of two buckets without its own block"),
            "fernhill-legacy": Claim("unknown", "there is no role to ask with"),
            "tracking-prod": Claim("unknown", "there is no role to ask with"),
        },
    ),
)
SETTINGS: Final = {"S3_PUBLIC_ACCOUNTS": [account_id("storefront-cdn")]}


def build(builder: Builder) -> None:
    for account in ACTIVE:
        flags = FLAGS_OF.get(account.name, ALL_FLAGS)
        if flags:
            builder.client("s3control", account.id).put_public_access_block(
                AccountId=account.id,
                PublicAccessBlockConfiguration={flag: flag in flags for flag in ALL_FLAGS},
            )
    for name, buckets in BUCKETS.items():
        for bucket, region, blocks_itself in buckets:
            client = builder.client("s3", account_id(name), region)
            where = {"LocationConstraint": region}
            client.create_bucket(
                Bucket=bucket,
                **({} if region == HOME_REGION else {"CreateBucketConfiguration": where}),
            )
            if not blocks_itself:
                client.delete_public_access_block(Bucket=bucket)
