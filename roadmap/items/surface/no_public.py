"""No instance can be reached from the internet, and no bucket is open to it.

Reads interfaces, subnets, routes, security groups and VPC Block Public Access Region by Region, and
the policies, ACLs, access points and blocks of buckets. One exposed instance or public bucket fails
the account, wherever it is. What would only soften an attack (a web firewall, Shield Advanced) is
asked for where something is reachable at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import account, ec2, organizations, s3control, shield, sso_admin, wafv2
from roadmap.readings.exposure import (
    PublicBuckets,
    Reachable,
    describe,
    public_buckets,
    reachable_instances,
)
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import listed, number
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    not_applicable,
    partly,
    passed,
    region_verdict,
    unknown_for,
    verdict_of,
)

BUCKETS = "buckets"  # stands beside the Regions


def judge(subject: Subject) -> Verdict:
    seen = _Seen(subject)
    more: dict[str, Any] = {"facts": seen.facts(), "problems": list(seen.problems())}
    more["regions"] = seen.regions
    more["incomplete"] = seen.is_incomplete()
    if seen.exposed:
        return failed(seen.sentence(), "instance exposed", **more)
    if seen.buckets.found:
        return failed(seen.sentence(), "bucket public", **more)
    if seen.addressed:
        return partly(seen.sentence(), "public addresses remain", **more)
    statuses = {part.status for part in seen.parts.values()}
    if Status.UNKNOWN in statuses:
        return _unknown(seen, more)
    if statuses <= {Status.NOT_APPLICABLE}:
        sentence = "There is no instance and no bucket."
        return not_applicable(Reason.NO_RESOURCES, sentence, "no instance and no bucket", **more)
    return passed(seen.sentence(), "nothing public", **more)


def _unknown(seen: _Seen, more: dict[str, Any]) -> Verdict:
    del more["incomplete"]  # That of the parts counts.
    blind = [name for name, part in seen.parts.items() if part.status == Status.UNKNOWN]
    why = listed(dict.fromkeys(str(seen.parts[name].reason).replace("_", " ") for name in blind))
    where = f"{len(blind)} of {len(seen.parts)} places" if len(blind) > 3 else listed(blind)
    sentence = f"Nothing public was seen, but not everything could be: {where} ({why})."
    return verdict_of(seen.parts, sentence, "not everything could be seen", **more)


class _Seen:
    """Everything reachable in the account, and the verdict of each Region and of the buckets."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.reachable: list[Reachable] = []
        self.instances = 0
        self.buckets = PublicBuckets([], 0)
        self.regions: Mapping[str, Verdict] = {}
        self.parts = {**self._region_parts(), BUCKETS: self._bucket_part()}
        self.exposed = [one for one in self.reachable if one.is_exposed]
        self.addressed = [one for one in self.reachable if not one.is_exposed]
        self.sharing = self._everywhere(ec2.sharing_block)
        self.blocks = self._everywhere(ec2.vpc_block)
        self.web_acls = self._everywhere(wafv2.web_acls)
        self.shield = subject.facts.observation(shield.subscription)
        # Regions without an instance have nothing to block, those without an address nothing to
        # soften.
        self.used = [r for r, part in self.regions.items() if part.reason != Reason.NO_RESOURCES]
        self.reached = {one.region for one in self.reachable}

    def _region_parts(self) -> Mapping[str, Verdict]:
        """Raises nothing: a bucket may be public whatever the Regions are."""
        try:
            observed = self.subject.facts.by_region(ec2.instances)
        except Missing as missing:
            return {"Regions": unknown_for(missing)}
        self.regions = each_region(observed, self._region)
        return self.regions or {"Regions": region_verdict({}, "")}

    def _everywhere(self, collector: Collector[Any]) -> Mapping[str, Observation[Any]]:
        return {r: self.subject.facts.observation(collector, r) for r in self.regions}

    def _region(self, region: str) -> Verdict:
        arn = f"arn:{self.subject.account.partition}:ec2:{region}:"
        arn += f"{self.subject.account.account_id}:instance/"
        running = [
            instance
            for instance in self.subject.facts.get(ec2.instances, region)
            if instance.is_there and not self.subject.is_excepted(f"{arn}{instance.instance_id}")
        ]
        if not running:
            return not_applicable(Reason.NO_RESOURCES, "No instance", "no instance in the Region")
        reachable = reachable_instances(self.subject, region)
        self.instances += len(running)
        self.reachable += reachable.found
        facts = {one.instance_id: one.facts for one in reachable.found}
        if any(one.is_exposed for one in reachable.found):
            incomplete = reachable.unseen is not None
            return failed("Exposed", "instance exposed", facts=facts, incomplete=incomplete)
        if reachable.unseen is not None:
            return unknown_for(reachable.unseen, facts=facts)
        if reachable.found:
            incomplete = any(one.may_be_exposed for one in reachable.found)
            rule = "public addresses remain"
            return partly("Public addresses", rule, facts=facts, incomplete=incomplete)
        return passed("Nothing public", "nothing public", facts=facts)

    def _bucket_part(self) -> Verdict:
        try:
            self.buckets = public_buckets(self.subject)
        except Missing as missing:
            return unknown_for(missing)
        unseen = self.buckets.unseen
        if self.buckets.found:
            return failed("Public", "bucket public", incomplete=bool(unseen))
        if unseen:
            names = listed(bucket.name for bucket in unseen)
            message = f"{names} could not be looked at: {unseen[0].message}"
            return unknown_for(Missing(unseen[0].outcome, message))
        if not self.buckets.total:
            return not_applicable(Reason.NO_RESOURCES, "No bucket", "no bucket")
        return passed("Nothing public", "nothing public")

    def is_incomplete(self) -> bool:
        """Whether there may be findings that nobody could look for."""
        beside = [seen[region] for region in self.used for seen in (self.sharing, self.blocks)]
        if self.reached:
            beside += [self.shield, *(self.web_acls[region] for region in self.reached)]
        unseen = {one.outcome for one in beside}
        return bool(unseen - {Outcome.COLLECTED, Outcome.SERVICE_UNAVAILABLE}) or any(
            part.status == Status.UNKNOWN or part.incomplete for part in self.parts.values()
        )

    def sentence(self) -> str:
        said = []
        if self.exposed:
            said.append(f"The internet reaches {_counted(self.exposed)}.")
        if self.buckets.found:
            names = [bucket.name for bucket in self.buckets.found]
            what = "A bucket is" if len(names) == 1 else f"{len(names)} buckets are"
            said.append(f"{what} public ({listed(names)}).")
        if self.addressed:
            verb = "has" if len(self.addressed) == 1 else "have"
            said.append(f"{_counted(self.addressed)} {verb} a public address, but no open way in.")
        if not said:
            instances, buckets = self.instances, self.buckets.total
            said.append(
                f"No public address and no public bucket: {number(instances, 'instance')} and "
                f"{number(buckets, 'bucket')} were looked at."
            )
        return " ".join(said)

    def problems(self) -> Iterator[Problem]:
        ports = self.subject.settings["SOFT_TARGET_PORTS"]
        for one in self.exposed:
            soft = one.admits(ports)
            yield Problem(
                "instance_exposed",
                one.arn,
                region=one.region,
                detail=_opened(one, soft),
                severity=Severity.CRITICAL if soft else None,
            )
        for one in self.addressed:
            yield Problem("instance_public_address", one.arn, region=one.region)
        for bucket in self.buckets.found:
            yield Problem("bucket_public", bucket.arn, detail=bucket.detail)
        yield from self._beside()

    def _beside(self) -> Iterator[Problem]:
        """What the account could switch on."""
        used, sharing = self.used, self.sharing
        off = self._those(self.blocks, used, lambda block: block.mode in ("", "off"))
        images = self._those(sharing, used, lambda block: not block.are_images_blocked)
        snapshots = self._those(sharing, used, lambda block: not block.are_snapshots_blocked)
        unwatched = self._those(self.web_acls, self.reached, lambda names: not names)
        for code, regions in (
            ("vpc_bpa_off", off),
            ("image_sharing_unblocked", images),
            ("snapshot_sharing_unblocked", snapshots),
            ("no_waf", unwatched),
        ):
            if regions:
                yield Problem(code, detail=f"In {', '.join(regions)}.")
        subscription = self.shield.value
        if self.reached and subscription is not None and not subscription.is_active:
            yield Problem("no_shield_advanced")

    def _those(
        self,
        seen: Mapping[str, Observation[Any]],
        regions: Collection[str],
        is_so: Callable[[Any], bool],
    ) -> list[str]:
        """The Regions of which something is known to be so."""
        known = {r: one.value for r, one in seen.items() if one.outcome == Outcome.COLLECTED}
        return [region for region, value in known.items() if region in regions and is_so(value)]

    def _values(self, seen: Mapping[str, Observation[Any]]) -> Iterator[tuple[str, Any]]:
        """Of the Regions in which there is an instance."""
        for region in self.used:
            if seen[region].value is not None:
                yield region, seen[region].value

    def facts(self) -> dict[str, Any]:
        return {
            "instances": self.instances,
            "regions": {r: dict(part.facts) for r, part in self.regions.items() if part.facts},
            "buckets": self.buckets.total,
            "account_flags": asdict(self.buckets.flags),
            "public_buckets": {
                bucket.name: {"ways": bucket.ways, "flags": asdict(bucket.flags)}
                for bucket in self.buckets.found
            },
            "rcp_blocked": list(self.buckets.rcp_blocked),
            "vpc_block": {
                region: {"mode": block.mode, "managed_by": block.managed_by}
                for region, block in self._values(self.blocks)
            },
            "sharing_block": {
                region: asdict(block) for region, block in self._values(self.sharing)
            },
        }


def _counted(reachable: Sequence[Reachable]) -> str:
    names = listed(f"{one.instance_id} in {one.region}" for one in reachable)
    return names if len(reachable) == 1 else f"{len(reachable)} instances ({names})"


def _opened(one: Reachable, soft: Sequence[int]) -> str:
    rules = listed(f"{group} ({describe(rule)})" for group, rule in one.rules)
    ports = f" Attackers look for port {listed(map(str, soft))}." if soft else ""
    return f"Through {rules}, in {one.subnet_id}.{ports}"


item = Item(
    __name__,
    order="6.2",
    title="No public EC2 instances or S3 buckets",
    guidance=(
        "Instances stand behind a load balancer or CloudFront, and buckets behind Block Public "
        "Access. An instance is exposed when it has a public address, a route to the internet and"
        " an open security group; a public address alone is half way there."
    ),
    scope="resource → region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        ec2.instances,
        ec2.interfaces,
        ec2.subnets,
        ec2.route_tables,
        ec2.security_groups,
        ec2.vpc_block,
        ec2.sharing_block,
        s3control.bucket_access,
        wafv2.web_acls,
        shield.subscription,
        organizations.policies,
        organizations.listing,
        organizations.attached_rcps,
        sso_admin.access,
        account.regions,
    ),
    findings={
        "instance_exposed": FindingKind("Instance exposed", Severity.HIGH),
        "instance_public_address": FindingKind("Instance with a public address", Severity.MEDIUM),
        "bucket_public": FindingKind("Bucket public", Severity.CRITICAL),
        "vpc_bpa_off": FindingKind("VPC Block Public Access off", Severity.INFO),
        "image_sharing_unblocked": FindingKind(
            "Public sharing of images not blocked", Severity.LOW
        ),
        "snapshot_sharing_unblocked": FindingKind(
            "Public sharing of snapshots not blocked", Severity.LOW
        ),
        "no_waf": FindingKind("No web application firewall", Severity.INFO),
        "no_shield_advanced": FindingKind("No Shield Advanced", Severity.INFO),
    },
    imports={
        "prowler": (
            "ec2_instance_public_ip",
            "ec2_securitygroup_allow_ingress_from_internet_to_any_port",
            "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
            "s3_bucket_public_access",
            "ec2_ami_account_block_public_access",
            "ec2_ebs_snapshot_account_block_public_access",
        ),
        "securityhub": ("EC2.9", "EC2.18", "EC2.19", "S3.2", "S3.3"),
        "scoutsuite": (
            "ec2-instance-with-public-ip",
            "ec2-security-group-opens-all-ports-to-all",
            "s3-bucket-world-acl",
            "s3-bucket-world-policy-star",
        ),
        "cloudmapper": ("S3_PUBLIC_POLICY", "S3_PUBLIC_ACL"),
        "cloudmapper_public": ("ec2",),
    },
    fix=Fix(
        (
            "Put load balancers or CloudFront in front, move instances to private subnets, and "
            "block public access."
        ),
        "Block public access to VPCs and subnets",
    ),
    source_url="https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html",
)
