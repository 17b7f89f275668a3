"""The account was scanned once, everywhere, and nothing urgent that the scan found is still open.

Reads which standards of Security Hub are ready, per Region (securityhub:DescribeHub,
GetEnabledStandards), what those found that the whole internet can reach, as the security accounts
see it (securityhub:GetFindings), scans that were imported and what is urgent of their results,
whenever they were made, a person's answer that another tool scanned the account, and what
Cairn's own exposure collectors show: the buckets and instances of ``surface.no_public``. Those
tell of public buckets and exposed ports, not of databases, snapshots, images and search domains.

The rule has two halves, and either alone earns a partial. So a complete scan whose urgent results
nobody could see is partial and incomplete: that holds for a scan by another tool, the urgent test
of which rests on Cairn's own exposure collectors, where those do not cover the account, and for
standards of Security Hub whose results reach no security account. Without a scan the exposure
collectors decide: they earn a partial where they cover the account and show nothing urgent.
Several scanners may share the Regions among them. What Cairn itself saw before its role was
refused is resolved by nothing but a newer scan.

AWS says since when Security Hub is on, not since when a standard is ready: the former is what the
seven days are counted from. EC2.1 is checked once in every account and Region, so a Region counts
as seen where a result of it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import account, ec2, organizations, s3control, securityhub, sso_admin
from roadmap.readings.answers import expired
from roadmap.readings.central import of_security
from roadmap.readings.exposure import public_buckets, reachable_instances
from roadmap.readings.urgent import URGENT, of_hub, of_scans
from roadmap.registry import Attestable, FindingKind, Fix, Flow, ImportUse, Item, Level
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


def judge(subject: Subject) -> Verdict:
    scan = _Scan(subject)
    own = _own(subject, list(scan.parts))
    urgent = _urgent(subject, scan, own)
    verdict = _judged(scan, urgent, own)
    # Where Security Hub is off there are no results to look for.
    blind = {place for place in own.unseen if not scan.replaces_own(place)}
    blind.update(region for region in urgent.unseen if scan.is_on(region))
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
        return partly(sentence, "urgent results open", source=scan.evidence, **more)
    if scan.status != Status.PASS:
        return _unfinished(scan, more)
    # The urgent test of a scan by another tool rests on Cairn's own collectors.
    if urgent.unseen and not (scan.is_attested and not own.unseen):
        sentence = f"{scan.sentence} Whether it found anything urgent is not known: {urgent.why}"
        return partly(sentence, "urgent results not seen", source=scan.evidence, **more)
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
        sentence = f"{scan.sentence} Something urgent is seen all the same: {names}."
        return failed(sentence, "no scan, and something urgent", **more)
    sentence = f"{scan.sentence} Cairn itself sees no public bucket and no exposed port."
    return partly(sentence, "no scan, nothing urgent", **more)


def _unfinished(scan: _Scan, more: dict[str, Any]) -> Verdict:
    """Some Regions were scanned, and others were not or could not be asked."""
    if scan.status == Status.UNKNOWN:
        return region_verdict(scan.parts, scan.sentence, **more)
    more |= {"incomplete": scan.is_incomplete, "source": scan.evidence}
    return partly(scan.sentence, "scan misses Regions", **more)


class _Scan:
    """Whether and where the account was scanned, by Security Hub or by another tool."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        hubs = subject.facts.by_region(securityhub.hub)
        by_hub = by_region(hubs, lambda _, hub: _of_hub(hub, subject))
        imported = {
            region: found
            for region, part in by_hub.items()
            if part.status != Status.PASS and (found := _of_import(subject, region))
        }
        self.parts = by_hub | imported
        if imported:
            # A scanner needs no Security Hub, so where AWS offers none is no excuse for it.
            self.parts |= {
                region: failed("no scan that was imported saw it whole", "not scanned")
                for region, part in self.parts.items()
                if part.status == Status.NOT_APPLICABLE
            }
        given = subject.attested()
        is_scan = given is not None and given.claim in ("done", "partly")
        self.attested = given if given and is_scan and given.holds(subject.now) else None
        self.ended = expired(given) if given and is_scan and not self.attested else None
        combined = combine(self.parts.values())
        self.is_incomplete = combined.incomplete
        self.seen = combined.status
        self.facts = {
            "scanner": listed(self.scanners) or None,
            "regions": {region: dict(part.facts) for region, part in self.parts.items()},
            "report": self.attested.url if self.attested else None,
        }

    def regions(self, status: Status) -> list[str]:
        return [region for region, part in self.parts.items() if part.status == status]

    @property
    def scanners(self) -> list[str]:
        scanned = self.regions(Status.PASS)
        return sorted({self.parts[region].facts["scanner"] for region in scanned})

    def replaces_own(self, place: str) -> bool:
        """Whether a scan looked there, a Region or all of them, since the role was refused."""
        refused = self.subject.assume_role_refused_since
        regions = [place] if place in self.parts else list(self.parts)
        looked = [self.subject.scans.newest(region) for region in regions]
        return refused is not None and all(one and one[0] > refused for one in looked)

    def is_on(self, region: str) -> bool:
        part = self.parts.get(region)
        return part is not None and bool(part.facts.get("hub"))

    @property
    def is_attested(self) -> bool:
        """Whether it is a person's word that decides, not a scan that Cairn knows."""
        return self.attested is not None and self.seen != Status.PASS

    @property
    def exists(self) -> bool:
        return self.attested is not None or bool(self.regions(Status.PASS))

    @property
    def status(self) -> Status:
        """Pass: everywhere; partial: in part."""
        if self.seen == Status.PASS or self.attested is None:
            return self.seen
        return Status.PASS if self.attested.claim == "done" else Status.PARTIAL

    @property
    def evidence(self) -> Source:
        """Whether what Cairn itself reads shows the scan, or somebody imported it."""
        is_imported = any(part.source == Source.IMPORTED for part in self.parts.values())
        return Source.IMPORTED if is_imported else Source.AUTOMATIC

    @property
    def source(self) -> Source:
        return self.evidence if self.seen == Status.PASS else Source.ATTESTED

    @property
    def sentence(self) -> str:
        if self.attested is not None and self.is_attested:
            how = "in part" if self.attested.claim == "partly" else "completely"
            return f"Another tool scanned the account {how}, says {self.attested.author}."
        scanned = Counter(self.parts[region].sentence for region in self.regions(Status.PASS))
        if scanned:
            total = len(self.parts)
            return " ".join(
                clause.format(where=f"all {total}" if some == total else f"{some} of {total}") + "."
                for clause, some in scanned.items()
            )
        if self.seen == Status.UNKNOWN:
            return "Whether Security Hub checks the account could not be seen."
        why = {part.sentence for part in self.parts.values() if part.status == Status.FAIL}
        told = listed(sorted(why)) or "AWS does not offer Security Hub in its Regions"
        return " ".join(
            [f"No scan of the account is known; {told}."]
            + ([self.ended.sentence] if self.ended else [])
        )


def _of_hub(hub: securityhub.Hub, subject: Subject) -> Verdict:
    facts: dict[str, Any] = {
        "hub": hub.arn,
        "standards": {s.arn: s.status for s in hub.standards},
    }
    if not hub.arn:
        return failed("Security Hub is off", "off")
    if not any(standard.is_ready for standard in hub.standards):
        return failed("no standard of Security Hub is ready", "no standard ready", facts=facts)
    since = hub.subscribed_at
    if since is None or subject.now - since < timedelta(days=READY_DAYS):
        sentence = f"Security Hub is on for less than {READY_DAYS} days"
        return failed(sentence, "too new", facts=facts)
    facts["scanner"] = "Security Hub"
    sentence = f"Security Hub has checked {{where}} Regions for {READY_DAYS} days or more"
    return passed(sentence, "standard ready", facts=facts)


def _of_import(subject: Subject, region: str) -> Verdict | None:
    newest = subject.scans.newest(region)
    if newest is None:
        return None
    at, scan = newest
    subject.scans.keep(scan, item.key, at=at)
    facts = {"scanner": scan.label, "scanned_at": at}
    sentence = f"{scan.label} scanned {{where}} Regions on {at:%-d %b %Y}"
    return passed(sentence, "imported scan", source=Source.IMPORTED, facts=facts)


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
            for problem in of_hub(results.failed.get(about, ())):
                problems[problem.code, problem.resource, problem.region] = problem
    found = list(problems.values())
    for more in (_imported(subject), own.problems):
        known = {(problem.code, problem.resource) for problem in found}
        found += [one for one in more if (one.code, one.resource) not in known]
    counted = [
        one for one in found if not subject.is_excepted(one.resource or subject.account.root_arn)
    ]
    checked.update(region for region in regions if subject.scans.newest(region))
    return _Urgent(counted, [region for region in regions if region not in checked], why)


def _imported(subject: Subject) -> list[Problem]:
    found = list(of_scans(subject.scans, item.key))
    failing = {failure.tool for failure in subject.scans.failing(item.key)}
    for scan in subject.scans.found:
        if scan.tool in failing:
            subject.scans.keep(scan, item.key)
    return found


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
    import_use=ImportUse.RULE,
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
