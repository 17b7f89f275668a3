"""DNS queries of every VPC are logged.

Reads the VPCs and what they hold (ec2:DescribeVpcs, DescribeNetworkInterfaces), their query logs
(route53resolver:ListResolverQueryLogConfigAssociations) and what Security Lake collects, per
Region. A VPC belongs to the account that owns it, not to those it shares subnets with.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.services import account, ec2, route53resolver, securitylake
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
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Severity, Source, Verdict


def judge(subject: Subject) -> Verdict:
    return unless_declined(subject, lambda: _judged(subject))


def _judged(subject: Subject) -> Verdict:
    return of_regions(subject, "VPC", ec2.vpcs, lambda region: _in_region(subject, region))


def _in_region(subject: Subject, region: str) -> Iterator[Logged]:
    vpcs = own_vpcs(subject, region)
    logs = subject.facts.get(route53resolver.query_logs, region) if vpcs else ()
    for vpc in vpcs:
        own = [log for log in logs if log.vpc_id == vpc.vpc_id]
        yield _of_vpc(subject, region, vpc, own)


def _of_vpc(
    subject: Subject, region: str, vpc: ec2.Vpc, logs: list[route53resolver.QueryLog]
) -> Logged:
    arn = resource_arn(subject, "ec2", region, f"vpc/{vpc.vpc_id}")
    name = vpc.name or vpc.vpc_id
    why = listed(f"{log.config_id}: {log.error or log.status}" for log in logs if log.fails)
    problems = [Problem("log_delivery_failed", arn, name, region, f"{why}.")] if why else []
    delivering = next((log for log in logs if log.delivers), None)
    if delivering is not None:
        return Logged(arn, name, 1, delivering.destination, problems)
    if lake_collects(subject, securitylake.QUERY_LOGS, region):
        return Logged(arn, name, 1, "Security Lake", problems)
    return Logged(arn, name, 0, problems=problems or [Problem("no_dns_log", arn, name, region)])


item = Item(
    __name__,
    order="4.5.1",
    title="VPC DNS query logs",
    guidance=(
        "Malware asks for names before it talks to anybody. Resolver query logs show which name "
        "was asked for from which VPC. A configuration shared from another account counts once it "
        "is associated with the VPC. GuardDuty reads lookups without such a log, and keeps none "
        "for you."
    ),
    scope="resource → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        ec2.vpcs,
        ec2.interfaces,
        route53resolver.query_logs,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_dns_log": FindingKind("VPC without DNS query log", Severity.LOW),
        "log_delivery_failed": FindingKind("Log delivery fails", Severity.MEDIUM),
    },
    attests=asks("which names were looked up from which VPC"),
    parent="detection.extra_logs",
    fix=Fix(
        "Associate a query log configuration with every VPC, shared from the log account.",
        "Resolver query logging",
    ),
    source_url="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
)
