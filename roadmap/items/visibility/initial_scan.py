"""The account was scanned once, everywhere, and nothing urgent that the scan found is still open.

Reads which standards of Security Hub are ready, per Region (securityhub:DescribeHub,
GetEnabledStandards), what those found that the whole internet can reach, as the security accounts
see it (securityhub:GetFindings), a person's answer that another tool scanned the account, and what
Cairn's own exposure collectors show: the buckets and instances of ``surface.no_public``. Those
tell of public buckets and exposed ports, not of databases, snapshots, images and search domains.

The rule has two halves, and either alone earns a partial. So a complete scan whose urgent results
nobody could see is partial and incomplete: that holds for a scan by another tool, the urgent test
of which rests on Cairn's own exposure collectors, where those do not cover the account, and for
standards of Security Hub whose results reach no security account. Without a scan the exposure
collectors decide: they earn a partial where they cover the account and show nothing urgent.

AWS says since when Security Hub is on, not since when a standard is ready: the former is what the
seven days are counted from. EC2.1 is checked once in every account and Region, so a Region counts
as seen where a result of it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, ec2, organizations, s3control, securityhub, sso_admin
from roadmap.readings.answers import expired
from roadmap.readings.central import of_security
from roadmap.readings.exposure import public_buckets, reachable_instances
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Status,
    Verdict,
    by_region,
    combine,
    failed,
    partly,
    passed,
    region_verdict,
)

READY_DAYS = 7

# What counts as urgent: finding code → scanner → its checks for it.
URGENT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "public_bucket": {
        "prowler": (
            "s3_bucket_public_access",
            "s3_bucket_policy_public_write_access",
            "s3_bucket_public_list_acl",
            "s3_bucket_public_write_acl",
        ),
        "securityhub": ("S3.2", "S3.3"),
        "scoutsuite": ("s3-bucket-world-acl", "s3-bucket-world-policy-star"),
        "cloudmapper": ("S3_PUBLIC_POLICY", "S3_PUBLIC_ACL"),
    },
    "public_search_domain": {
        "prowler": ("opensearch_service_domains_not_publicly_accessible",),
        "securityhub": ("ES.2", "OpenSearch.2"),
        "cloudmapper": ("ES_PUBLIC",),
    },
    "soft_target_exposed": {
        "prowler": tuple(
            f"ec2_instance_port_{port}_exposed_to_internet"
            for port in (
                "elasticsearch_kibana", "mongodb", "mysql", "postgresql", "sqlserver", "oracle",
                "redis", "memcached", "kafka", "cassandra", "ldap", "cifs", "ftp", "telnet", "rdp",
                "ssh",
            )
        ),
        "securityhub": ("EC2.19",),
        "scoutsuite": ("ec2-security-group-opens-known-port-to-all",),
    },
    "public_database": {
        "prowler": (
            "rds_instance_no_public_access",
            "redshift_cluster_public_access",
            "dms_instance_no_public_access",
        ),
        "securityhub": ("RDS.2", "Redshift.1", "DMS.1"),
        "scoutsuite": ("rds-instance-publicly-accessible",),
        "cloudmapper": ("RDS_PUBLIC_IP", "REDSHIFT_PUBLIC_IP"),
    },
    "public_snapshot": {
        "prowler": ("rds_snapshots_public_access", "ec2_ebs_public_snapshot"),
        "securityhub": ("EC2.1", "RDS.1"),
        "scoutsuite": ("rds-snapshot-public", "ec2-ebs-snapshot-public"),
        "cloudmapper": ("EBS_SNAPSHOT_PUBLIC", "RDS_PUBLIC_SNAPSHOT"),
    },
    "public_image": {
        "prowler": ("ec2_ami_public",),
        "scoutsuite": ("ec2-ami-public",),
        "cloudmapper": ("AMI_PUBLIC",),
    },
}  # fmt: skip
CODES = {check: code for code, checks in URGENT.items() for check in checks.get("securityhub", ())}


def judge(subject: Subject) -> Verdict:
    scan = _Scan(subject)
    own = _own(subject, list(scan.parts))
    urgent = _urgent(subject, scan, own)
    verdict = _judged(scan, urgent, own)
    # Where Security Hub is off there are no results to look for.
    blind = {*own.unseen, *(region for region in urgent.unseen if scan.is_on(region))}
    parts = {
        region: replace(part, incomplete=part.incomplete or region in blind)
        for region, part in scan.parts.items()
    }
    return replace(verdict, regions=parts, incomplete=verdict.incomplete or bool(blind))


def _judged(scan: _Scan, urgent: _Urgent, own: _Own) -> Verdict:
    more = {"facts": {**scan.facts, **urgent.facts}, "problems": urgent.problems}
    if not scan.exists:
        return _no_scan(scan, urgent, own, more)
    if urgent.problems:
        sentence = f"{scan.sentence} {len(urgent.problems)} urgent results are open."
        if len(urgent.problems) == 1:
            sentence = f"{scan.sentence} One urgent result is open."
        return partly(sentence, "urgent results open", **more)
    if scan.status != Status.PASS:
        return _unfinished(scan, more)
    # The urgent test of a scan by another tool rests on Cairn's own collectors.
    if urgent.unseen and not (scan.is_attested and not own.unseen):
        sentence = f"{scan.sentence} Whether it found anything urgent is not known: {urgent.why}"
        return partly(sentence, "urgent results not seen", **more)
    sentence = f"{scan.sentence} Nothing urgent is open."
    return passed(sentence, "scanned, nothing urgent open", source=scan.source, **more)


def _no_scan(scan: _Scan, urgent: _Urgent, own: _Own, more: dict[str, Any]) -> Verdict:
    if scan.status == Status.UNKNOWN or not scan.parts:
        return region_verdict(scan.parts, scan.sentence, **more)
    more["incomplete"] = scan.is_incomplete
    if own.unseen:
        sentence = (
            f"{scan.sentence} Cairn's own exposure collectors do not cover the account: {own.why}"
        )
        return failed(sentence, "no scan", **more)
    if urgent.problems:
        names = listed(problem.name or problem.resource for problem in urgent.problems)
        sentence = f"{scan.sentence} Cairn itself sees something urgent: {names}."
        return failed(sentence, "no scan, and something urgent", **more)
    sentence = f"{scan.sentence} Cairn itself sees no public bucket and no exposed port."
    return partly(sentence, "no scan, nothing urgent", **more)


def _unfinished(scan: _Scan, more: dict[str, Any]) -> Verdict:
    """Some Regions were scanned, and others were not or could not be asked."""
    if scan.status == Status.UNKNOWN:
        return region_verdict(scan.parts, scan.sentence, **more)
    return partly(scan.sentence, "scan misses Regions", incomplete=scan.is_incomplete, **more)


class _Scan:
    """Whether and where the account was scanned, by Security Hub or by another tool."""

    def __init__(self, subject: Subject) -> None:
        hubs = subject.facts.by_region(securityhub.hub)
        self.parts = by_region(hubs, lambda _, hub: _of_hub(hub, subject))
        given = subject.attested()
        is_scan = given is not None and given.claim in ("done", "partly")
        self.attested = given if given and is_scan and given.holds(subject.now) else None
        self.ended = expired(given) if given and is_scan and not self.attested else None
        combined = combine(self.parts.values())
        self.is_incomplete = combined.incomplete
        self.by_hub = combined.status
        self.facts = {
            "scanner": "Security Hub" if self.regions(Status.PASS) else None,
            "regions": {region: dict(part.facts) for region, part in self.parts.items()},
            "report": self.attested.url if self.attested else None,
        }

    def regions(self, status: Status) -> list[str]:
        return [region for region, part in self.parts.items() if part.status == status]

    def is_on(self, region: str) -> bool:
        part = self.parts.get(region)
        return part is not None and bool(part.facts.get("hub"))

    @property
    def is_attested(self) -> bool:
        """Whether it is a person's word that decides, not Security Hub."""
        return self.attested is not None and self.by_hub != Status.PASS

    @property
    def exists(self) -> bool:
        return self.attested is not None or bool(self.regions(Status.PASS))

    @property
    def status(self) -> Status:
        """Pass: everywhere; partial: in part."""
        if self.by_hub == Status.PASS or self.attested is None:
            return self.by_hub
        return Status.PASS if self.attested.claim == "done" else Status.PARTIAL

    @property
    def source(self) -> Source:
        return Source.AUTOMATIC if self.by_hub == Status.PASS else Source.ATTESTED

    @property
    def sentence(self) -> str:
        if self.attested is not None and self.is_attested:
            how = "in part" if self.attested.claim == "partly" else "completely"
            return f"Another tool scanned the account {how}, says {self.attested.author}."
        scanned, total = self.regions(Status.PASS), len(self.parts)
        if scanned:
            where = f"all {total}" if len(scanned) == total else f"{len(scanned)} of {total}"
            return f"Security Hub has checked {where} Regions for {READY_DAYS} days or more."
        if self.by_hub == Status.UNKNOWN:
            return "Whether Security Hub checks the account could not be seen."
        why = {part.sentence for part in self.parts.values() if part.status == Status.FAIL}
        told = listed(sorted(why)) or "AWS does not offer Security Hub in its Regions"
        return " ".join(
            [f"No scan of the account is known; {told}."]
            + ([self.ended.sentence] if self.ended else [])
        )


def _of_hub(hub: securityhub.Hub, subject: Subject) -> Verdict:
    facts = {"hub": hub.arn, "standards": {s.arn: s.status for s in hub.standards}}
    if not hub.arn:
        return failed("Security Hub is off", "off")
    if not any(standard.is_ready for standard in hub.standards):
        return failed("no standard of Security Hub is ready", "no standard ready", facts=facts)
    since = hub.subscribed_at
    if since is None or subject.now - since < timedelta(days=READY_DAYS):
        sentence = f"Security Hub is on for less than {READY_DAYS} days"
        return failed(sentence, "too new", facts=facts)
    return passed("Security Hub checks it", "standard ready", facts=facts)


@dataclass(frozen=True)
class _Urgent:
    """``unseen`` are the Regions whose results no security account holds, ``why`` says why."""

    problems: Sequence[Problem]
    unseen: Sequence[str]
    why: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        by_code: dict[str, int] = {}
        for problem in self.problems:
            by_code[problem.code] = by_code.get(problem.code, 0) + 1
        return {"urgent": by_code, "urgent_not_seen_in": list(self.unseen)}


@dataclass(frozen=True)
class _Own:
    """What Cairn's own collectors show; ``unseen`` are the Regions they do not cover, and
    "buckets", ``why`` says why."""

    problems: Sequence[Problem]
    unseen: Sequence[str]
    why: str = ""


def _own(subject: Subject, regions: Iterable[str]) -> _Own:
    problems: list[Problem] = []
    unseen: dict[str, str] = {}
    for region in regions:
        try:
            reachable = reachable_instances(subject, region)
        except Missing as missing:
            unseen[region] = missing.message
            continue
        if reachable.unseen is not None:
            unseen[region] = reachable.unseen.message
        for one in reachable.found:
            soft = one.admits(subject.settings["SOFT_TARGET_PORTS"])
            if soft:
                detail = f"The internet reaches port {listed(map(str, soft))}."
                problems.append(
                    Problem("soft_target_exposed", one.arn, one.instance_id, region, detail)
                )
    try:
        buckets = public_buckets(subject)
    except Missing as missing:
        unseen["buckets"] = missing.message
    else:
        problems += [
            Problem("public_bucket", public.arn, public.name, detail=public.detail)
            for public in buckets.found
        ]
        for bucket in buckets.unseen:
            unseen["buckets"] = bucket.message
    return _Own(problems, list(unseen), next(iter(unseen.values()), ""))


def _urgent(subject: Subject, scan: _Scan, own: _Own) -> _Urgent:
    """Of all that is known: what Security Hub and Cairn both see counts once, what an exception
    covers not at all."""
    about = subject.account.account_id
    regions = [region for region in scan.parts if region not in scan.regions(Status.NOT_APPLICABLE)]
    checked: set[str] = set()
    problems: dict[tuple[str, str, str], Problem] = {}
    why = "no security account holds the account's results."
    for region in regions:
        for seen in of_security(subject, securityhub.urgent_findings, region).values():
            if seen.outcome != Outcome.COLLECTED:
                why = seen.message
                continue
            results = seen.get()
            checked.update(results.checked.get(about, ()))
            for problem in _problems(results.failed.get(about, ())):
                if subject.is_excepted(problem.resource or subject.account.root_arn):
                    continue
                problems[problem.code, problem.resource, problem.region] = problem
    unseen = [region for region in regions if region not in checked]
    known = {(problem.code, problem.resource) for problem in problems.values()}
    added = [one for one in own.problems if (one.code, one.resource) not in known]
    return _Urgent([*problems.values(), *added], unseen, why)


def _problems(findings: Sequence[securityhub.UrgentFinding]) -> Iterator[Problem]:
    for finding in findings:
        yield Problem(
            CODES[finding.control],
            "" if finding.resource.startswith("AWS::::Account") else finding.resource,
            finding.resource.rpartition("/")[2].rpartition(":")[2],
            finding.region or "global",
            detail=f"Security Hub {finding.control}{', muted there' if finding.is_muted else ''}.",
        )


item = Item(
    __name__,
    order="3.3",
    title="First scan done, urgent issues handled",
    guidance=(
        "Before any long plan, look once for what an attacker would find today: public buckets "
        "and search domains, databases and management ports open to the internet, snapshots and "
        "images shared with everybody. Those come first; the rest of the report can wait. "
        "Scanners that list failures only (CloudMapper) prove nothing by silence unless their "
        "import is declared complete."
    ),
    scope="account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        securityhub.hub,
        securityhub.urgent_findings,
        ec2.interfaces,
        ec2.subnets,
        ec2.route_tables,
        ec2.security_groups,
        ec2.vpc_block,
        s3control.bucket_access,
        organizations.policies,
        organizations.listing,
        organizations.attached_rcps,
        sso_admin.access,
        account.regions,
    ),
    findings={
        "public_bucket": FindingKind("Public bucket", Severity.CRITICAL),
        "public_search_domain": FindingKind("Public search domain", Severity.CRITICAL),
        "soft_target_exposed": FindingKind("Soft target exposed", Severity.CRITICAL),
        "public_database": FindingKind("Public database", Severity.HIGH),
        "public_snapshot": FindingKind("Public snapshot", Severity.HIGH),
        "public_image": FindingKind("Public image", Severity.MEDIUM),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Did another tool scan the whole account, and where is its report?",
        ),
    ),
    imports={
        tool: tuple(check for checks in URGENT.values() for check in checks.get(tool, ()))
        for tool in ("prowler", "securityhub", "scoutsuite", "cloudmapper")
    },
    fix=Fix(
        "Run Prowler once through the view role, import its report, and work through the urgent "
        "results first.",
        "Introduction to AWS Security Hub CSPM",
    ),
    source_url=(
        "https://docs.aws.amazon.com/securityhub/latest/userguide/what-is-securityhub.html"
    ),
)
