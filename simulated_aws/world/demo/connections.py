"""How accounts are tied to others: to each other, to a vendor, and to accounts nobody knows."""

from __future__ import annotations

import json
from typing import Final

from simulated_aws.services.accessanalyzer import ANALYZERS
from simulated_aws.services.accessanalyzer_findings import add_finding
from simulated_aws.services.ram import SHARES, Share
from simulated_aws.world import principals
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.analyzers import ORGANIZATION_ANALYZER
from simulated_aws.world.demo.company import SECURITY, VENDOR, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

SETTINGS: Final = {"VENDOR_ACCOUNTS": {VENDOR[1]: "Cost vendor"}}
# An account that is in no list of the company's.
STRANGER: Final = "838383838383"

# Account, role, whom it trusts, and by which external id.
TRUSTS: Final = (
    ("fernhill-shop", "agency-deploy", STRANGER, "agency-2019"),
    ("corporate-it", "cost-report", VENDOR[1], None),
)
PEERED: Final = ("payments-prod", "ledger-prod")

_NO_ROLE: Final = Claim("unknown", "there is no role to ask with")
THEMES: Final = (
    Theme(
        "identity.connection_plan",
        Claim("pass", "there is a plan, and every tie leads to somebody known"),
        {
            "analytics-prod": Claim("pass", "besides, a role trusts a vendor by its external id"),
            "corporate-it": Claim("pass", "a vendor's role needs no external id (finding)"),
            "storefront-cdn": Claim("partial", "anybody reaches a bucket"),
            "network-hub": Claim("partial", "subnets are shared with an account nobody knows"),
            "fernhill-shop": Claim("partial", "a role trusts an account nobody knows"),
            "tracking-prod": _NO_ROLE,
            "fernhill-legacy": _NO_ROLE,
        },
    ),
)


def build(builder: Builder) -> None:
    for name, role, trusted, external_id in TRUSTS:
        document = principals.trust(f"arn:aws:iam::{trusted}:root", external_id=external_id)
        builder.client("iam", account_id(name)).create_role(
            RoleName=role, AssumeRolePolicyDocument=json.dumps(document)
        )
    hub = account_id("network-hub")
    SHARES.append(Share("shared-subnets", hub, HOME_REGION, (account_id("search-prod"), STRANGER)))
    _peer(builder, *map(account_id, PEERED))
    analyzer = ANALYZERS[SECURITY, HOME_REGION][ORGANIZATION_ANALYZER]["arn"]
    add_finding(
        analyzer,
        "ExternalAccess",
        "arn:aws:s3:::larkfield-cdn-assets",
        account_id("storefront-cdn"),
        principal={"AWS": "*"},
        isPublic=True,
        condition={},
    )


def _peer(builder: Builder, asking: str, asked: str) -> None:
    ids = []
    for account in (asking, asked):
        ec2 = builder.client("ec2", account)
        ids.append(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
    builder.client("ec2", asking).create_vpc_peering_connection(
        VpcId=ids[0], PeerVpcId=ids[1], PeerOwnerId=asked
    )
