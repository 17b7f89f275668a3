"""Nobody in the account can switch off what watches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from roadmap.guardrails.probes import Answer, probe
from roadmap.guardrails.settling import Doubt
from roadmap.guardrails.watching import CLOUDTRAIL, GROUPS, Group, is_unseen, probes_of
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
        found = case.ask(probes_of(case, group, region), case.ordinary, [region])
        is_denied = doubt.all(found) and not (
            group.name == CLOUDTRAIL and doubt.threatens(lambda: is_unseen(case, region))  # noqa: B023
        )
        if not is_denied and doubt.holds(lambda: group.is_kept(case, region)):  # noqa: B023
            kept.append(region)
            continue
        answers += found
        if not is_denied:
            open_in.append(region)
    return _State(answers, kept, open_in) if answers or kept else None


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
    for_whom = f"; not denied for {who(every)}{where(every)}" if every else ""
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
