"""There is a plan for how accounts connect, and no tie to an account nobody knows.

Reads whom roles trust (iam:GetAccountAuthorizationDetails), resource shares, VPC peerings, transit
gateways and what the organization's analyzers find (access-analyzer:GetFindingV2). A vendor is
known by the setting VENDOR_ACCOUNTS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from collectors.services import accessanalyzer, ec2, iam, ram
from roadmap.readings.answers import expired, kept, not_attested
from roadmap.readings.connections import ANYBODY, Edge, Far, Graph, Kind, graph
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed, number
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown_for,
)


def judge(subject: Subject) -> Verdict:
    seen = graph(subject)
    plan = subject.attested()
    is_planned = plan is not None and plan.claim == "done" and plan.holds(subject.now)
    more: dict[str, Any] = {
        "facts": _facts(subject, seen, plan),
        "problems": [*_problems(subject, seen), *_of_plan(is_planned)],
        "incomplete": bool(seen.gaps),
    }
    strangers = seen.unknown
    if strangers:
        ties = f"{number(len(strangers), 'tie')} to nobody known: {_named(strangers)}."
        if is_planned:
            return partly(f"There is a plan, but {ties}", "plan, and unknown ties", **more)
        return failed(f"There is no plan that holds, and {ties}", "no plan, unknown ties", **more)
    if seen.gaps:
        return unknown_for(seen.gaps[0], rule="ties could not be seen", **more)
    known = _known(seen)
    if not subject.account.organization_id:
        sentence = f"No plan of an organization covers the account, and {known}."
        return partly(sentence, "no plan, but no unknown tie", **more)
    if plan is None:
        return not_attested("where the plan for connecting accounts is", **more)
    if not plan.holds(subject.now):
        return expired(plan, **more)
    if is_planned:
        return passed(f"There is a plan, and {known}.", "plan, and no unknown tie", **more)
    said = "is there only in part" if plan.claim == "partly" else "is not there yet"
    return partly(f"The plan {said}, and {known}.", "no plan, but no unknown tie", **more)


def _known(seen: Graph) -> str:
    if not seen.edges:
        return "no tie to another account was found"
    what = "its only tie leads" if len(seen.edges) == 1 else f"all {len(seen.edges)} ties lead"
    return f"{what} to somebody known"


def _named(edges: Sequence[Edge]) -> str:
    return listed(
        f"{_far(edge)} by {edge.kind} {edge.resource.rpartition('/')[2]}" for edge in edges
    )


def _far(edge: Edge) -> str:
    return "anybody" if edge.far == ANYBODY else edge.far


def _facts(subject: Subject, seen: Graph, plan: Attested | None) -> dict[str, Any]:
    """Ties within the organization are counted, the others listed."""
    within = Counter(str(one.kind) for one in seen.edges if one.far_class == Far.ORGANIZATION)
    return {
        "plan": kept(plan) if plan else None,
        "note": "" if subject.account.organization_id else "not_in_organization",
        "within_organization": dict(sorted(within.items())),
        "edges": [
            {
                "kind": edge.kind,
                "resource": edge.resource,
                "far": edge.far,
                "known_as": edge.far_class,
                "conditions": list(edge.conditions),
                "region": edge.region,
            }
            for edge in seen.edges
            if edge.far_class != Far.ORGANIZATION
        ],
        "gaps": sorted({gap.message for gap in seen.gaps}),
    }


def _problems(subject: Subject, seen: Graph) -> Iterator[Problem]:
    """One for each resource, however many accounts it is tied to."""
    vendors = subject.settings["VENDOR_ACCOUNTS"]
    unknown: dict[tuple[str, str], list[Edge]] = {}
    open_roles: dict[str, list[str]] = {}
    for edge in seen.edges:
        if edge.far_class == Far.UNKNOWN:
            unknown.setdefault((edge.resource, edge.region), []).append(edge)
        is_open = edge.kind == Kind.TRUST and not edge.asks_external_id
        if edge.far_class == Far.VENDOR and is_open:
            open_roles.setdefault(edge.resource, []).append(f"{vendors[edge.far]} ({edge.far})")
    for (arn, region), edges in unknown.items():
        severity = Severity.MEDIUM if all(edge.is_network for edge in edges) else None
        detail = f"{edges[0].kind.capitalize()} with {listed(_far(edge) for edge in edges)}."
        yield Problem("unknown_account_edge", arn, _name(arn), region, detail, severity=severity)
    for arn, names in open_roles.items():
        detail = f"{listed(names)} needs no external id."
        yield Problem("trust_without_external_id", arn, _name(arn), detail=detail)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _of_plan(is_planned: bool) -> Iterator[Problem]:
    if not is_planned:
        yield Problem("plan_missing", organization=True)


item = Item(
    __name__,
    order="5.6",
    title="Plan for connecting accounts",
    guidance=(
        "Accounts are tied by trust in roles, shares, peerings and gateways, and each tie is a "
        "way an intruder may go. A plan says which kinds there are and when a new account is "
        "made. The ties that exist lead to accounts of the company or to registered vendors."
    ),
    scope="organization (plan) and account (graph)",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        iam.authorization,
        ram.shares,
        ec2.peerings,
        ec2.transit_gateway_attachments,
        accessanalyzer.external_access,
    ),
    findings={
        "unknown_account_edge": FindingKind("Tie to an unknown account", Severity.HIGH),
        "trust_without_external_id": FindingKind(
            "Vendor role without external id", Severity.MEDIUM
        ),
        "plan_missing": FindingKind("Connection plan missing", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            (
                "Where is the plan for how people, roles, buckets and networks connect, and when "
                "new accounts are made?"
            ),
        ),
    ),
    imports={
        "scoutsuite": (
            "iam-assume-role-lacks-external-id-and-mfa",
            "iam-assume-role-policy-allows-all",
        ),
        "cloudmapper": ("IAM_ROLE_ALLOWS_ASSUMPTION_FROM_ANYWHERE",),
        "prowler": ("vpc_endpoint_connections_trust_boundaries", "s3_bucket_cross_account_access"),
    },
    fix=Fix(
        "Write down the patterns of connection, and register vendors with their external ids.",
        "Organizing Your AWS Environment Using Multiple Accounts",
    ),
    source_url="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html",
)
