"""Logs beside the trail: of VPCs, data events, buckets, load balancers and distributions.

VPCs that others have built are all logged or all not, so that a new one changes no claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.route53resolver.models import route53resolver_backends
from moto.s3.models import s3_backends

from simulated_aws.world.builder import HOME_REGION, Builder
from simulated_aws.world.demo.company import BY_NAME, LOG_ARCHIVE, account_id
from simulated_aws.world.demo.expectations import Claim, Theme
from simulated_aws.world.demo.trails import LOCAL

ALL_EVENTS, WRITES_ONLY = "payments-prod", "payments-dev"
# Account -> the traffic its flow logs record.
FLOWS: Final = {
    "network-hub": "ALL",
    "storefront-prod": "REJECT",
    "shared-services": "ALL",
    ALL_EVENTS: "ALL",
}
# Account whose flow logs cannot be delivered: their log group is not there.
FLOWS_FAIL: Final = "warehouse-prod"
QUERIES: Final = ("network-hub", "storefront-prod", "shared-services", "warehouse-prod", ALL_EVENTS)
QUERIES_FAIL: Final = "warehouse-prod"
NOTHING_LOGGED: Final = ("corporate-it", "fernhill-shop")
# A VPC with a use that nothing logs: account, Region, name.
UNLOGGED: Final = ("shared-services", "us-east-1", "build-agents")
# Account, Region, bucket, and the bucket its access log goes to; an empty one is made for it.
ACCESS_LOGS: Final = (
    ("storefront-prod", "eu-west-1", "larkfield-storefront-orders", "larkfield-storefront-logs"),
    ("storefront-cdn", "eu-west-1", "larkfield-product-images", "larkfield-cdn-logs"),
    ("backup-vault", "eu-central-1", "larkfield-database-dumps", "larkfield-dumps-access-logs"),
)
# Account, Region, name, and whether its access log is on.
BALANCERS: Final = (
    ("storefront-prod", "eu-west-1", "storefront", True),
    ("search-prod", "eu-west-1", "search", True),
    ("search-prod", "eu-west-1", "search-admin", False),
)
# Account, Region and name; their access logs are off.
CLASSIC_BALANCERS: Final = (("fernhill-shop", "us-east-1", "shop"),)
# Account, alias, and how it is logged: to a bucket, by a log delivery, or not.
DISTRIBUTIONS: Final = (
    ("storefront-cdn", "images.example.com", "bucket"),
    ("storefront-cdn", "static.example.com", "delivery"),
    ("storefront-prod", "shop.example.com", "bucket"),
    ("storefront-prod", "campaigns.example.com", ""),
    ("fernhill-shop", "fernhill.example.org", ""),
)
ORIGIN: Final = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
NO_ROLE: Final = ("tracking-prod", "fernhill-legacy")
UNKNOWN: Final = dict.fromkeys(NO_ROLE, Claim("unknown", "there is no role to ask with"))

THEMES: Final = (
    Theme(
        "detection.log_dns",
        Claim(None, "no VPC in use, or none of them logged"),
        {
            **UNKNOWN,
            "network-hub": Claim("pass", "every VPC in use is associated with a configuration"),
            "storefront-prod": Claim("pass", "every VPC in use is associated with a configuration"),
            UNLOGGED[0]: Claim("partial", "one of two VPCs in use is not associated"),
            QUERIES_FAIL: Claim("fail", "the configuration's destination is gone"),
            **dict.fromkeys(NOTHING_LOGGED, Claim("fail", "a VPC in use without a query log")),
        },
    ),
    Theme(
        "detection.log_flow",
        Claim(None, "no VPC in use, or none of them logged"),
        {
            **UNKNOWN,
            "network-hub": Claim("pass", "flow logs of all traffic"),
            "storefront-prod": Claim("partial", "flow logs of rejected traffic alone"),
            UNLOGGED[0]: Claim("partial", "one of two VPCs in use has no flow log"),
            FLOWS_FAIL: Claim("fail", "the log group of its flow logs is gone"),
            **dict.fromkeys(NOTHING_LOGGED, Claim("fail", "a VPC in use without a flow log")),
        },
    ),
    Theme(
        "detection.log_data_events",
        Claim("fail", "the organization trail records management events only"),
        {
            **UNKNOWN,
            ALL_EVENTS: Claim("pass", "a trail of its own records objects and functions"),
            WRITES_ONLY: Claim("partial", "a trail of its own records writes of objects"),
        },
    ),
    Theme(
        "detection.log_s3_access",
        Claim(None, "no bucket, or none of them logged"),
        {
            **UNKNOWN,
            "storefront-prod": Claim("partial", "one of several buckets is logged"),
            "storefront-cdn": Claim("pass", "the bucket of images is logged into the other"),
            ALL_EVENTS: Claim("pass", "data events cover all buckets"),
            "search-prod": Claim("fail", "a bucket without an access log"),
            "ml-prod": Claim("fail", "a bucket without an access log"),
        },
    ),
    Theme(
        "detection.log_load_balancer",
        Claim(None, "no load balancer"),
        {
            **UNKNOWN,
            "storefront-prod": Claim("pass", "its access log is on"),
            "search-prod": Claim("partial", "one of two is logged"),
            "fernhill-shop": Claim("fail", "a classic load balancer without an access log"),
        },
    ),
    Theme(
        "detection.log_cloudfront",
        Claim("not_applicable", "no distribution"),
        {
            **UNKNOWN,
            "storefront-cdn": Claim("pass", "one into a bucket, one by a log delivery"),
            "storefront-prod": Claim("partial", "one of two is logged"),
            "fernhill-shop": Claim("fail", "not logged"),
        },
    ),
    Theme(
        "detection.extra_logs",
        Claim(None, "data events are off; the rest is what is there"),
        {
            **UNKNOWN,
            "network-hub": Claim("partial", "its VPCs are logged, data events are off"),
            "storefront-prod": Claim("partial", "some logs are on, data events are off"),
            ALL_EVENTS: Claim("pass", "data events of everything, and nothing else to log"),
            "fernhill-shop": Claim("fail", "not one source is logged"),
        },
    ),
)


def build(builder: Builder) -> None:
    for name, traffic in FLOWS.items():
        stream = f"arn:aws:firehose:{HOME_REGION}:{LOG_ARCHIVE}:deliverystream/larkfield-flows"
        to = {"LogDestinationType": "kinesis-data-firehose", "LogDestination": stream}
        _log_flows(builder, name, traffic, to)
    role = f"arn:aws:iam::{account_id(FLOWS_FAIL)}:role/FlowLogs"
    gone = {"LogGroupName": "/larkfield/flows", "DeliverLogsPermissionArn": role}
    _log_flows(builder, FLOWS_FAIL, "ALL", gone)
    for name in QUERIES:
        _log_queries(builder, name)
    _add_unlogged_vpc(builder)
    _record_data_events(builder)
    for name, region, bucket, target in ACCESS_LOGS:
        _log_bucket(builder, account_id(name), region, bucket, target)
    _add_load_balancers(builder)
    for name, alias, log in DISTRIBUTIONS:
        _add_distribution(builder, account_id(name), alias, log)


def _vpcs_in_use(name: str) -> Iterator[tuple[str, str]]:
    """(Region, id) of the account's VPCs that have an interface."""
    for region in BY_NAME[name].regions:
        backend = ec2_backends[account_id(name)][region]
        for vpc in sorted({str(eni.subnet.vpc_id) for eni in backend.enis.values()}):
            yield region, vpc


def _log_flows(builder: Builder, name: str, traffic: str, destination: dict[str, str]) -> None:
    for region, vpc in _vpcs_in_use(name):
        builder.client("ec2", account_id(name), region).create_flow_logs(
            ResourceIds=[vpc], ResourceType="VPC", TrafficType=traffic, **destination
        )


def _log_queries(builder: Builder, name: str) -> None:
    account = account_id(name)
    for region, vpc in _vpcs_in_use(name):
        client = builder.client("route53resolver", account, region)
        config = client.create_resolver_query_log_config(
            Name="larkfield-queries",
            DestinationArn=f"arn:aws:firehose:{region}:{LOG_ARCHIVE}:deliverystream/queries",
            CreatorRequestId=vpc,
        )["ResolverQueryLogConfig"]["Id"]
        association = client.associate_resolver_query_log_config(
            ResolverQueryLogConfigId=config, ResourceId=vpc
        )["ResolverQueryLogConfigAssociation"]["Id"]
        if name == QUERIES_FAIL:
            backend = route53resolver_backends[account][region]
            broken = backend.resolver_query_log_config_associations[association]
            broken.status, broken.error = "ACTION_NEEDED", "DESTINATION_NOT_FOUND"


def _add_unlogged_vpc(builder: Builder) -> None:
    name, region, vpc_name = UNLOGGED
    ec2 = builder.client("ec2", account_id(name), region)
    tags = [{"Key": "Name", "Value": vpc_name}]
    vpc = ec2.create_vpc(
        CidrBlock="10.80.0.0/20", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]
    )["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.80.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_network_interface(SubnetId=subnet)


def _record_data_events(builder: Builder) -> None:
    whole = [
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        *(
            {
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": [kind]},
                ]
            }
            for kind in ("AWS::S3::Object", "AWS::Lambda::Function")
        ),
    ]
    builder.client("cloudtrail", account_id(ALL_EVENTS)).put_event_selectors(
        TrailName=LOCAL[ALL_EVENTS][0], AdvancedEventSelectors=whole
    )
    objects = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
    builder.client("cloudtrail", account_id(WRITES_ONLY)).put_event_selectors(
        TrailName=LOCAL[WRITES_ONLY][0],
        EventSelectors=[
            {"ReadWriteType": "All", "IncludeManagementEvents": True},
            {
                "ReadWriteType": "WriteOnly",
                "IncludeManagementEvents": False,
                "DataResources": [objects],
            },
        ],
    )


def _log_bucket(builder: Builder, account: str, region: str, bucket: str, target: str) -> None:
    """Set past moto, which wants a policy of the target before."""
    buckets = s3_backends[account]["aws"].buckets
    if target not in buckets:
        builder.client("s3", account, region).create_bucket(
            Bucket=target, CreateBucketConfiguration={"LocationConstraint": region}
        )
    buckets[bucket].logging = {"TargetBucket": target, "TargetPrefix": f"{bucket}/"}


def _add_load_balancers(builder: Builder) -> None:
    for name, region, balancer, is_logged in BALANCERS:
        client = builder.client("elbv2", account_id(name), region)
        subnets = ec2_backends[account_id(name)][region].describe_subnets()
        arn = client.create_load_balancer(
            Name=balancer, Subnets=[subnet.id for subnet in subnets[:2]], Scheme="internal"
        )["LoadBalancers"][0]["LoadBalancerArn"]
        if is_logged:
            client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=_logged_to())
    for name, region, balancer in CLASSIC_BALANCERS:
        classic = builder.client("elb", account_id(name), region)
        ports = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
        classic.create_load_balancer(
            LoadBalancerName=balancer, Listeners=[ports], AvailabilityZones=[f"{region}a"]
        )


def _logged_to() -> list[dict[str, str]]:
    return [
        {"Key": "access_logs.s3.enabled", "Value": "true"},
        {"Key": "access_logs.s3.bucket", "Value": "larkfield-load-balancer-logs"},
    ]


def _add_distribution(builder: Builder, account: str, alias: str, log: str) -> None:
    origin = {"Id": "origin", "DomainName": f"origin.{alias}", "CustomOriginConfig": ORIGIN}
    bucket = "larkfield-cdn-logs.s3.amazonaws.com"
    logging = {"Enabled": True, "IncludeCookies": False, "Bucket": bucket, "Prefix": alias}
    config: dict[str, Any] = {
        "CallerReference": alias,
        "Comment": alias,
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": [alias]},
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "origin",
            "ViewerProtocolPolicy": "redirect-to-https",
        },
        **({"Logging": logging} if log == "bucket" else {}),
    }
    arn = builder.client("cloudfront", account).create_distribution(DistributionConfig=config)[
        "Distribution"
    ]["ARN"]
    if log == "delivery":
        _deliver(builder.client("logs", account), arn)


def _deliver(logs: Any, arn: str) -> None:
    logs.put_delivery_source(name="static", resourceArn=arn, logType="ACCESS_LOGS")
    group = f"arn:aws:logs:{HOME_REGION}:{LOG_ARCHIVE}:log-group:/larkfield/cdn"
    destination = logs.put_delivery_destination(
        name="archive", deliveryDestinationConfiguration={"destinationResourceArn": group}
    )["deliveryDestination"]["arn"]
    logs.create_delivery(deliverySourceName="static", deliveryDestinationArn=destination)
