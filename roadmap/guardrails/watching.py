"""The services that watch an account: the requests that alter them, and what else keeps the account
from it: the groups of 11.5.8. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome
from collectors.services import (
    accessanalyzer,
    cloudtrail,
    config,
    guardduty,
    inspector2,
    macie2,
    organizations,
    securityhub,
)
from collectors.services.securityhub.central import CENTRAL
from roadmap.guardrails.case import Case
from roadmap.guardrails.probes import Probe, probe
from roadmap.readings.central import of_security

T = TypeVar("T")


Seen = Callable[[Case, str], bool]  # of an account and a Region; may raise Missing


def _always(case: Case, region: str) -> bool:
    return True


def _never(case: Case, region: str) -> bool:
    return False


def _guardduty_is_kept_on(case: Case, region: str) -> bool:
    """Where all members are enabled by themselves, none can switch off or leave."""
    seen = of_security(case.subject, guardduty.administration, region)
    return any(
        found.is_delegated_administrator and found.auto_enable == "ALL"
        for found in _collected(seen)
    )


def _collected(seen: Mapping[Any, Observation[T]]) -> list[T]:
    """What security accounts see; raises Missing where none was seen."""
    found = [one.get() for one in seen.values() if one.outcome == Outcome.COLLECTED]
    if not found and seen:
        next(iter(seen.values())).get()
    return found


def _only_the_organization_analyzes(case: Case, region: str) -> bool:
    """Members cannot reach an analyzer of the organization."""
    if case.subject.facts.get(accessanalyzer.analyzers, region):
        return False
    seen = of_security(case.subject, accessanalyzer.security_analyzers, region)
    return any(
        analyzer.is_active and analyzer.type == accessanalyzer.ORGANIZATION
        for analyzers in _collected(seen)
        for analyzer in analyzers
    )


def _only_the_organization_records(case: Case, region: str) -> bool:
    trails = case.subject.facts.get(cloudtrail.trails, region)
    return not own_trails(case, trails) and any(
        trail.is_organization_trail and trail.is_logging for trail in trails
    )


def own_trails(case: Case, trails: Sequence[cloudtrail.Trail]) -> list[cloudtrail.Trail]:
    return [trail for trail in trails if trail.owner == case.account_id]


def _organization_blocks_public_buckets(case: Case, region: str) -> bool:
    content = _effective(case, organizations.S3_POLICY)
    attributes = content.get("s3_attributes") or {}
    return bool(attributes.get("public_access_block_configuration") == "all")


def _effective(case: Case, kind: str) -> Mapping[str, Any]:
    return case.subject.facts.get(organizations.effective_policies).content(kind) or {}


def _has_recorder(case: Case, region: str) -> bool:
    return bool(case.subject.facts.get(config.recorders, region))


def _recorders_are_of_services(case: Case, region: str) -> bool:
    recorders = case.subject.facts.get(config.recorders, region)
    return bool(recorders) and all(recorder.is_service_linked for recorder in recorders)


def _has_hub(case: Case, region: str) -> bool:
    return bool(case.subject.facts.get(securityhub.hub, region).arn)


def _hub_is_run_centrally(case: Case, region: str) -> bool:
    """By a policy of the organization, or by central configuration, which leaves an account
    nothing to set unless it manages itself."""
    try:
        if _effective(case, organizations.SECURITYHUB_POLICY):
            return True
    except Missing:
        if not _is_configured_centrally(case, region):
            raise
    return _is_configured_centrally(case, region)


def _is_configured_centrally(case: Case, region: str) -> bool:
    """Which accounts a configuration policy governs is told in its home Region alone."""
    here = _collected(of_security(case.subject, securityhub.central, region))
    if not any(one.kind == CENTRAL for one in here):
        return False
    everywhere = {
        (owner, one): seen
        for one in case.enabled
        for owner, seen in of_security(case.subject, securityhub.central, one).items()
    }
    return any(case.account_id in one.managed for one in _collected(everywhere))


def _has_macie(case: Case, region: str) -> bool:
    return bool(case.subject.facts.get(macie2.session, region).status)


def _has_inspector(case: Case, region: str) -> bool:
    return case.subject.facts.get(inspector2.account_status, region).is_on


def _inspector_is_run_centrally(case: Case, region: str) -> bool:
    return bool(_effective(case, organizations.INSPECTOR_POLICY))


@dataclass(frozen=True)
class Group:
    """``is_needed``: whether the service is there to be protected; ``is_kept``: whether something
    else keeps the account from altering it."""

    name: str
    probes: tuple[Probe, ...]
    is_needed: Seen = _always
    is_kept: Seen = _never


TRAIL = "cloudtrail:{r}:{a}:trail/cairn-probe"
TRAIL_ACTIONS = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")
DETECTOR = "guardduty:{r}:{a}:detector/cairn-probe"
RECORDER = "config:{r}:{a}:configuration-recorder/default/cairn-probe"
HUB = "securityhub:{r}:{a}:hub/default"
CLOUDTRAIL = "CloudTrail"

GROUPS = (
    Group(
        "GuardDuty",
        (
            probe("guardduty:DeleteDetector", DETECTOR),
            probe("guardduty:UpdateDetector", DETECTOR),
            probe("guardduty:DisassociateFromAdministratorAccount"),
            probe("guardduty:DisassociateFromMasterAccount"),
        ),
        is_kept=_guardduty_is_kept_on,
    ),
    Group(
        "Access Analyzer",
        (probe("access-analyzer:DeleteAnalyzer", "access-analyzer:{r}:{a}:analyzer/cairn-probe"),),
        is_kept=_only_the_organization_analyzes,
    ),
    Group(
        CLOUDTRAIL,
        tuple(probe(f"cloudtrail:{action}", TRAIL) for action in TRAIL_ACTIONS),
        is_kept=_only_the_organization_records,
    ),
    Group(
        "S3 Block Public Access",
        (probe("s3:PutAccountPublicAccessBlock"),),
        is_kept=_organization_blocks_public_buckets,
    ),
    Group(
        "Config",
        (
            probe("config:StopConfigurationRecorder", RECORDER),
            probe("config:DeleteConfigurationRecorder", RECORDER),
            probe("config:DeleteDeliveryChannel"),
        ),
        _has_recorder,
        _recorders_are_of_services,
    ),
    Group(
        "Security Hub",
        (
            probe("securityhub:DisableSecurityHub", HUB),
            probe("securityhub:DisassociateFromAdministratorAccount", HUB),
        ),
        _has_hub,
        _hub_is_run_centrally,
    ),
    Group(
        "Macie",
        (
            probe("macie2:DisableMacie"),
            probe("macie2:DisassociateFromAdministratorAccount"),
        ),
        _has_macie,
    ),
    Group("Inspector", (probe("inspector2:Disable"),), _has_inspector, _inspector_is_run_centrally),
)


def is_unseen(case: Case, region: str) -> bool:
    """Never, but raises Missing where nobody saw by which names trails are to be asked about."""
    case.subject.facts.get(cloudtrail.trails, region)
    return False


def probes_of(case: Case, group: Group, region: str) -> tuple[Probe, ...]:
    """For CloudTrail on each of the account's own trails, where it has any."""
    observed = case.subject.facts.observation(cloudtrail.trails, region)
    if group.name != CLOUDTRAIL or observed.outcome != Outcome.COLLECTED:
        return group.probes
    own = [case.template(trail.arn) for trail in own_trails(case, observed.get())]
    return tuple(
        probe(f"cloudtrail:{action}", arn) for arn in own or [TRAIL] for action in TRAIL_ACTIONS
    )
