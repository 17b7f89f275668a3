"""Instance metadata: who asks for tokens by default, and the instances that answer without."""

from __future__ import annotations

from typing import Final

from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import BY_NAME, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

# Accounts whose default requires tokens in all their Regions.
REQUIRED: Final = ("network-hub", "storefront-prod")
# Account and Region of instances that answer without a token.
LOOSE: Final = (("warehouse-prod", "eu-central-1"), ("fernhill-shop", "us-east-1"))

THEMES: Final = (
    Theme(
        "surface.imdsv2",
        Claim("not_applicable", "no instance, and no default"),
        {
            **dict.fromkeys(REQUIRED, Claim("pass", "instances and default ask for tokens")),
            **dict.fromkeys(
                ("shared-services", "corporate-it", "sandbox-platform"),
                Claim("partial", "all instances ask for tokens, the default does not"),
            ),
            "warehouse-prod": Claim("fail", "its only instance answers without a token"),
            "fernhill-shop": Claim("fail", "its only instance answers without a token"),
            **dict.fromkeys(
                ("tracking-prod", "fernhill-legacy"),
                Claim("unknown", "there is no role to ask with"),
            ),
        },
    ),
)


def build(builder: Builder) -> None:
    for name in REQUIRED:
        for region in BY_NAME[name].regions:
            builder.client("ec2", account_id(name), region).modify_instance_metadata_defaults(
                HttpTokens="required"
            )
    for name, region in LOOSE:
        ec2 = builder.client("ec2", account_id(name), region)
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                ec2.modify_instance_metadata_options(
                    InstanceId=instance["InstanceId"],
                    HttpTokens="optional",
                    HttpEndpoint="enabled",
                )
