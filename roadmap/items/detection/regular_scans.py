"""A scanner, Security Hub or AWS Config looks at the account all the time.

Reads recorders with their status and rules (config:DescribeConfigurationRecorders,
DescribeConfigRules), the standards of Security Hub (securityhub:GetEnabledStandards), when a
scanner whose results were imported last saw the Region whole, and a person's answer which other
scanner runs, per Region. A standard checks only what a recorder records. A scan that is overdue
earns a partial, until it is stale; what Cairn could not see could only be better than that.

What the security accounts gather and configure for everybody is kept beside it and decides nothing,
because it shows in each account's own recorders, rules and standards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from collectors.outcomes import Missing, Outcome
from collectors.registry import Collector
from collectors.services import account, config, securityhub
from roadmap.readings.central_scans import Aggregation, aggregation, security_hub
from roadmap.registry import (
    Attestable,
    Detail,
    FindingKind,
    Fix,
    Flow,
    ImportUse,
    Item,
    Level,
)
from roadmap.sentences import listed, over_regions
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Status,
    Verdict,
    each_region,
    failed,
    partly,
    passed,
    region_verdict,
    with_source,
)

T = TypeVar("T")

OVERDUE = "imported scan, overdue"
SCANNER = (Detail("scanner", "Name of the scanner", required=True),)


def judge(subject: Subject) -> Verdict:
    seen = subject.facts.by_region(config.recorders)
    scanner = _scanner(subject)
    parts = each_region(seen, lambda region: _Region(subject, region, scanner).verdict())
    gathered = aggregation(subject, list(parts))
    verdict = region_verdict(
        parts,
        over_regions(parts),
        facts={
            "regions": {region: dict(part.facts) for region, part in parts.items()},
            "scanner": scanner.details["scanner"] if scanner else None,
            "central": {
                "aggregators": list(gathered.kept),
                **security_hub(subject, list(parts)),
            },
        },
        problems=[
            *(problem for part in parts.values() for problem in part.problems),
            *_overdue(subject, parts),
            *_no_aggregator(subject, gathered),
        ],
    )
    if gathered.is_unseen and subject.account.is_management:
        verdict = replace(verdict, incomplete=True)
    sources = {part.source for part in parts.values()}
    for source in (Source.ATTESTED, Source.IMPORTED):
        if source in sources:
            return with_source(verdict, source)
    return verdict


def _scanner(subject: Subject) -> Attested | None:
    """The answer that names a scanner which runs all the time, at least in part."""
    answer = subject.attested()
    if answer is None or not answer.holds(subject.now) or answer.claim not in ("done", "partly"):
        return None
    return answer if answer.url and answer.details.get("scanner") else None


@dataclass(frozen=True)
class _Region:
    """The account in one Region. Any way to be scanned will do; where one could not be looked at,
    nothing less than a pass is certain."""

    subject: Subject
    name: str
    scanner: Attested | None

    def verdict(self) -> Verdict:
        """Raises Missing."""
        try:
            recorders = self._get(config.recorders)
        except Missing as missing:
            is_offered = missing.outcome != Outcome.SERVICE_UNAVAILABLE
            more = {"facts": {"unseen": str(missing.outcome)}, "incomplete": is_offered}
            found = self._regular(**more) or self._overdue(**more)
            if found is None:
                raise
            return found
        return self._of(recorders)

    def _of(self, recorders: Sequence[config.Recorder]) -> Verdict:
        unseen: dict[str, Missing] = {}
        hub = self._seen(securityhub.hub, securityhub.Hub(), unseen)
        rules = self._seen(config.rules, config.Rules(), unseen)
        fewest = self.subject.settings["CONFIG_RULES_MIN"]
        is_on = any(recorder.is_on for recorder in recorders)
        is_ready = any(standard.is_ready for standard in hub.standards)
        more: dict[str, Any] = {
            "facts": _kept(recorders, hub, rules),
            "problems": [*self._not_recording(recorders), *self._not_ready(hub)],
            "incomplete": securityhub.hub.name in unseen,
        }
        if is_on and is_ready:
            said = "Config records and a standard of Security Hub checks"
            return passed(said, "standard ready, Config records", **more)
        if is_on and rules.active >= fewest:
            said = f"Config records and {rules.active} of its rules check"
            return passed(said, "enough Config rules", **more)
        if found := self._regular(**more):
            return found
        if is_on and unseen:
            if found := self._overdue(**{**more, "incomplete": True}):
                return found
            raise next(iter(unseen.values()))
        if is_on:
            said = f"Config records, but only {rules.active} of its rules check ({fewest} wanted)"
            return partly(said, "Config records with few rules", **more)
        if found := self._overdue(**more):
            return found
        if self.scanner is not None:
            said = f"{self.scanner.details['scanner']} scans it in part"
            return partly(said, "another scanner, in part", source=Source.ATTESTED, **more)
        why = ", without which Security Hub checks nothing," if is_ready else ""
        newest = self.subject.scans.newest(self.name)
        last = f"the last scan is of {newest[0]:%-d %b %Y}" if newest else "no scan was imported"
        return failed(f"Config does not record{why} and {last}", "no scan", **more)

    def _get(self, collector: Collector[T]) -> T:
        return self.subject.facts.get(collector, self.name)

    def _seen(self, collector: Collector[T], nothing: T, unseen: dict[str, Missing]) -> T:
        """The fact, or ``nothing`` where there is none; what could not be seen goes to ``unseen``
        unless AWS does not offer it."""
        try:
            return self._get(collector)
        except Missing as missing:
            if missing.outcome != Outcome.SERVICE_UNAVAILABLE:
                unseen[collector.name] = missing
            return nothing

    def _regular(self, **more: Any) -> Verdict | None:
        """By scans that were imported in time, or that somebody vouches for."""
        if said := self._scanned("SCAN_MAX_AGE_DAYS"):
            return passed(said, "imported scan", source=Source.IMPORTED, **more)
        if self.scanner is not None and self.scanner.claim == "done":
            said = f"{self.scanner.details['scanner']} scans it all the time"
            return passed(said, "another scanner", source=Source.ATTESTED, **more)
        return None

    def _overdue(self, **more: Any) -> Verdict | None:
        said = self._scanned("SCAN_STALE_DAYS")
        if not said:
            return None
        said = f"{said}, and the next scan is overdue"
        return partly(said, OVERDUE, source=Source.IMPORTED, **more)

    def _scanned(self, within: str) -> str:
        """What the newest imported scan is, if it is no older than that setting says."""
        newest = self.subject.scans.newest(self.name)
        if newest is None:
            return ""
        at, scan = newest
        until = at + timedelta(days=self.subject.settings[within])
        if self.subject.now > until:
            return ""
        self.subject.scans.keep(scan, item.key, at=at, until=until)
        return f"{scan.label} scanned it on {at:%-d %b %Y}"

    def _not_recording(self, recorders: Sequence[config.Recorder]) -> Iterator[Problem]:
        if any(recorder.is_on for recorder in recorders):
            return
        state = "There is no recorder."
        if recorders:
            state = f"Recorder {recorders[0].name}: {_state(recorders[0])}."
        yield Problem("config_recorder_off", region=self.name, detail=state)

    def _not_ready(self, hub: securityhub.Hub) -> Iterator[Problem]:
        for standard in hub.standards:
            is_short = not standard.is_ready and standard.status != "DELETING"
            if is_short and not self.subject.is_excepted(standard.arn):
                name = standard.arn.partition("standards/")[2] or standard.arn
                detail = " ".join([standard.status, standard.status_reason]).strip()
                yield Problem("standard_not_ready", standard.arn, name, self.name, detail)


def _state(recorder: config.Recorder) -> str:
    if not recorder.is_recording:
        return "stopped"
    if recorder.scope not in ("", "PAID"):
        return f"records for {recorder.service_principal or 'a service'} alone"
    return f"last delivery {recorder.status or 'unknown'}"


def _kept(
    recorders: Sequence[config.Recorder], hub: securityhub.Hub, rules: config.Rules
) -> dict[str, Any]:
    return {
        "recorders": [asdict(recorder) for recorder in recorders],
        "standards": {standard.arn: standard.status for standard in hub.standards},
        "rules": asdict(rules),
    }


def _overdue(subject: Subject, parts: Mapping[str, Verdict]) -> Iterator[Problem]:
    """Once for the account, with the Regions that nothing scans any more."""
    regions = [
        region
        for region, part in parts.items()
        if part.status == Status.FAIL or part.rule == OVERDUE
    ]
    last = [found[0] for region in regions if (found := subject.scans.newest(region))]
    told = f" The last scan is of {max(last):%-d %b %Y}." if last else ""
    if regions:
        yield Problem("scan_overdue", detail=f"In {listed(regions)}.{told}")


def _no_aggregator(subject: Subject, gathered: Aggregation) -> Iterator[Problem]:
    """Once for the organization, where its management account stands, if all of its security
    accounts could be asked."""
    if subject.account.is_management and not gathered.kept and not gathered.is_unseen:
        yield Problem("no_org_aggregator", organization=True)


item = Item(
    __name__,
    order="4.3",
    title="Accounts scanned on a schedule",
    guidance=(
        "One scan is a photograph; what is opened the day after is not in it. Something looks at "
        "every account and Region on a schedule: a scanner through the view role, a Security Hub "
        "standard, or Config rules with the recorder on. A standard whose recorder is off checks "
        "nothing, and still looks enabled. Recorders that a service runs for itself do not count."
    ),
    scope="account×region → account",
    flow=Flow.LOCAL,
    sources=(Source.AUTOMATIC, Source.IMPORTED, Source.ATTESTED),
    judge=judge,
    reads=(
        config.recorders,
        config.rules,
        config.aggregation,
        securityhub.hub,
        securityhub.hub_v2,
        securityhub.central,
        securityhub.delegated_administrators,
        account.regions,
    ),
    findings={
        "scan_overdue": FindingKind("Scan overdue", Severity.MEDIUM),
        "config_recorder_off": FindingKind("Config recorder off", Severity.MEDIUM),
        "standard_not_ready": FindingKind("Security Hub standard not ready", Severity.LOW),
        "no_org_aggregator": FindingKind("No organization-wide aggregator", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ACCOUNT,
            "Which scanner looks at this account all the time?",
            days=180,
            details=SCANNER,
        ),
        Attestable(
            Level.ORGANIZATION,
            "Which scanner looks at all accounts all the time?",
            days=180,
            details=SCANNER,
        ),
    ),
    import_use=ImportUse.RULE,
    imports={
        "prowler": (
            "config_recorder_all_regions_enabled",
            "securityhub_enabled",
            "config_delegated_admin_and_org_aggregator_all_regions",
            "securityhub_delegated_admin_enabled_all_regions",
        ),
        "securityhub": ("Config.1",),
        "scoutsuite": ("config-recorder-not-configured",),
    },
    fix=Fix(
        "Schedule a scanner through the view role, or enable a standard centrally.",
        "Evaluating Resources with AWS Config Rules",
    ),
    source_url="https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config.html",
)
