"""Flow logs of every VPC are delivered."""

from __future__ import annotations

from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.verdicts import Severity, Source

item = Item(
    __name__,
    order="4.5.2",
    title="VPC flow logs",
    guidance=(
        "Flow logs say who talked to whom, when and how much: the one record of a connection that"
        " no host can forge. They should cover all traffic of the VPC, not rejected packets "
        "alone."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    findings={
        "no_flow_log": FindingKind("VPC without flow log", Severity.LOW),
        "log_delivery_failed": FindingKind("Log delivery fails", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
        Attestable(
            Level.TEAM,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
        Attestable(
            Level.ORGANIZATION,
            "Is this source not wanted, and why?",
            declinable=True,
        ),
    ),
    parent="detection.extra_logs",
    imports={
        "prowler": ("vpc_flow_logs_enabled",),
        "securityhub": ("EC2.6",),
        "scoutsuite": ("vpc-subnet-without-flow-log",),
    },
    fix=Fix(
        "Create a flow log for all traffic of each VPC into the log bucket.",
        "Logging IP traffic using VPC Flow Logs",
    ),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
)
