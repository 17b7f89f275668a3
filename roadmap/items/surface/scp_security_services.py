"""Nobody in the account can switch off what watches it."""

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
from roadmap.guardrails.judging import (
    FINDINGS,
    READS,
    Table,
    allowed_text,
    by_policies,
    guardrail,
    where,
    who,
)
from roadmap.guardrails.probes import Answer, Probe, probe
from roadmap.guardrails.settling import Doubt
from roadmap.readings.central import of_security
from roadmap.registry import FindingKind, Fix, Flow, Item
from roadmap.sentences import LONGEST, listed
from roadmap.subject import Subject
from roadmap.verdicts import (
    Problem,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
)

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
    return not _own_trails(case, trails) and any(
        trail.is_organization_trail and trail.is_logging for trail in trails
    )


def _own_trails(case: Case, trails: Sequence[cloudtrail.Trail]) -> list[cloudtrail.Trail]:
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
ADVISORY = {
    "archive_rule_possible": probe("access-analyzer:CreateArchiveRule"),
    "finding_filter_possible": probe("guardduty:CreateFilter"),
    "volume_encryption_removable": probe("ec2:DisableEbsEncryptionByDefault"),
}


def judge(subject: Subject) -> Verdict:
    return guardrail(subject, decide)


@dataclass(frozen=True)
class _State:
    """A group in all Regions: ``kept`` are those in which something else protects it, ``open_in``
    those in which nothing does."""

    answers: Sequence[Answer]
    kept: Sequence[str]
    open_in: Sequence[str]

    @property
    def holds(self) -> bool:
        return not self.open_in


def decide(case: Case, doubt: Doubt) -> Table:
    states: dict[str, _State] = {}
    for group in (*GROUPS, *_own_groups(case)):
        state = _state(case, doubt, group)
        if state is not None:
            states[group.name] = state
    required = [answer for state in states.values() for answer in state.answers]
    advisory = case.ask(tuple(ADVISORY.values()), case.ordinary)
    facts = {
        "groups": {
            name: {"holds": state.holds, "kept": list(state.kept), "open": list(state.open_in)}
            for name, state in states.items()
        }
    }
    return Table(_verdict(case, doubt, states, _problems(advisory)), required, advisory, facts)


def _state(case: Case, doubt: Doubt, group: Group) -> _State | None:
    """None for a group that is needed nowhere. ``answers`` are those that nothing else replaces."""
    answers: list[Answer] = []
    kept: list[str] = []
    open_in: list[str] = []
    for region in case.regions:
        if not doubt.threatens(lambda: group.is_needed(case, region)):  # noqa: B023  (called at once)
            continue
        found = case.ask(_probes(case, group, region), case.ordinary, [region])
        is_denied = doubt.all(found) and not (
            group.name == CLOUDTRAIL and doubt.threatens(lambda: _is_unseen(case, region))  # noqa: B023
        )
        if not is_denied and doubt.holds(lambda: group.is_kept(case, region)):  # noqa: B023
            kept.append(region)
            continue
        answers += found
        if not is_denied:
            open_in.append(region)
    return _State(answers, kept, open_in) if answers or kept else None


def _is_unseen(case: Case, region: str) -> bool:
    """Never, but raises Missing where nobody saw by which names trails are to be asked about."""
    case.subject.facts.get(cloudtrail.trails, region)
    return False


def _probes(case: Case, group: Group, region: str) -> tuple[Probe, ...]:
    """For CloudTrail on each of the account's own trails, where it has any."""
    observed = case.subject.facts.observation(cloudtrail.trails, region)
    if group.name != CLOUDTRAIL or observed.outcome != Outcome.COLLECTED:
        return group.probes
    own = [case.template(trail.arn) for trail in _own_trails(case, observed.get())]
    return tuple(
        probe(f"cloudtrail:{action}", arn) for arn in own or [TRAIL] for action in TRAIL_ACTIONS
    )


def _own_groups(case: Case) -> list[Group]:
    """The company's own tools: each entry is an action, and the ARN it is about if it has one."""
    return [
        Group(name, tuple(probe(*str(entry).split()) for entry in entries if str(entry).strip()))
        for name, entries in case.settings["PROTECTED_SERVICE_ACTIONS"].items()
        if entries
    ]


def _verdict(
    case: Case, doubt: Doubt, states: Mapping[str, _State], problems: Sequence[Problem]
) -> Verdict:
    safe = [name for name, state in states.items() if state.holds]
    left = {name: state for name, state in states.items() if not state.holds}
    answers = [answer for state in states.values() for answer in state.answers]
    if not left:
        return passed(
            f"Nobody can alter {listed(safe, at_most=9)}{by_policies(case, answers)}.",
            "every group holds",
            problems=problems,
        )
    gaps = _gaps({name: doubt.allowed(state.answers) for name, state in left.items()})
    if safe:
        return partly(
            f"{listed(safe, at_most=9)} cannot be altered, {listed(left, at_most=9)} can. {gaps}."[
                :LONGEST
            ],
            "some groups hold",
            problems=problems,
        )
    return failed(
        f"Everything that watches the account can be altered from inside. {gaps}."[:LONGEST],
        "no group holds",
        problems=problems,
    )


def _gaps(allowed: Mapping[str, Sequence[Answer]]) -> str:
    """Of each group the requests that are let through; then once, for whom and where."""
    said = []
    for name, answers in allowed.items():
        actions = listed(dict.fromkeys(answer.probe.action for answer in answers), at_most=2)
        said.append(f"{name}: {actions or 'its trails were not seen'}")
    every = [answer for answers in allowed.values() for answer in answers]
    for_whom = f"; allowed for {who(every)}{where(every)}" if every else ""
    return f"{'; '.join(said)}{for_whom}"


def _problems(advisory: Sequence[Answer]) -> list[Problem]:
    found = []
    for code, one in ADVISORY.items():
        allowed = [answer for answer in advisory if answer.probe == one and answer.is_allowed]
        if allowed:
            found.append(Problem(code, detail=allowed_text(allowed)))
    return found


item = Item(
    __name__,
    order="6.1.8",
    title="Security services protected",
    guidance=(
        "The first thing a careful intruder does is to stop the recording. GuardDuty, Access "
        "Analyzer, trails and Block Public Access cannot be stopped or altered, and Config, "
        "Security Hub, Macie and Inspector cannot where they run."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC,),
    judge=judge,
    reads=(
        *READS,
        guardduty.administration,
        accessanalyzer.analyzers,
        accessanalyzer.security_analyzers,
        cloudtrail.trails,
        config.recorders,
        securityhub.hub,
        securityhub.central,
        macie2.session,
        inspector2.account_status,
        organizations.effective_policies,
    ),
    findings={
        **FINDINGS,
        "archive_rule_possible": FindingKind("Findings can be archived by rule", Severity.LOW),
        "finding_filter_possible": FindingKind(
            "Findings can be suppressed by filter", Severity.LOW
        ),
        "volume_encryption_removable": FindingKind(
            "Default encryption of volumes can be turned off", Severity.LOW
        ),
    },
    parent="surface.scps",
    fix=Fix(
        "Deny disabling or altering security services for everyone but the security role.",
        "Service control policy examples",
    ),
    source_url="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html",
)
