"""AWS Config: how many resources of the types that are to be tagged each account has, counted by an
aggregator of the whole organization.

https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Phase, Reach, Scope
from collectors.services import config

if TYPE_CHECKING:
    from collectors.aws import Aws

SELECT_AGGREGATE_RESOURCE_CONFIG = Operation(
    "config",
    "select_aggregate_resource_config",
    "config:SelectAggregateResourceConfig",
    "Results",
)

GONE = ("NoSuchConfigurationAggregatorException",)
# Config's names of what setting TAG_RESOURCE_TYPES may name and Config counts. All are counted,
# so that a changed setting finds its types.
TYPES: Mapping[str, tuple[str, ...]] = {
    "ec2:instance": ("AWS::EC2::Instance",),
    "ec2:volume": ("AWS::EC2::Volume",),
    "ec2:vpc": ("AWS::EC2::VPC",),
    "s3:bucket": ("AWS::S3::Bucket",),
    "rds:db": ("AWS::RDS::DBInstance",),
    "rds:cluster": ("AWS::RDS::DBCluster",),
    "lambda:function": ("AWS::Lambda::Function",),
    "dynamodb:table": ("AWS::DynamoDB::Table",),
    "ecs:cluster": ("AWS::ECS::Cluster",),
    "elasticloadbalancing:loadbalancer": (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
    ),
    "secretsmanager:secret": ("AWS::SecretsManager::Secret",),
    "kms:key": ("AWS::KMS::Key",),
}
OURS = {theirs: ours for ours, names in TYPES.items() for theirs in names}
COUNT = "COUNT(*)"


@dataclass(frozen=True)
class Counts:
    """``types`` are those counted; ``accounts`` are account id → type → how many it has. An account
    that is not there may have none, or not record."""

    types: tuple[str, ...] = ()
    accounts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def fetch_counts(aws: Aws) -> Mapping[str, Any]:
    aggregators = aws.fact(config.aggregation).aggregators
    of_all = [one.name for one in aggregators if one.is_organization]
    if not of_all:
        return {}
    names = ", ".join(f"'{name}'" for name in OURS)
    found = aws.pages(
        SELECT_AGGREGATE_RESOURCE_CONFIG,
        absent=GONE,
        ConfigurationAggregatorName=of_all[0],
        Expression=f"SELECT accountId, resourceType, {COUNT} WHERE resourceType IN ({names}) "
        "GROUP BY accountId, resourceType",
    )
    return {} if found is None else {"types": list(TYPES), "results": found}


def transform_counts(answer: Mapping[str, Any]) -> Counts:
    accounts: dict[str, dict[str, int]] = {}
    for text in answer.get("results") or ():
        result = _read(text)
        kind, about = OURS.get(result.get("resourceType") or ""), result.get("accountId")
        count = result.get(COUNT)
        if kind and about and isinstance(count, int):
            counts = accounts.setdefault(about, {})
            counts[kind] = counts.get(kind, 0) + count
    return Counts(tuple(sorted(answer.get("types") or ())), accounts)


def _read(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


tag_counts = Collector(
    "config_queries.tag_counts",
    Counts,
    Scope.SECURITY,
    Reach.REGIONAL,
    (SELECT_AGGREGATE_RESOURCE_CONFIG,),
    fetch_counts,
    transform_counts,
    Phase.BUILT_ON_OTHERS,
    builds_on=(config.aggregation.name,),
)
