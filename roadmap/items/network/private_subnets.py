"""Workloads have no public address, and what goes out passes an inspection."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="9.1",
    title="Resources private, outbound proxied",
    guidance=(
        "Only what is meant to be public stands in a public subnet: load balancers, gateways. "
        "Everything else is private, and its way out leads through a firewall, a proxy or an "
        "inspection network where it can be seen and stopped."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "misplaced_interface": FindingKind("Resource in a public place", Severity.MEDIUM),
        "subnet_auto_public_ip": FindingKind(
            "Subnet gives public addresses by itself", Severity.LOW
        ),
        "vpc_unproxied": FindingKind("Outbound traffic not inspected", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.TEAM,
            "Which VPCs send their traffic through a forward proxy?",
            about="VPC ids",
        ),
    ),
    imports={
        "prowler": (
            "vpc_subnet_separate_private_public",
            "vpc_subnet_no_public_ip_by_default",
            "rds_instance_no_public_access",
            "redshift_cluster_public_access",
            "networkfirewall_in_all_vpc",
            "awslambda_function_inside_vpc",
        ),
        "securityhub": ("EC2.15", "RDS.2", "Lambda.3"),
    },
    fix=Fix(
        "Move workloads to private subnets behind an inspected way out.",
        "Example: VPC with servers in private subnets and NAT",
    ),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-example-private-subnets-nat.html",
)
