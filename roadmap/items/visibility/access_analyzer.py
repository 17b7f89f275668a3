"""IAM Access Analyzer looks over the organization from the security account, in every Region.

Reads access-analyzer:ListAnalyzers in the security accounts, the management account and the
account itself. Members cannot see the organization's analyzer, so what the security accounts list
decides; the account's own answer only matters where that is not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import accessanalyzer, account
from collectors.services.accessanalyzer import ACCOUNT, ORGANIZATION, Analyzer
from roadmap.readings.central import of_management, of_security
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import account_name, over_regions
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
    own = subject.facts.by_region(accessanalyzer.analyzers)
    parts = {
        region: replace(part, incomplete=part.incomplete or not _is_all_seen(subject, region))
        for region, part in each_region(own, lambda region: _in_region(subject, region)).items()
    }
    problems = [problem for part in parts.values() for problem in part.problems]
    finds_unused = _finds_unused_access(subject, list(parts))
    if finds_unused is False:
        in_organization = bool(subject.account.management_account_id)
        problems.append(Problem("unused_access_analyzer_missing", organization=in_organization))
    verdict = region_verdict(
        parts,
        over_regions(parts),
        facts={"regions": {region: dict(part.facts) for region, part in parts.items()}},
        problems=problems,
    )
    return replace(verdict, incomplete=verdict.incomplete or finds_unused is None)


def _in_region(subject: Subject, region: str) -> Verdict:
    inactive = list(_inactive(subject, region))
    central = _central(subject, region)
    if central is not None:
        owner, analyzer = central
        return passed(
            f"An analyzer of the organization runs from {account_name(subject, owner)}",
            "organization analyzer in a security account",
            facts={"analyzer": _kept(analyzer)},
            problems=inactive,
            source=Source.INHERITED,
            inherits_from=subject.account.organization_id,
        )
    # Nothing below is certain while a security account may have an analyzer nobody could see.
    _require_all(subject, region)
    of_manager = of_management(subject, accessanalyzer.management_analyzers, region)
    managed = _active(of_manager or (), ORGANIZATION)
    if managed is not None:
        return partly(
            "The organization's analyzer runs from the management account",
            "organization analyzer in the management account",
            facts={"analyzer": _kept(managed)},
            problems=[_not_central(managed, region, organization=True), *inactive],
        )
    of_account = subject.facts.get(accessanalyzer.analyzers, region)
    own = _active(of_account, ACCOUNT)
    if own is not None:
        return partly(
            "Only an analyzer of the account's own runs",
            "account analyzer",
            facts={"analyzer": _kept(own)},
            problems=[_not_central(own, region), *inactive],
        )
    missing = Problem("analyzer_missing", region=region)
    return failed("No analyzer runs", "no analyzer", problems=[missing, *inactive])


def _central(subject: Subject, region: str) -> tuple[str, Analyzer] | None:
    for owner, analyzers in _of_security(subject, region):
        found = _active(analyzers, ORGANIZATION)
        if found is not None and owner in subject.settings["SECURITY_ACCOUNTS"]:
            return owner, found
    return None


def _of_security(subject: Subject, region: str) -> Iterator[tuple[str, Sequence[Analyzer]]]:
    """Of the security accounts that could be asked."""
    seen = of_security(subject, accessanalyzer.security_analyzers, region)
    for owner, observation in seen.items():
        if observation.outcome == Outcome.COLLECTED:
            yield owner, observation.get()


def _require_all(subject: Subject, region: str) -> None:
    """Raises Missing if a security account could not be asked."""
    for observation in of_security(subject, accessanalyzer.security_analyzers, region).values():
        if observation.outcome != Outcome.SERVICE_UNAVAILABLE:
            observation.get()


def _is_all_seen(subject: Subject, region: str) -> bool:
    """Whether all analyzers that may have stopped were looked at."""
    seen = [
        subject.facts.observation(accessanalyzer.analyzers, region),
        *of_security(subject, accessanalyzer.security_analyzers, region).values(),
    ]
    return all(one.outcome in (Outcome.COLLECTED, *NOTHING_THERE) for one in seen)


def _active(analyzers: Iterable[Analyzer], kind: str) -> Analyzer | None:
    return next((a for a in analyzers if a.type == kind and a.is_active), None)


def _kept(analyzer: Analyzer) -> dict[str, Any]:
    return {
        "arn": analyzer.arn,
        "type": analyzer.type,
        "status": analyzer.status,
        "managed_by": analyzer.managed_by,
        "active_findings": analyzer.active_findings,
    }


def _not_central(analyzer: Analyzer, region: str, organization: bool = False) -> Problem:
    return Problem(
        "analyzer_not_central", analyzer.arn, analyzer.name, region, organization=organization
    )


def _inactive(subject: Subject, region: str) -> Iterator[Problem]:
    """Analyzers of external access that exist and do not run, as far as they could be seen."""
    for _, analyzers in _of_security(subject, region):
        for analyzer in analyzers:
            if analyzer.type == ORGANIZATION and not analyzer.is_active:
                yield _not_running(analyzer, region, organization=True)
    own = subject.facts.observation(accessanalyzer.analyzers, region)
    if own.outcome == Outcome.COLLECTED:
        for analyzer in own.get():
            if analyzer.type == ACCOUNT and not analyzer.is_active:
                yield _not_running(analyzer, region)


def _not_running(analyzer: Analyzer, region: str, organization: bool = False) -> Problem:
    return Problem(
        "analyzer_inactive",
        analyzer.arn,
        analyzer.name,
        region,
        detail=" ".join(filter(None, (analyzer.status, analyzer.status_reason))),
        organization=organization,
    )


def _finds_unused_access(subject: Subject, regions: Sequence[str]) -> bool | None:
    """In any Region, of which one is enough. None unless every place where it could be was seen."""
    try:
        for region in regions:
            _require_all(subject, region)
            of_manager = of_management(subject, accessanalyzer.management_analyzers, region)
            seen = [*subject.facts.get(accessanalyzer.analyzers, region), *(of_manager or ())]
            for _, analyzers in _of_security(subject, region):
                seen += analyzers
            if any(a.finds_unused_access and a.is_active for a in seen):
                return True
    except Missing:
        return None
    return False


item = Item(
    __name__,
    order="3.1.3",
    title="Access Analyzer for the organization",
    guidance=(
        "Access Analyzer tells which buckets, roles, keys and the like can be used from outside. "
        "Seen from the organization, sharing between its accounts is normal and only what leaves "
        "it is reported. It looks at one Region at a time, so every Region needs an analyzer. "
        "Analyzers of unused access are another kind: one Region is enough for them, and they do "
        "not count here."
    ),
    scope="account×region",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.IMPORTED),
    judge=judge,
    reads=(
        accessanalyzer.analyzers,
        accessanalyzer.security_analyzers,
        accessanalyzer.management_analyzers,
        account.regions,
    ),
    findings={
        "analyzer_missing": FindingKind("No analyzer", Severity.MEDIUM),
        "analyzer_inactive": FindingKind("Analyzer not running", Severity.MEDIUM),
        "analyzer_not_central": FindingKind("Analyzer not run centrally", Severity.LOW),
        "unused_access_analyzer_missing": FindingKind(
            "No analyzer of unused access", Severity.INFO
        ),
    },
    parent="visibility.threat_services",
    imports={
        "prowler": ("accessanalyzer_enabled",),
        "cloudmapper": ("ACCESSANALYZER_OFF",),
    },
    fix=Fix(
        "Delegate Access Analyzer to the security account, and create an analyzer with the "
        "organization as its zone of trust in each Region.",
        "Create an IAM Access Analyzer external access analyzer",
    ),
    source_url=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-create-external.html"
    ),
)
