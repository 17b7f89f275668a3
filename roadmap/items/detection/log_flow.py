"""Flow logs of every VPC are delivered.

Reads the VPCs, what they hold and their subnets (ec2:DescribeVpcs, DescribeNetworkInterfaces,
DescribeSubnets), flow logs (ec2:DescribeFlowLogs) and what Security Lake collects, per Region. A
VPC belongs to the account that owns it, not to those it shares subnets with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collectors.services import account, ec2, securitylake
from roadmap.readings.log_sources import (
    Logged,
    asks,
    lake_collects,
    of_regions,
    own_vpcs,
    resource_arn,
    unless_declined,
)
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict

ALL = "ALL"
HALVES = frozenset({"ACCEPT", "REJECT"})


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    return of_regions(subject, "VPC", ec2.vpcs, lambda region: _in_region(subject, region))


def _in_region(subject: Subject, region: str) -> Iterator[Logged]:
    vpcs = own_vpcs(subject, region)
    logs = subject.facts.get(ec2.flow_logs, region) if vpcs else ()
    for vpc in vpcs:
        yield _of_vpc(subject, region, vpc, logs)


def _of_vpc(subject: Subject, region: str, vpc: ec2.Vpc, logs: Sequence[ec2.FlowLog]) -> Logged:
    arn = resource_arn(subject, "ec2", region, f"vpc/{vpc.vpc_id}")
    name = vpc.name or vpc.vpc_id
    subnets: set[str] = set()
    if any(log.resource_id.startswith("subnet-") for log in logs):
        found = subject.facts.get(ec2.subnets, region)
        subnets = {subnet.subnet_id for subnet in found if subnet.vpc_id == vpc.vpc_id}
    own = [log for log in logs if log.resource_id in {vpc.vpc_id, *subnets}]
    problems = [
        Problem(
            "log_delivery_failed",
            resource_arn(subject, "ec2", region, f"vpc-flow-log/{log.flow_log_id}"),
            log.flow_log_id,
            region,
            log.error or f"Of {log.resource_id}.",
        )
        for log in own
        if log.delivery == "FAILED"
    ]
    share = _share(vpc.vpc_id, subnets, own)
    if share < 1 and lake_collects(subject, securitylake.FLOW_LOGS, region):
        return Logged(arn, name, 1, "Security Lake", problems)
    destination = next((log.destination for log in own if log.delivers), "")
    if share == 1:
        return Logged(arn, name, 1, destination, problems)
    if share or not problems:
        detail = "Only accepted or only rejected traffic is logged." if share else ""
        problems.append(Problem("no_flow_log", arn, name, region, detail))
    return Logged(arn, name, share, destination, problems)


def _share(vpc_id: str, subnets: Iterable[str], logs: Sequence[ec2.FlowLog]) -> float:
    """How much of the traffic is logged by the VPC's own flow logs and those of its subnets, all
    of which have to be logged."""

    def traffic(resource_id: str) -> set[str]:
        return {log.traffic for log in logs if log.resource_id == resource_id and log.delivers}

    whole = traffic(vpc_id)
    return min((_share_of(whole | traffic(s)) for s in subnets), default=_share_of(whole))


def _share_of(traffic: set[str]) -> float:
    if ALL in traffic or traffic >= HALVES:
        return 1
    return 0.5 if traffic & HALVES else 0


item = Item(
    __name__,
    order="4.5.2",
    title="VPC flow logs",
    guidance=(
        "Flow logs say who talked to whom, when and how much: the one record of a connection that "
        "no host can forge. They should cover all traffic of the VPC; a log of rejected packets "
        "alone counts half. GuardDuty reads flows without such a log, and keeps none for you."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        ec2.vpcs,
        ec2.interfaces,
        ec2.flow_logs,
        ec2.subnets,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_flow_log": FindingKind("VPC without flow log", Severity.LOW),
        "log_delivery_failed": FindingKind("Log delivery fails", Severity.MEDIUM),
    },
    attests=asks("who talked to whom over the network, when and how much"),
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
