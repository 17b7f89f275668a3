"""How an account is tied to others: by trust, shares, peerings, gateways and what reaches into it.
Pure; the graph of item 5.6 of the evidence rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import accessanalyzer, ec2, iam, ram
from collectors.services.accessanalyzer import ExternalAccess
from roadmap.readings.analyzers import everywhere
from roadmap.readings.federation import account_of
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.subject import Subject

T = TypeVar("T")

ANYBODY = "*"
EXTERNAL_ID = "sts:externalid"
# States of a transit gateway's attachment that ties nothing any more.
ENDED = frozenset({"deleted", "deleting", "failed", "failing", "rejected", "rejecting"})

# What AWS puts in the place of an ARN once the user or role is gone: it lets nobody in.
_GONE = re.compile(r"A(?:IDA|ROA|GPA)[A-Z0-9]{12,}")


class Kind(StrEnum):
    TRUST = "role trust"
    ACCESS = "access from outside"
    SHARE = "resource share"
    PEERING = "VPC peering"
    GATEWAY = "transit gateway"


class Far(StrEnum):
    """Whose the other end is."""

    ORGANIZATION = "organization"
    REGISTERED = "registered"
    VENDOR = "vendor"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Edge:
    """``far`` is an account id, ``*`` for anybody, the id of an organization for anybody in it, or
    what AWS calls somebody of whom the account is not known. ``conditions`` are keys, in lower
    case."""

    kind: Kind
    resource: str
    far: str
    far_class: Far
    region: str = "global"
    conditions: tuple[str, ...] = ()
    asks_external_id: bool = False

    @property
    def is_network(self) -> bool:
        return self.kind in (Kind.PEERING, Kind.GATEWAY)


@dataclass
class Graph:
    """``gaps`` are why parts of it could not be seen."""

    edges: list[Edge] = field(default_factory=list)
    gaps: list[Missing] = field(default_factory=list)

    @property
    def unknown(self) -> list[Edge]:
        return [edge for edge in self.edges if edge.far_class == Far.UNKNOWN]


def graph(subject: Subject) -> Graph:
    """Without ties of resources under an exception, and one for each resource and far end."""
    found = Graph()
    for look in (_trusts, _shares, _peerings, _gateways, _external_access):
        found.edges += _seen(look(subject), found.gaps)
    first: dict[tuple[str, str], Edge] = {}
    for edge in found.edges:
        if not subject.is_excepted(edge.resource):
            first.setdefault((edge.resource, edge.far), edge)
    found.edges = list(first.values())
    return found


# Edges, and Missing for what could not be seen.
Looking = Iterator[Edge | Missing]


def _seen(looking: Looking, gaps: list[Missing]) -> Iterator[Edge]:
    for one in looking:
        if isinstance(one, Edge):
            yield one
        elif one.outcome not in NOTHING_THERE:
            gaps.append(one)


def _trusts(subject: Subject) -> Looking:
    try:
        roles = subject.facts.get(iam.authorization).roles
    except Missing as missing:
        yield missing
        return
    for role in roles:
        # Where several statements let the same one in, the one that asks least of it is kept.
        for trust in sorted(role.trusts, key=lambda one: one.asks_for(EXTERNAL_ID)):
            keys = tuple(sorted({key for _, key in trust.conditions}))
            for far in _trusted(subject, trust):
                edge = _edge(subject, Kind.TRUST, role.arn, far, conditions=keys)
                yield replace(edge, asks_external_id=trust.asks_for(EXTERNAL_ID))


def _trusted(subject: Subject, trust: iam.Trust) -> Iterator[str]:
    """Anybody of the account's own organization is no tie, of others one to each of them."""
    for far in _far_ends(subject, trust.principals):
        if far == ANYBODY and trust.organizations:
            own = subject.account.organization_id
            yield from (one for one in trust.organizations if one != own)
        else:
            yield far


def _far_ends(subject: Subject, principals: Iterable[str]) -> Iterator[str]:
    """Accounts, ``*`` or the name of somebody. Services and identity providers are no accounts."""
    for principal in principals:
        kind = principal.partition(":")[0]
        if kind in ("Service", "Federated") or _GONE.fullmatch(principal):
            continue
        far = account_of(principal) or principal
        if far != subject.account.account_id:
            yield far


def _edge(
    subject: Subject,
    kind: Kind,
    resource: str,
    far: str,
    region: str = "global",
    conditions: tuple[str, ...] = (),
) -> Edge:
    return Edge(kind, resource, far, far_class(subject, far), region, conditions)


def far_class(subject: Subject, far: str) -> Far:
    if far in subject.company.accounts:
        return Far.ORGANIZATION
    if far in subject.settings["VENDOR_ACCOUNTS"]:
        return Far.VENDOR
    own = {account_of(principal) for principal in subject.company.collector_principals}
    known = (subject.company.registered_ids, subject.company.of_other_organizations, own)
    if any(far in ids for ids in known):
        return Far.REGISTERED
    return Far.UNKNOWN


def _regional(subject: Subject, collector: Collector[T]) -> Iterator[tuple[str, T] | Missing]:
    try:
        observations = subject.facts.by_region(collector)
    except Missing as missing:
        yield missing
        return
    for region, observation in observations.items():
        try:
            yield region, observation.get()
        except Missing as missing:
            yield missing


def _shares(subject: Subject) -> Looking:
    for one in _regional(subject, ram.shares):
        if isinstance(one, Missing):
            yield one
            continue
        region, shares = one
        ends = [(one.arn, far) for one in shares.own for far in map(account_of, one.principals)]
        # What is shared with a service of AWS is shared with no account.
        ends = [(arn, far) for arn, far in ends if far]
        ends += [(one.arn, one.owner_id) for one in shares.of_others]
        yield from _to_others(subject, Kind.SHARE, ends, region)


def _to_others(
    subject: Subject, kind: Kind, ends: Iterable[tuple[str, str]], region: str
) -> Looking:
    """Who is not told may be anybody."""
    for resource, far in ends:
        if not far and not subject.is_excepted(resource):
            message = f"AWS does not tell whose the other end of {resource} is."
            yield Missing(Outcome.API_ERROR, message)
        elif far and far != subject.account.account_id:
            yield _edge(subject, kind, resource, far, region)


def _peerings(subject: Subject) -> Looking:
    for one in _regional(subject, ec2.peerings):
        if isinstance(one, Missing):
            yield one
            continue
        region, peerings = one
        ends = [
            (_arn(subject, region, "vpc-peering-connection", peering.peering_id), far)
            for peering in peerings
            for far in peering.owners
        ]
        yield from _to_others(subject, Kind.PEERING, ends, region)


def _gateways(subject: Subject) -> Looking:
    for one in _regional(subject, ec2.transit_gateway_attachments):
        if isinstance(one, Missing):
            yield one
            continue
        region, attachments = one
        ends = [
            (_arn(subject, region, "transit-gateway-attachment", attachment.attachment_id), far)
            for attachment in attachments
            if attachment.state not in ENDED
            for far in (attachment.transit_gateway_owner_id, attachment.resource_owner_id)
        ]
        yield from _to_others(subject, Kind.GATEWAY, ends, region)


def _arn(subject: Subject, region: str, kind: str, name: str) -> str:
    account = subject.account
    return f"arn:{account.partition}:ec2:{region}:{account.account_id}:{kind}/{name}"


def _external_access(subject: Subject) -> Looking:
    """What the organization's analyzers find; a Region in which none of them looks has no findings.

    Only the account that runs an analyzer sees it, so one answer from a Region is enough. A
    security account of unknown Regions may have one in any.
    """
    account = subject.account.account_id
    answers: dict[str, list[ExternalAccess]] = {}
    missing: dict[str, Missing] = {}
    for observation in everywhere(subject, accessanalyzer.external_access):
        try:
            answers.setdefault(observation.region, []).append(observation.get())
        except Missing as reason:
            missing[observation.region] = reason
    looked_at = {region for region, found in answers.items() if any(a.is_analyzed for a in found)}
    if looked_at.issuperset(subject.facts.organization.regions.get(account, [""])):
        missing.pop("", None)
    yield from (reason for region, reason in missing.items() if region not in looked_at)
    for region, found in answers.items():
        for access in found:
            yield from _findings(subject, access, region)
            if unread := access.unread.get(account):
                message = f"{unread} findings of Access Analyzer in {region} are not read yet."
                yield Missing(Outcome.NEVER_COLLECTED, message)


def _findings(subject: Subject, access: ExternalAccess, region: str) -> Iterator[Edge]:
    for finding in access.findings:
        if finding.account_id != subject.account.account_id:
            continue
        principals = (ANYBODY,) if finding.is_public else finding.principals
        for far in _far_ends(subject, principals):
            yield _edge(subject, Kind.ACCESS, finding.resource, far, region, finding.conditions)
