"""Amazon Route 53 Resolver query logging: the VPCs whose name lookups are written down.

A configuration may be another account's, shared with this one; the association with a VPC is what
has lookups logged.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ListResolverQueryLogConfigAssociations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

LIST_QUERY_LOG_CONFIGS = Operation(
    "route53resolver",
    "list_resolver_query_log_configs",
    "route53resolver:ListResolverQueryLogConfigs",
    "ResolverQueryLogConfigs",
)
LIST_QUERY_LOG_ASSOCIATIONS = Operation(
    "route53resolver",
    "list_resolver_query_log_config_associations",
    "route53resolver:ListResolverQueryLogConfigAssociations",
    "ResolverQueryLogConfigAssociations",
)

SHARED_WITH_ME = "SHARED_WITH_ME"


@dataclass(frozen=True)
class QueryLog:
    """A VPC and the configuration that logs its lookups. ``status`` and ``error`` are AWS's words;
    ``destination`` is an ARN, empty where the configuration was not listed."""

    vpc_id: str
    config_id: str = ""
    status: str = ""
    error: str = ""
    destination: str = ""
    is_shared: bool = False

    @property
    def delivers(self) -> bool:
        return self.status == "ACTIVE" and self.error == "NONE"

    @property
    def fails(self) -> bool:
        """Whether AWS says that it cannot write."""
        return self.status in ("FAILED", "ACTION_NEEDED") or self.error not in ("", "NONE")


def _fetch(aws: Aws) -> Mapping[str, Any]:
    associations = aws.pages(LIST_QUERY_LOG_ASSOCIATIONS, MaxResults=100) or []
    if not associations:
        return {}
    configs = aws.pages(LIST_QUERY_LOG_CONFIGS, MaxResults=100) or []
    return {"associations": associations, "configs": configs}


def _query_logs(answer: Mapping[str, Any]) -> tuple[QueryLog, ...]:
    configs = {config.get("Id"): config for config in answer.get("configs") or ()}
    return tuple(
        _query_log(association, configs.get(association.get("ResolverQueryLogConfigId")) or {})
        for association in answer.get("associations") or ()
        if association.get("ResourceId")
    )


def _query_log(association: Mapping[str, Any], config: Mapping[str, Any]) -> QueryLog:
    return QueryLog(
        vpc_id=association["ResourceId"],
        config_id=association.get("ResolverQueryLogConfigId") or "",
        status=association.get("Status") or "",
        error=association.get("Error") or "",
        destination=config.get("DestinationArn") or "",
        is_shared=config.get("ShareStatus") == SHARED_WITH_ME,
    )


query_logs: Collector[tuple[QueryLog, ...]] = Collector(
    "route53resolver.query_logs",
    tuple[QueryLog, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_QUERY_LOG_ASSOCIATIONS, LIST_QUERY_LOG_CONFIGS),
    _fetch,
    _query_logs,
)
