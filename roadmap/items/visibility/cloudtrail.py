"""An organization trail records the account's management events and delivers to a security account.

Reads, per Region, the trails as the account sees them (cloudtrail:DescribeTrails, GetTrailStatus,
GetEventSelectors), the buckets of the security accounts (s3:ListAllMyBuckets), the organization's
event data stores (cloudtrail:GetEventDataStore) and Security Lake (securitylake:ListLogSources).

A trail that records only part of the management events does not serve a Region; the organization's
own counts as partial all the same, an account's does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from collectors import regions
from collectors.outcomes import Missing
from collectors.registry import Phase, Reach, collectors
from collectors.services import account, cloudtrail, s3, securitylake
from collectors.services.cloudtrail import Coverage, Trail
from roadmap.readings.central import of_security
from roadmap.readings.gaps import NOTHING_THERE, is_doubt
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import account_name, listed, over_regions
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    each_region,
    failed,
    partly,
    passed,
    region_verdict,
)


def judge(subject: Subject) -> Verdict:
    trails = subject.facts.by_region(cloudtrail.trails)
    parts = each_region(trails, lambda region: _Region(subject, region).verdict())
    seen = {(p.code, p.resource, p.region): p for part in parts.values() for p in part.problems}
    return region_verdict(
        parts,
        over_regions(parts),
        facts={"regions": {region: dict(part.facts) for region, part in parts.items()}},
        problems=list(seen.values()),
    )


@dataclass(frozen=True)
class _Region:
    """The account in one Region. All of it raises Missing where it rests on what nobody saw."""

    subject: Subject
    name: str

    def verdict(self) -> Verdict:
        """The lines of the rule's table from the top. Any of the ways to pass will do; where one
        could not be looked at, nothing less than a pass is certain."""
        missing: Missing | None = None
        for way in (self._by_trail, self._by_store, self._by_lake):
            try:
                found = way()
            except Missing as caught:
                missing = missing or caught
                continue
            if found is not None:
                return found
        if missing is not None:
            raise missing
        return self._less_than_pass()

    def _less_than_pass(self) -> Verdict:
        facts = {"trails": [_kept(trail) for trail in self.trails]}
        if self.organization:
            return self._partial(self.organization[0], facts)
        if self.own:
            trail = self.own[0]
            return partly(
                f"Only the account's own trail {trail.name} records",
                "account trail",
                facts=facts,
                problems=[*self._broken(), *self._flaws(trail)],
                incomplete=self._is_central(trail) is None,
            )
        problems = list(self._broken()) or [Problem("no_trail", region=self.name)]
        return failed(self._failure(), "no trail serves", facts=facts, problems=problems)

    def _by_trail(self) -> Verdict | None:
        missing: Missing | None = None
        for trail in self.organization:
            try:
                owner = self._owner_of(trail.bucket) if _records_all(trail) else ""
            except Missing as caught:
                missing = caught
                continue
            if owner:
                return passed(
                    f"Organization trail {trail.name} records all management events and delivers "
                    f"to {account_name(self.subject, owner)}",
                    "organization trail, central",
                    facts={"trail": _kept(trail), "bucket_owner": owner},
                    problems=list(self._flaws(trail)),
                    **self._inherited(trail.owner),
                )
        if missing is not None:
            raise missing
        return None

    def _by_store(self) -> Verdict | None:
        """Asked in the management account's Regions; a store of any Region covers all."""
        management = self.subject.account.management_account_id
        if not management:
            return None
        facts = self.subject.facts
        missing: Missing | None = None
        for region in facts.at(management).regions:
            try:
                stores = facts.management(cloudtrail.event_data_stores, region)
            except Missing as caught:
                missing = caught if is_doubt(caught) else missing
                continue
            for store in stores:
                if store.serves_organization:
                    return passed(
                        f"Event data store {store.name} of the organization records all "
                        "management events",
                        "organization event data store",
                        facts={"event_data_store": store.arn},
                        **self._inherited(management),
                    )
        if missing is not None:
            raise missing
        return None

    def _by_lake(self) -> Verdict | None:
        about = self.subject.account.account_id
        missing: Missing | None = None
        lakes = of_security(self.subject, securitylake.data_lake, self.name)
        for owner, observation in lakes.items():
            try:
                lake = observation.get()
            except Missing as caught:
                missing = caught if is_doubt(caught) else missing
                continue
            if lake.collects(securitylake.MANAGEMENT_EVENTS, about):
                return passed(
                    f"Security Lake of {account_name(self.subject, owner)} collects management "
                    "events",
                    "security lake",
                    facts={"data_lake": lake.arn, "owner": owner},
                )
        if missing is not None:
            raise missing
        return None

    @cached_property
    def trails(self) -> Sequence[Trail]:
        """Those meant for this Region, whether they work or not."""
        seen = self.subject.facts.get(cloudtrail.trails, self.name)
        return [trail for trail in seen if trail.covers(self.name)]

    @cached_property
    def organization(self) -> Sequence[Trail]:
        """Working trails of the organization that record at least part of the events."""
        working = [t for t in self.trails if t.is_organization_trail and self._works(t)]
        recording = [t for t in working if t.management_events != Coverage.NONE]
        return sorted(recording, key=lambda trail: not _records_all(trail))

    @cached_property
    def own(self) -> Sequence[Trail]:
        return [
            trail
            for trail in self.trails
            if not trail.is_organization_trail and self._works(trail) and _records_all(trail)
        ]

    def _works(self, trail: Trail) -> bool:
        return (
            trail.is_logging
            and not trail.latest_delivery_error
            and trail.has_global_service_events
            and not self._is_late(trail)
        )

    def _is_late(self, trail: Trail) -> bool:
        """Regions where nothing happens deliver nothing, so only the home Region and Regions in
        use are held to the setting."""
        hours = self.subject.settings["TRAIL_DELIVERY_MAX_HOURS"]
        at = trail.latest_delivery_at
        if at is not None and self.subject.now - at <= timedelta(hours=hours):
            return False
        return trail.home_region == self.name or self._is_used

    @cached_property
    def _is_used(self) -> bool:
        """Raises Missing where nothing was seen and not everything was looked at."""
        facts = self.subject.facts
        probes = [c for c in collectors().values() if c.phase == Phase.PRESENCE]
        seen = [
            (probe, facts.observation(probe, self.name if probe.reach == Reach.REGIONAL else ""))
            for probe in probes
        ]
        if self.name in regions.used(seen):
            return True
        for _, observation in seen:
            if observation.outcome not in NOTHING_THERE:
                observation.get()
        return False

    def _owner_of(self, bucket: str) -> str:
        """The security account that owns the bucket; empty if none does. Raises Missing where
        that cannot be told, as one of them would not list its buckets."""
        missing: Missing | None = None
        for owner, observation in self.subject.facts.security(s3.buckets).items():
            try:
                names = {found.name for found in observation.get()}
            except Missing as caught:
                missing = caught
                continue
            if bucket in names and owner in self.subject.settings["SECURITY_ACCOUNTS"]:
                return owner
        if missing is not None:
            raise missing
        return ""

    def _is_central(self, trail: Trail) -> bool | None:
        """None where nobody could tell."""
        try:
            return bool(self._owner_of(trail.bucket))
        except Missing:
            return None

    def _inherited(self, giver: str) -> dict[str, Any]:
        """Nothing for the account that owns the evidence itself."""
        row = self.subject.account
        if giver == row.account_id or not row.organization_id:
            return {}
        return {"source": Source.INHERITED, "inherits_from": row.organization_id}

    def _partial(self, trail: Trail, facts: dict[str, Any]) -> Verdict:
        gaps = []
        if not _records_all(trail):
            gaps.append("leaves out part of the management events")
        is_central = self._is_central(trail)
        if is_central is False:
            gaps.append(f"delivers to {trail.bucket}, which no security account owns")
        return partly(
            f"Organization trail {trail.name} {' and '.join(gaps)}",
            "organization trail, not central or narrow",
            facts=facts,
            problems=[*self._broken(), *self._flaws(trail)],
            incomplete=is_central is None,
        )

    def _failure(self) -> str:
        if not self.trails:
            return "No trail records"
        return f"No trail serves: {listed(f'{t.name} {self._trouble(t)}' for t in self.trails)}"

    def _trouble(self, trail: Trail) -> str:
        if not trail.is_logging:
            return "is stopped"
        if trail.latest_delivery_error:
            return f"cannot deliver ({trail.latest_delivery_error})"
        if not trail.has_global_service_events:
            return "leaves out global services"
        if trail.management_events != Coverage.ALL:
            return "leaves out management events"
        return "has not delivered lately"

    def _broken(self) -> Iterator[Problem]:
        """Of trails that do not work here. The organization's are told of once, for all."""
        for trail in self.trails:
            if not trail.is_logging:
                yield _problem("trail_not_logging", trail, trail.home_region)
            elif trail.latest_delivery_error or self._is_late(trail):
                detail = trail.latest_delivery_error or "Nothing was delivered lately."
                yield Problem("trail_delivery_error", trail.arn, trail.name, self.name, detail)
            elif trail.management_events != Coverage.ALL and trail not in self.organization:
                yield _problem("trail_narrow", trail, trail.home_region)

    def _flaws(self, trail: Trail) -> Iterator[Problem]:
        """Of a trail that works: what would be better otherwise."""
        flaws: dict[str, Callable[[], bool]] = {
            "trail_not_central": lambda: self._is_central(trail) is False,
            "trail_narrow": lambda: not _records_all(trail),
            "trail_no_validation": lambda: not trail.has_log_file_validation,
            "trail_no_kms": lambda: not trail.kms_key_id,
        }
        for code, is_so in flaws.items():
            if is_so():
                yield _problem(code, trail, trail.home_region)


def _records_all(trail: Trail) -> bool:
    return trail.management_events == Coverage.ALL


def _problem(code: str, trail: Trail, region: str) -> Problem:
    return Problem(
        code, trail.arn, trail.name, region or "global", organization=trail.is_organization_trail
    )


def _kept(trail: Trail) -> dict[str, Any]:
    """Without times, which change with every delivery."""
    return {
        "arn": trail.arn,
        "is_organization_trail": trail.is_organization_trail,
        "is_multi_region": trail.is_multi_region,
        "home_region": trail.home_region,
        "bucket": trail.bucket,
        "is_logging": trail.is_logging,
        "latest_delivery_error": trail.latest_delivery_error,
        "has_global_service_events": trail.has_global_service_events,
        "management_events": trail.management_events,
        "has_log_file_validation": trail.has_log_file_validation,
        "kms_key_id": trail.kms_key_id,
    }


item = Item(
    __name__,
    order="3.1.1",
    title="Organization trail to the security account",
    guidance=(
        "CloudTrail is the record of who did what. One trail of the organization covers every "
        "account and Region, new ones included, and members can neither stop it nor touch its "
        "files, which lie in the log archive. The trail belongs to the management account even "
        "where a delegated administrator made it. CloudTrail Lake takes no new customers, but "
        "event data stores that exist count."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        cloudtrail.trails,
        cloudtrail.event_data_stores,
        s3.buckets,
        securitylake.data_lake,
        account.regions,
    ),
    findings={
        "no_trail": FindingKind("No trail", Severity.HIGH),
        "trail_not_logging": FindingKind("Trail stopped", Severity.CRITICAL),
        "trail_delivery_error": FindingKind("Trail cannot deliver", Severity.HIGH),
        "trail_not_central": FindingKind("Trail not in a security account", Severity.MEDIUM),
        "trail_narrow": FindingKind("Trail leaves out management events", Severity.MEDIUM),
        "trail_no_validation": FindingKind("Trail without file validation", Severity.LOW),
        "trail_no_kms": FindingKind("Trail not encrypted with a KMS key", Severity.INFO),
    },
    parent="visibility.threat_services",
    imports={
        "prowler": (
            "cloudtrail_multi_region_enabled",
            "cloudtrail_multi_region_enabled_logging_management_events",
            "cloudtrail_log_file_validation_enabled",
            "cloudtrail_logs_s3_bucket_is_not_publicly_accessible",
        ),
        "securityhub": ("CloudTrail.1", "CloudTrail.3", "CloudTrail.4", "CloudTrail.6"),
        "scoutsuite": (
            "cloudtrail-not-configured",
            "cloudtrail-no-logging",
            "cloudtrail-no-log-file-validation",
            "cloudtrail-no-global-services-logging",
        ),
        "cloudmapper": ("CLOUDTRAIL_OFF", "CLOUDTRAIL_NOT_MULTIREGION"),
    },
    fix=Fix(
        "In the management account, create a trail of the organization for all Regions that "
        "delivers to a bucket of the log archive account.",
        "Creating a trail for an organization",
    ),
    source_url=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
        "creating-trail-organization.html"
    ),
)
