"""Tags: everything tagged, all but every fifth resource, nothing; and mostly nobody can tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from simulated_aws.services.config_queries import COUNTS
from simulated_aws.services.resource_explorer_2 import INDEXES
from simulated_aws.services.resourcegroupstaggingapi import NON_COMPLIANT, taggable
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import BY_NAME, MANAGEMENT, Account, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

TYPES: Final = (
    "ec2:instance", "ec2:volume", "ec2:vpc", "s3:bucket", "rds:db", "lambda:function",
    "dynamodb:table",
)  # fmt: skip
# Account with an index of Resource Explorer -> how many of its resources come to one without tags.
TAGGED_BUT_ONE_IN: Final = {"shared-services": 0, "ledger-prod": 0, "storefront-prod": 5}
UNTAGGED: Final = ("warehouse-prod", "search-prod")
# Without an index, but counted by the organization's aggregator.
COUNTED: Final = {"payments-prod": {"AWS::EC2::VPC": 5, "AWS::S3::Bucket": 1}}
ENFORCED: Final = "search-prod"
TAG_POLICY: Final = {
    "tags": {
        "environment": {
            "tag_key": {"@@assign": "environment"},
            "tag_value": {"@@assign": ["production", "staging", "development"]},
            "enforced_for": {"@@assign": ["ec2:instance"]},
            "report_required_tag_for": {"@@assign": ["ec2:instance"]},
        }
    }
}

SETTINGS: Final = {
    "REQUIRED_TAGS": {"owner": [], "environment": ["production", "staging", "development"]},
    "TAG_RESOURCE_TYPES": list(TYPES),
}
THEMES: Final = (
    Theme(
        "ownership.tagging",
        Claim("unknown", "Resource Explorer is off: nobody can list what has no tags"),
        {
            "shared-services": Claim("pass", "everything says whose it is"),
            "ledger-prod": Claim("pass", "everything says whose it is"),
            "storefront-prod": Claim("partial", "every fifth resource has no owner"),
            "search-prod": Claim("partial", "nothing is tagged, but the tag policy is enforced"),
            "warehouse-prod": Claim("fail", "nothing is tagged"),
            "payments-prod": Claim("fail", "nothing is tagged of what AWS Config counts"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name in (*TAGGED_BUT_ONE_IN, *UNTAGGED):
        account = BY_NAME[name]
        INDEXES[account.id] = dict.fromkeys(account.regions, "LOCAL")
        INDEXES[account.id][HOME_REGION] = "AGGREGATOR"
    for name, one_in in TAGGED_BUT_ONE_IN.items():
        _tag(builder, BY_NAME[name], one_in)
    client = builder.client("organizations", MANAGEMENT.id)
    policy = client.create_policy(
        Name="Tags", Description="", Type="TAG_POLICY", Content=json.dumps(TAG_POLICY)
    )["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId=account_id(ENFORCED))
    COUNTS.update({account_id(name): counts for name, counts in COUNTED.items()})
    NON_COMPLIANT[account_id(ENFORCED)] = (3, "2026-11-22T03:00:00Z")


def _tag(builder: Builder, account: Account, one_in: int) -> None:
    tags = {"owner": account.team, "environment": "production"}
    for at, (region, arn) in enumerate(list(_resources(account)), start=1):
        if not one_in or at % one_in:
            builder.client("resourcegroupstaggingapi", account.id, region).tag_resources(
                ResourceARNList=[arn], Tags=tags
            )


def _resources(account: Account) -> Iterator[tuple[str, str]]:
    for region in account.regions:
        for resource in taggable(account.id, region):
            if resource.resource_type in TYPES:
                yield region, resource.arn
