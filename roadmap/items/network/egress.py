"""Traffic leaves a VPC only to destinations somebody allowed."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="9.2",
    title="Egress traffic restricted",
    guidance=(
        "Stolen data and the orders of malware both need a way out. A VPC has none, or one with a"
        " list of allowed destinations; less good, but useful, are strict security groups "
        "together with a DNS firewall, and endpoints with a policy."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "egress_open": FindingKind("Outbound traffic unrestricted", Severity.MEDIUM),
        "sg_egress_all": FindingKind("Security group lets everything out", Severity.LOW),
        "endpoint_policy_open": FindingKind("Endpoint policy allows everything", Severity.INFO),
        "firewall_alert_only": FindingKind("Firewall only alerts", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.TEAM,
            ("Which VPCs send their traffic through a proxy with a list of allowed destinations?"),
            about="VPC ids",
        ),
    ),
    imports={
        "prowler": (
            "networkfirewall_in_all_vpc",
            "networkfirewall_policy_default_action_full_packets",
            "networkfirewall_policy_rule_group_associated",
        ),
        "securityhub": ("NetworkFirewall.3", "NetworkFirewall.4"),
    },
    fix=Fix(
        "Lead outbound traffic through a firewall with a list of allowed domains.",
        "What is AWS Network Firewall?",
    ),
    source_url="https://docs.aws.amazon.com/network-firewall/latest/developerguide/what-is-aws-network-firewall.html",
)
