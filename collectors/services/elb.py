"""Elastic Load Balancing: classic load balancers, and their access logs.

https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancers.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

DESCRIBE_LOAD_BALANCERS = Operation(
    "elb",
    "describe_load_balancers",
    "elasticloadbalancing:DescribeLoadBalancers",
    "LoadBalancerDescriptions",
)
DESCRIBE_ATTRIBUTES = Operation(
    "elb",
    "describe_load_balancer_attributes",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
)

GONE = ("LoadBalancerNotFound",)
A_PAGE = 400


@dataclass(frozen=True)
class ClassicLoadBalancer:
    """``scheme`` is AWS's word; ``log_bucket`` is told while the log is on."""

    name: str
    scheme: str = ""
    vpc_id: str = ""
    has_access_log: bool = False
    log_bucket: str = ""


def _fetch(aws: Aws) -> list[Mapping[str, Any]]:
    """Without those that were deleted meanwhile."""
    listed = aws.pages(DESCRIBE_LOAD_BALANCERS, PageSize=A_PAGE) or []
    named = [one for one in listed if one.get("LoadBalancerName")]
    found = [
        (one, aws.call(DESCRIBE_ATTRIBUTES, absent=GONE, LoadBalancerName=one["LoadBalancerName"]))
        for one in named
    ]
    return [{"described": one, "attributes": seen} for one, seen in found if seen is not None]


def _load_balancers(answers: Any) -> tuple[ClassicLoadBalancer, ...]:
    return tuple(_load_balancer(answer["described"], answer["attributes"]) for answer in answers)


def _load_balancer(
    described: Mapping[str, Any], attributes: Mapping[str, Any]
) -> ClassicLoadBalancer:
    log = (attributes.get("LoadBalancerAttributes") or {}).get("AccessLog") or {}
    is_on = log.get("Enabled") is True
    return ClassicLoadBalancer(
        name=described["LoadBalancerName"],
        scheme=described.get("Scheme") or "",
        vpc_id=described.get("VPCId") or "",
        has_access_log=is_on,
        log_bucket=(log.get("S3BucketName") or "") if is_on else "",
    )


load_balancers: Collector[tuple[ClassicLoadBalancer, ...]] = Collector(
    "elb.load_balancers",
    tuple[ClassicLoadBalancer, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_LOAD_BALANCERS, DESCRIBE_ATTRIBUTES),
    _fetch,
    _load_balancers,
)
