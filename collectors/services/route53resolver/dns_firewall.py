"""Amazon Route 53 Resolver DNS Firewall: the VPCs whose name lookups are filtered.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ListFirewallRuleGroupAssociations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collectors.registry import Collector, Operation, Reach, Scope

LIST_FIREWALL_ASSOCIATIONS = Operation(
    "route53resolver",
    "list_firewall_rule_group_associations",
    "route53resolver:ListFirewallRuleGroupAssociations",
    "FirewallRuleGroupAssociations",
)


@dataclass(frozen=True)
class Association:
    """A group of filtering rules in force for a VPC once its status is COMPLETE."""

    id: str
    vpc_id: str = ""
    rule_group_id: str = ""
    status: str = ""

    @property
    def is_complete(self) -> bool:
        return self.status == "COMPLETE"


def _associations(answers: Any) -> tuple[Association, ...]:
    return tuple(
        Association(
            answer["Id"],
            answer.get("VpcId") or "",
            answer.get("FirewallRuleGroupId") or "",
            answer.get("Status") or "",
        )
        for answer in answers or ()
        if answer.get("Id")
    )


firewall_associations: Collector[tuple[Association, ...]] = Collector(
    "route53resolver.firewall_associations",
    tuple[Association, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_FIREWALL_ASSOCIATIONS,),
    lambda aws: aws.pages(LIST_FIREWALL_ASSOCIATIONS),
    _associations,
)
