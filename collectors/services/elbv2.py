"""Elastic Load Balancing: application, network and gateway load balancers, and their access logs.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

DESCRIBE_LOAD_BALANCERS = Operation(
    "elbv2",
    "describe_load_balancers",
    "elasticloadbalancing:DescribeLoadBalancers",
    "LoadBalancers",
)
DESCRIBE_ATTRIBUTES = Operation(
    "elbv2",
    "describe_load_balancer_attributes",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
)
DESCRIBE_LISTENERS = Operation(
    "elbv2", "describe_listeners", "elasticloadbalancing:DescribeListeners", "Listeners"
)

GONE = ("LoadBalancerNotFound",)
APPLICATION, NETWORK, GATEWAY = "application", "network", "gateway"
A_PAGE = 400


@dataclass(frozen=True)
class LoadBalancer:
    """``kind`` and ``scheme`` are AWS's words; ``has_tls_listener`` is looked up of network load
    balancers only, ``log_bucket`` is told while the log is on."""

    arn: str
    name: str = ""
    kind: str = ""
    scheme: str = ""
    vpc_id: str = ""
    has_tls_listener: bool = False
    has_access_log: bool = False
    log_bucket: str = ""

    @property
    def is_internet_facing(self) -> bool:
        return self.scheme == "internet-facing"

    @property
    def can_log(self) -> bool:
        """Whether there is an access log to switch on: network load balancers write only about
        TLS listeners, gateway ones nothing."""
        return self.kind != GATEWAY and (self.kind != NETWORK or self.has_tls_listener)


def _fetch(aws: Aws) -> list[Answer]:
    listed = aws.pages(DESCRIBE_LOAD_BALANCERS, PageSize=A_PAGE) or []
    found = [_fetch_one(aws, one) for one in listed if one.get("LoadBalancerArn")]
    return [answer for answer in found if answer is not None]


def _fetch_one(aws: Aws, described: Answer) -> Answer | None:
    """None for a load balancer that was deleted meanwhile."""
    kind, about = described.get("Type"), {"LoadBalancerArn": described["LoadBalancerArn"]}
    if kind == GATEWAY:
        return {"described": described}
    listeners = aws.pages(DESCRIBE_LISTENERS, absent=GONE, **about) if kind == NETWORK else []
    attributes = aws.call(DESCRIBE_ATTRIBUTES, absent=GONE, **about)
    if listeners is None or attributes is None:
        return None
    return {"described": described, "listeners": listeners, "attributes": attributes}


def _load_balancers(answers: Any) -> tuple[LoadBalancer, ...]:
    return tuple(_load_balancer(answer) for answer in answers)


def _load_balancer(answer: Answer) -> LoadBalancer:
    described = answer["described"]
    listed = (answer.get("attributes") or {}).get("Attributes") or ()
    attributes = {one.get("Key"): one.get("Value") or "" for one in listed}
    is_on = attributes.get("access_logs.s3.enabled") == "true"
    return LoadBalancer(
        arn=described["LoadBalancerArn"],
        name=described.get("LoadBalancerName") or "",
        kind=described.get("Type") or "",
        scheme=described.get("Scheme") or "",
        vpc_id=described.get("VpcId") or "",
        has_tls_listener=any(
            listener.get("Protocol") == "TLS" for listener in answer.get("listeners") or ()
        ),
        has_access_log=is_on,
        log_bucket=attributes.get("access_logs.s3.bucket", "") if is_on else "",
    )


load_balancers: Collector[tuple[LoadBalancer, ...]] = Collector(
    "elbv2.load_balancers",
    tuple[LoadBalancer, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (DESCRIBE_LOAD_BALANCERS, DESCRIBE_ATTRIBUTES, DESCRIBE_LISTENERS),
    _fetch,
    _load_balancers,
)
