"""Infrastructure as code: accounts whose resources are all in stacks, and one changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from simulated_aws.services.cloudformation_stacks import STACKS, Stack
from simulated_aws.services.cloudtrail_events import EVENTS, Event
from simulated_aws.services.resourcegroupstaggingapi import taggable
from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import BY_NAME, DOMAIN, Account, account_id
from simulated_aws.world.demo.expectations import Claim, Theme

FROM_CODE: Final = ("backup-vault", "ledger-prod", "search-prod")
DRIFTED: Final = "ledger-prod"
# (account, region, how many changes from the console of late)
CHANGED: Final = (("search-prod", "eu-west-1", 26),)
WRITER: Final = "assumed-role/AWSReservedSSO_Admin_0123456789abcdef/aiko.tanaka@"
TYPES: Final = {
    "ec2:vpc": "AWS::EC2::VPC",
    "ec2:subnet": "AWS::EC2::Subnet",
    "ec2:route-table": "AWS::EC2::RouteTable",
    "ec2:security-group": "AWS::EC2::SecurityGroup",
    "lambda:function": "AWS::Lambda::Function",
    "rds:db": "AWS::RDS::DBInstance",
    "s3:bucket": "AWS::S3::Bucket",
}

_NO_TEAM: Final = Claim(None, "not in the spreadsheet: there is no team to ask")
_NO_ROLE: Final = Claim("unknown", "there is no role to ask with")
THEMES: Final = (
    Theme(
        "ownership.iac",
        Claim("partial", "the team has a pipeline, but few resources come from it"),
        {
            "backup-vault": Claim("pass", "all in stacks, and nobody changes it by hand"),
            "ledger-prod": Claim("pass", "all in stacks, of which one drifted"),
            "search-prod": Claim("partial", "all in stacks, but often changed in the console"),
            "fraud-prod": _NO_TEAM,
            "sandbox-ml": _NO_TEAM,
            "payments-staging": Claim("unknown", "functions and databases may not be listed"),
            "tracking-prod": _NO_ROLE,
            "fernhill-legacy": _NO_ROLE,
        },
    ),
)


def build(builder: Builder) -> None:
    for name in FROM_CODE:
        _put_into_stacks(BY_NAME[name])
    now = datetime.now(UTC)
    for name, region, changes in CHANGED:
        principal = f"arn:aws:sts::{account_id(name)}:{WRITER}{DOMAIN}"
        EVENTS[account_id(name), region] = [
            Event(
                now - timedelta(hours=2 * at),
                "ec2.amazonaws.com",
                "AuthorizeSecurityGroupIngress",
                principal,
                is_from_console=True,
            )
            for at in range(changes)
        ]


def _put_into_stacks(account: Account) -> None:
    for region in account.regions:
        resources = list(_in_region(account.id, region))
        if region == HOME_REGION:
            resources += _roles_and_policies(account.id)
        drift = "DRIFTED" if account.name == DRIFTED and region == HOME_REGION else "IN_SYNC"
        STACKS[account.id, region] = [Stack(f"{account.name}-base", resources, drift)]


def _in_region(account: str, region: str) -> Iterator[tuple[str, str]]:
    default = {vpc.id for vpc in ec2_backends[account][region].vpcs.values() if vpc.is_default}
    for resource in taggable(account, region):
        kind = TYPES.get(resource.resource_type)
        name = resource.arn.replace("/", ":").rpartition(":")[2]
        if kind and name not in default:
            yield kind, name


def _roles_and_policies(account: str) -> list[tuple[str, str]]:
    backend = iam_backends[account]["aws"]
    roles = [("AWS::IAM::Role", role.name) for role in backend.roles.values()]
    policies = [
        ("AWS::IAM::ManagedPolicy", arn)
        for arn in backend.managed_policies
        if f":{account}:" in arn
    ]
    return [*roles, *policies]
