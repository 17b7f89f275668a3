"""Networks of the accounts in which something runs: private, half public, exposed, inspected.

Instances start in the default VPC of their Region, whose subnets give out public addresses but, as
moto makes them, have no way to the internet. So this comes before them.
"""

from __future__ import annotations

import json
from typing import Any, Final

from simulated_aws.services import network_firewall
from simulated_aws.world.builder import Builder
from simulated_aws.world.demo.company import account_id
from simulated_aws.world.demo.expectations import Claim, Theme

# Account and Region where instances get no public address.
PRIVATE: Final = (
    ("network-hub", "eu-west-1"),
    ("shared-services", "eu-west-1"),
    ("storefront-prod", "eu-west-1"),
    ("sandbox-platform", "us-east-1"),
)
# Account and Region where they do and are on the internet, and the port that is open to it.
EXPOSED: Final = (("corporate-it", "us-east-1", 445), ("fernhill-shop", "us-east-1", 443))
NO_ROUTE: Final = "warehouse-prod"
INSPECTED: Final = ("network-hub", "eu-west-1")
TRANSLATED: Final = ("shared-services", "eu-west-1")
PUBLIC_BUCKET: Final = ("sandbox-platform", "larkfield-sandbox-scratch")
WITH_BUCKETS: Final = (
    "management", "log-archive", "backup-vault", "storefront-cdn", "search-prod", "payments-prod",
    "ledger-prod", "data-lake-prod", "analytics-prod", "ml-prod", "data-dev", "payments-dev",
)  # fmt: skip
NO_ROLE: Final = ("tracking-prod", "fernhill-legacy")

THEMES: Final = (
    Theme(
        "surface.no_public",
        Claim(None, "no instance; a pass if there is a bucket"),
        {
            **dict.fromkeys(WITH_BUCKETS, Claim("pass", "no bucket is public")),
            **dict.fromkeys(
                (name for name, _ in PRIVATE), Claim("pass", "instances without public addresses")
            ),
            **dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with")),
            "corporate-it": Claim("fail", "a file server open to everybody on port 445"),
            "fernhill-shop": Claim("fail", "a web server reachable without anything in front"),
            NO_ROUTE: Claim("partial", "a public address, but no route to the internet"),
            PUBLIC_BUCKET[0]: Claim("fail", "a bucket whose policy lets everybody read"),
        },
    ),
    Theme(
        "network.private_subnets",
        Claim("not_applicable", "no network interface anywhere"),
        {
            **dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with")),
            **dict.fromkeys(
                ("storefront-prod", "sandbox-platform"), Claim("pass", "private, and no way out")
            ),
            INSPECTED[0]: Claim("pass", "private, and a firewall on the way out"),
            TRANSLATED[0]: Claim("partial", "private, but out through a NAT gateway"),
            "corporate-it": Claim("fail", "its instance is public"),
            "fernhill-shop": Claim("fail", "its instance is public"),
            NO_ROUTE: Claim("fail", "its instance has a public address"),
            "payments-staging": Claim("unknown", "the role may not look at databases"),
        },
    ),
    Theme(
        "network.egress",
        Claim("not_applicable", "no network interface anywhere"),
        {
            **dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with")),
            **dict.fromkeys(
                ("storefront-prod", "sandbox-platform", NO_ROUTE), Claim("pass", "no way out")
            ),
            INSPECTED[0]: Claim("pass", "a firewall filters what goes out"),
            TRANSLATED[0]: Claim("partial", "only name lookups are filtered"),
            "corporate-it": Claim("fail", "nothing restricts what goes out"),
            "fernhill-shop": Claim("fail", "nothing restricts what goes out"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name, region in PRIVATE:
        ec2 = builder.client("ec2", account_id(name), region)
        for subnet in ec2.describe_subnets()["Subnets"]:
            ec2.modify_subnet_attribute(
                SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": False}
            )
    for name, region, port in EXPOSED:
        _open(builder.client("ec2", account_id(name), region), port)
    _inspect(builder)
    _translate(builder)
    name, bucket = PUBLIC_BUCKET
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    builder.client("s3", account_id(name)).put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def _default_vpc(ec2: Any) -> str:
    return str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])


def _main_table(ec2: Any) -> str:
    return str(ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"])


def _open(ec2: Any, port: int) -> None:
    vpc = _default_vpc(ec2)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(
        RouteTableId=_main_table(ec2), DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
    )
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )


def _inspect(builder: Builder) -> None:
    """A firewall with a list of allowed domains on the way out."""
    name, region = INSPECTED
    account = account_id(name)
    firewalls = builder.client("network-firewall", account, region)
    policy = firewalls.create_firewall_policy(
        FirewallPolicyName="egress",
        FirewallPolicy={
            "StatelessDefaultActions": ["aws:forward_to_sfe"],
            "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
            "StatefulDefaultActions": ["aws:drop_established"],
            "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"},
        },
    )["FirewallPolicyResponse"]["FirewallPolicyArn"]
    ec2 = builder.client("ec2", account, region)
    vpc = _default_vpc(ec2)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="GatewayLoadBalancer",
        ServiceName=f"com.amazonaws.vpce.{region}.vpce-svc-0123456789abcdef0",
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.create_route(
        RouteTableId=_main_table(ec2), DestinationCidrBlock="0.0.0.0/0", VpcEndpointId=endpoint
    )
    firewall = builder.client("network-firewall", account, region).create_firewall(
        FirewallName="egress",
        FirewallPolicyArn=policy,
        VpcId=vpc,
        SubnetMappings=[{"SubnetId": subnet}],
    )["Firewall"]["FirewallArn"]
    network_firewall.ENDPOINTS[firewall] = [endpoint]


def _translate(builder: Builder) -> None:
    """A NAT gateway on the way out, and filtered name lookups."""
    name, region = TRANSLATED
    ec2 = builder.client("ec2", account_id(name), region)
    vpc = _default_vpc(ec2)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    ec2.create_route(
        RouteTableId=_main_table(ec2),
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=gateway["NatGatewayId"],
    )
    builder.client("route53resolver", account_id(name), region).associate_firewall_rule_group(
        CreatorRequestId="larkfield",
        FirewallRuleGroupId="rslvr-frg-0123456789abcdef0",
        VpcId=vpc,
        Name="known-bad-domains",
        Priority=101,
    )
