"""AWS Network Firewall: the firewalls of a Region, where they stand and whether they stop anything.

https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_DescribeFirewallPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.registry import Collector, Operation, Reach, Scope

if TYPE_CHECKING:
    from collectors.aws import Aws

Answer = Mapping[str, Any]

LIST_FIREWALLS = Operation(
    "network-firewall", "list_firewalls", "network-firewall:ListFirewalls", "Firewalls"
)
DESCRIBE_FIREWALL = Operation(
    "network-firewall", "describe_firewall", "network-firewall:DescribeFirewall"
)
DESCRIBE_FIREWALL_POLICY = Operation(
    "network-firewall", "describe_firewall_policy", "network-firewall:DescribeFirewallPolicy"
)

GONE = "ResourceNotFoundException"
STRICT_ORDER = "STRICT_ORDER"
DROPS = ("aws:drop_strict", "aws:drop_established", "aws:drop_established_app_layer")
TO_STATEFUL_RULES = "aws:forward_to_sfe"
DROP_ALL = "aws:drop"
DROP_TO_ALERT = "DROP_TO_ALERT"


@dataclass(frozen=True)
class Policy:
    """What a firewall does. ``stateful_groups`` counts its groups of stateful rules;
    ``alerting_groups`` those of them whose drops were turned into alerts."""

    arn: str = ""
    rule_order: str = ""
    stateless_defaults: tuple[str, ...] = ()
    stateful_defaults: tuple[str, ...] = ()
    stateful_groups: int = 0
    alerting_groups: int = 0

    @property
    def drops_by_default(self) -> bool:
        return self.rule_order == STRICT_ORDER and any(a in DROPS for a in self.stateful_defaults)

    @property
    def only_alerts(self) -> bool:
        """Whether stateful rules see the traffic and none may stop it."""
        return (
            self.stateful_groups > 0
            and self.alerting_groups == self.stateful_groups
            and not self.drops_by_default
        )

    @property
    def filters(self) -> bool:
        """Whether traffic reaches rules that may stop it."""
        if DROP_ALL in self.stateless_defaults:
            return True
        if TO_STATEFUL_RULES not in self.stateless_defaults:
            return False
        return self.drops_by_default or self.stateful_groups > self.alerting_groups


@dataclass(frozen=True)
class Firewall:
    """It stands in a VPC or is attached to a transit gateway. ``endpoint_ids`` are its own in the
    VPC's zones; ``policy`` is None where there is none any more."""

    arn: str
    name: str = ""
    vpc_id: str = ""
    endpoint_ids: tuple[str, ...] = ()
    transit_gateway_id: str = ""
    status: str = ""
    policy: Policy | None = None

    @property
    def is_ready(self) -> bool:
        return self.status == "READY"

    @property
    def filters(self) -> bool:
        return self.is_ready and self.policy is not None and self.policy.filters


def _fetch(aws: Aws) -> list[Answer]:
    policies: dict[str, Answer | None] = {}
    found: list[Answer] = []
    for listed in aws.pages(LIST_FIREWALLS) or ():
        arn = listed.get("FirewallArn")
        answer = aws.call(DESCRIBE_FIREWALL, absent=(GONE,), FirewallArn=arn) if arn else None
        if answer is None:
            continue
        policy = (answer.get("Firewall") or {}).get("FirewallPolicyArn") or ""
        if policy and policy not in policies:
            policies[policy] = aws.call(
                DESCRIBE_FIREWALL_POLICY, absent=(GONE,), FirewallPolicyArn=policy
            )
        found.append({"arn": arn, **answer, "policy": policies.get(policy)})
    return found


def _firewalls(answers: list[Answer]) -> tuple[Firewall, ...]:
    return tuple(_firewall(answer) for answer in answers)


def _firewall(answer: Answer) -> Firewall:
    firewall = answer.get("Firewall") or {}
    status = answer.get("FirewallStatus") or {}
    return Firewall(
        arn=answer["arn"],
        name=firewall.get("FirewallName") or "",
        vpc_id=firewall.get("VpcId") or "",
        endpoint_ids=tuple(
            endpoint
            for zone in (status.get("SyncStates") or {}).values()
            if (endpoint := (zone.get("Attachment") or {}).get("EndpointId"))
        ),
        transit_gateway_id=firewall.get("TransitGatewayId") or "",
        status=status.get("Status") or "",
        policy=_policy(firewall.get("FirewallPolicyArn") or "", answer.get("policy")),
    )


def _policy(arn: str, answer: Answer | None) -> Policy | None:
    if answer is None:
        return None
    policy = answer.get("FirewallPolicy") or {}
    groups = policy.get("StatefulRuleGroupReferences") or ()
    return Policy(
        arn=arn,
        rule_order=(policy.get("StatefulEngineOptions") or {}).get("RuleOrder") or "",
        stateless_defaults=tuple(policy.get("StatelessDefaultActions") or ()),
        stateful_defaults=tuple(policy.get("StatefulDefaultActions") or ()),
        stateful_groups=len(groups),
        alerting_groups=sum(bool((g.get("Override") or {}).get("Action")) for g in groups),
    )


firewalls: Collector[tuple[Firewall, ...]] = Collector(
    "network_firewall.firewalls",
    tuple[Firewall, ...],
    Scope.ACCOUNT,
    Reach.REGIONAL,
    (LIST_FIREWALLS, DESCRIBE_FIREWALL, DESCRIBE_FIREWALL_POLICY),
    _fetch,
    _firewalls,
)
