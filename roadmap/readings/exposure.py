"""What of an account the whole internet reaches: instances, and buckets. Pure.

An instance is exposed when an interface has a public address, its subnet routes to an internet
gateway, a security group admits the internet and VPC Block Public Access does not stop it. Network
ACLs are not looked at, so what they alone protect counts as exposed.

A resource control policy that denies strangers a bucket makes it private. Where nobody saw those
policies, a bucket that is open otherwise counts as public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collectors.outcomes import Missing
from collectors.services import ec2, organizations, s3control
from roadmap.guardrails.case import above_of, chain_of, place_of
from roadmap.guardrails.probes import anonymous_read
from roadmap.readings.vpcs import Network
from roadmap.sentences import listed
from roadmap.subject import Subject


@dataclass(frozen=True)
class Reachable:
    """An instance with a public address. ``rules`` are those that admit the internet;
    ``is_partly_unread``: a group was not listed, or nobody could read a prefix list."""

    instance_id: str
    arn: str
    region: str
    subnet_id: str = ""
    has_route: bool = False
    is_blocked: bool = False
    rules: tuple[tuple[str, ec2.Rule], ...] = ()
    is_partly_unread: bool = False

    @property
    def is_exposed(self) -> bool:
        return self.has_route and bool(self.rules) and not self.is_blocked

    @property
    def may_be_exposed(self) -> bool:
        return self.has_route and self.is_partly_unread and not self.is_blocked

    def admits(self, ports: Sequence[int]) -> list[int]:
        """Those of the ports that the internet reaches."""
        if not self.is_exposed:
            return []
        return [port for port in ports if any(rule.admits(port) for _, rule in self.rules)]

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "subnet": self.subnet_id,
            "route": self.has_route,
            "blocked": self.is_blocked,
            "open": [f"{group}: {describe(rule)}" for group, rule in self.rules],
            "unread": self.is_partly_unread,
        }


@dataclass(frozen=True)
class Reachables:
    """Instances with a public address in a Region. ``unseen`` is why some could not be told."""

    found: list[Reachable] = field(default_factory=list)
    unseen: Missing | None = None


def describe(rule: ec2.Rule) -> str:
    protocol = "all protocols" if rule.protocol == "-1" else rule.protocol
    ports = "" if rule.from_port is None else f" {rule.from_port}"
    if rule.to_port != rule.from_port:
        ports += f"-{rule.to_port}"
    return f"{protocol}{ports} from {rule.cidr}"


def reachable_instances(subject: Subject, region: str) -> Reachables:
    """Raises Missing where the interfaces were not seen. Excepted instances are left out; of one
    with several interfaces the worst counts."""
    network = Network(subject, region)
    worst: dict[str, Reachable] = {}
    unseen: Missing | None = None
    for interface in network.interfaces:
        arn = network.arn(f"instance/{interface.instance_id}")
        if not interface.instance_id or subject.is_excepted(arn):
            continue
        try:
            found = _reachable(network, interface, arn)
        except Missing as missing:
            unseen = missing
            continue
        before = worst.get(arn)
        if found and (before is None or (found.is_exposed and not before.is_exposed)):
            worst[arn] = found
    return Reachables(list(worst.values()), unseen)


def _reachable(network: Network, interface: ec2.Interfaces, arn: str) -> Reachable | None:
    """None for IPv6 addresses that are only used within."""
    subnet = interface.subnet_id
    if not interface.has_public_ip and not network.leads_to_internet_gateway(
        subnet, ipv6_only=True
    ):
        return None
    below = network.subject.settings["PUBLIC_CIDR_MAX_PREFIX"]
    groups = network.groups(interface.group_ids)
    rules = [(g.group_id, rule) for g in groups if g is not None for rule in g.ingress]
    return Reachable(
        instance_id=interface.instance_id,
        arn=arn,
        region=network.region,
        subnet_id=subnet,
        has_route=network.leads_to_internet_gateway(subnet),
        is_blocked=network.is_ingress_blocked(subnet),
        rules=tuple((group_id, rule) for group_id, rule in rules if rule.is_open(below)),
        is_partly_unread=None in groups or any(rule.is_open(below) is None for _, rule in rules),
    )


@dataclass(frozen=True)
class PublicBucket:
    name: str
    arn: str
    ways: list[str]
    flags: s3control.Flags = field(default_factory=s3control.Flags)

    @property
    def detail(self) -> str:
        return f"Open through {listed(self.ways)}."


@dataclass(frozen=True)
class PublicBuckets:
    """``total`` counts the buckets looked at, without excepted ones that are public; ``flags`` are
    the account's.
    ``rcp_blocked`` are the names of those that only a resource control policy keeps private."""

    found: list[PublicBucket]
    total: int
    unseen: tuple[s3control.UnseenBucket, ...] = ()
    rcp_blocked: tuple[str, ...] = ()
    flags: s3control.Flags = field(default_factory=s3control.Flags)


def public_buckets(subject: Subject) -> PublicBuckets:
    """Raises Missing where no bucket was seen."""
    buckets = subject.facts.get(s3control.bucket_access)
    found, excepted, blocked = [], 0, []
    for bucket in buckets.opened:
        ways = bucket.ways_in(buckets.flags)
        arn = f"arn:{subject.account.partition}:s3:::{bucket.name}"
        if not ways:
            continue
        if subject.is_excepted(arn):
            excepted += 1
        elif _is_denied_to_strangers(subject, bucket):
            blocked.append(bucket.name)
        else:
            found.append(PublicBucket(bucket.name, arn, ways, bucket.flags))
    return PublicBuckets(
        found, buckets.total - excepted, buckets.unseen, tuple(blocked), buckets.flags
    )


def _is_denied_to_strangers(subject: Subject, bucket: s3control.BucketAccess) -> bool:
    """By an explicit Deny: without any resource control policy nothing is denied. They do not
    reach the management account's resources."""
    if not subject.account.organization_id or subject.account.is_management:
        return False
    try:
        policies = subject.facts.management(organizations.policies)
        listing = subject.facts.management(organizations.listing)
        above = above_of(listing, subject.account.account_id)
        own = subject.facts.get(organizations.attached_rcps)
        chain = chain_of(policies, above, own, organizations.RESOURCE_CONTROL_POLICY)
        # Under its own id, which the bucket's name may hold.
        place = replace(place_of(subject, chain, above), account=subject.account.account_id)
    except Missing:
        return False
    decision = anonymous_read(chain, place, bucket.name, bucket.region)
    return decision.is_denied and bool(decision.policy)
