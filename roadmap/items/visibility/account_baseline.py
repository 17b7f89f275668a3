"""A written process makes accounts, and every account gets the company's baseline by itself.

Reads the stack sets named in BASELINE_STACKSETS (cloudformation:DescribeStackSet,
ListStackInstances) and Control Tower's landing zone (controltower:ListEnabledBaselines) in
BASELINE_REGIONS, and two answers of people: whether the process is written down (organization),
and whether another tool baselines the account (account).

Stack sets never reach the management account, so only such an answer does. Where an account has
several instances of a stack set and some are not current, it counts as baselined in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from collectors.outcomes import Missing, Outcome
from collectors.services import cloudformation, controltower, organizations
from collectors.services.cloudformation import StackInstance, StackSet
from roadmap.readings.answers import unanswered
from roadmap.registry import Attestable, FindingKind, Fix, Flow, Item, Level
from roadmap.sentences import listed
from roadmap.subject import Attested, Subject
from roadmap.verdicts import (
    Problem,
    Reason,
    Severity,
    Source,
    Verdict,
    failed,
    partly,
    passed,
    unknown,
)

STACK_SETS_SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"


class Degree(IntEnum):
    """How far something is there."""

    NONE = 0
    PART = 1
    FULL = 2


@dataclass(frozen=True)
class Baseline:
    """How an account is baselined. ``configured`` is False where nothing says by what."""

    degree: Degree
    sentence: str
    configured: bool = True
    source: Source = Source.AUTOMATIC
    facts: dict[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


def judge(subject: Subject) -> Verdict:
    process = _answer(subject, Level.ORGANIZATION)
    documented = _degree(process)
    missing: Missing | None = None
    try:
        baseline = _baseline(subject)
    except Missing as caught:
        missing = caught
        baseline = _by_another_tool(subject)
        if not _is_half_done(documented, baseline.degree):
            raise
    problems = list(baseline.problems)
    if documented != Degree.FULL:
        problems.append(Problem("process_undocumented", organization=True))
    more: dict[str, Any] = {
        "facts": {"process": process and process.claim, **baseline.facts},
        "problems": problems,
        "incomplete": missing is not None,
    }
    reached = baseline.sentence if baseline.degree or not missing else _UNREAD
    sentence = f"{_of_process(subject, process)} {reached}"
    if documented == baseline.degree == Degree.FULL:
        return passed(sentence, "process and baseline", source=baseline.source, **more)
    if documented or baseline.degree:
        return partly(sentence, "process or baseline", **more)
    return _neither(subject, baseline, sentence, more)


_UNREAD = "The baseline could not be read."


def _is_half_done(documented: Degree, attested: Degree) -> bool:
    """Whether it is partial whatever stack sets and Control Tower say."""
    return documented == Degree.PART or (documented == Degree.NONE and attested == Degree.PART)


_SAID = {
    "done": "The process of creating accounts is written down.",
    "partly": "The process of creating accounts is written down in part.",
}


def _of_process(subject: Subject, answer: Attested | None) -> str:
    if answer is not None:
        return _SAID.get(answer.claim, "The process of creating accounts is not written down.")
    if subject.of_level(Level.ORGANIZATION):
        return "The answer that the process of creating accounts is written down has expired."
    return "Nobody has said that the process of creating accounts is written down."


def _neither(subject: Subject, baseline: Baseline, sentence: str, more: dict[str, Any]) -> Verdict:
    own = subject.of_level(Level.ACCOUNT)
    if subject.account.is_management and _answer(subject, Level.ACCOUNT) is None:
        return unanswered(_newest(subject, own), "how it is baselined", sentence, **more)
    if not baseline.configured and not any(a.holds(subject.now) for a in subject.attestations):
        more["problems"] = ()
        if ended := _newest(subject, subject.attestations):
            return unanswered(ended, "how accounts are made", sentence, **more)
        return unknown(Reason.NOT_CONFIGURED, sentence, "nothing configured", **more)
    return failed(sentence, "neither", **more)


def _answer(subject: Subject, level: Level) -> Attested | None:
    """The newest answer that still holds."""
    return _newest(subject, [a for a in subject.of_level(level) if a.holds(subject.now)])


def _newest(subject: Subject, answers: Sequence[Attested]) -> Attested | None:
    return max(answers, key=lambda a: a.given_at or subject.now, default=None)


def _degree(answer: Attested | None) -> Degree:
    claims = {"done": Degree.FULL, "partly": Degree.PART}
    return claims.get(answer.claim, Degree.NONE) if answer else Degree.NONE


def _baseline(subject: Subject) -> Baseline:
    """The best of what is there. Raises Missing if something better could not be seen."""
    attested = _by_another_tool(subject)
    if attested.degree == Degree.FULL or subject.account.is_management:
        return attested
    return max(_automatic(subject), attested, key=lambda baseline: baseline.degree)


def _by_another_tool(subject: Subject) -> Baseline:
    answer = _answer(subject, Level.ACCOUNT)
    degree = _degree(answer)
    if answer is None or not degree:
        return Baseline(
            Degree.NONE,
            "Stack sets and Control Tower do not reach the management account.",
        )
    how = {Degree.PART: "in part baselines", Degree.FULL: "baselines"}[degree]
    sentence = f"Another tool {how} the account, says {answer.author or 'its team'}."
    return Baseline(degree, sentence, source=Source.ATTESTED)


def _automatic(subject: Subject) -> Baseline:
    found: list[Baseline] = []
    missing: Missing | None = None
    for look in (_by_stack_sets, _by_control_tower):
        try:
            found.append(look(subject))
        except Missing as caught:
            missing = caught
    best = max(found, key=lambda b: (b.degree, b.configured), default=None)
    if missing is not None and (best is None or best.degree != Degree.FULL):
        raise missing
    assert best is not None
    return best


def _by_stack_sets(subject: Subject) -> Baseline:
    names = list(subject.settings["BASELINE_STACKSETS"])
    if not names:
        return Baseline(Degree.NONE, "No stack sets are named as the baseline.", configured=False)
    known = _stack_sets(subject, names)
    account = subject.account.account_id
    arrivals = [_Arrival(name, known.get(name), account) for name in names]
    degree = min(arrival.degree for arrival in arrivals)
    return Baseline(
        degree,
        _in_words(arrivals),
        facts={
            "stack_sets": [arrival.kept for arrival in arrivals],
            "trusted_access": _trusted_access(subject),
        },
        problems=[problem for arrival in arrivals for problem in arrival.problems()],
    )


def _in_words(arrivals: Sequence[_Arrival]) -> str:
    gaps = [arrival.gap for arrival in arrivals if arrival.gap]
    if gaps:
        return " ".join(f"{gap}." for gap in gaps)
    if len(arrivals) == 1:
        return f"Baseline stack set {arrivals[0].name} is in place."
    return f"All {len(arrivals)} baseline stack sets are in place."


def _stack_sets(subject: Subject, names: Sequence[str]) -> dict[str, StackSet]:
    """By name, wherever they are run from. Raises Missing if one may be where nobody looked."""
    found: dict[str, StackSet] = {}
    missing: Missing | None = None
    for observation in _observations(subject):
        try:
            sets = observation.get()
            unasked = [name for name in names if name not in sets.asked]
            if unasked:
                raise Missing(Outcome.NEVER_COLLECTED, f"{listed(unasked)} was not looked for yet.")
        except Missing as caught:
            missing = caught if caught.outcome != Outcome.SERVICE_UNAVAILABLE else missing
            continue
        found.update({s.name: s for s in sets.baseline if s.name in names})
    if missing is not None and len(found) < len(set(names)):
        raise missing
    return found


def _observations(subject: Subject) -> Iterator[Any]:
    facts, management = subject.facts, subject.account.management_account_id
    for region in subject.settings["BASELINE_REGIONS"]:
        if management:
            yield facts.observation(cloudformation.stack_sets, region, management)
        yield from facts.security(cloudformation.delegated_stack_sets, region).values()


@dataclass(frozen=True)
class _Arrival:
    """A stack set of the baseline as it reached the account."""

    name: str
    stack_set: StackSet | None
    account_id: str

    @property
    def instances(self) -> list[StackInstance]:
        """Without those that AWS left out while the account was suspended."""
        if self.stack_set is None:
            return []
        own = [i for i in self.stack_set.instances if i.account_id == self.account_id]
        return [i for i in own if not i.was_skipped]

    @property
    def degree(self) -> Degree:
        current = [i for i in self.instances if i.is_current]
        if not current or self.stack_set is None:
            return Degree.NONE
        has_drifted = any(i.drift_status == "DRIFTED" for i in self.instances)
        is_whole = len(current) == len(self.instances) and not has_drifted
        return Degree.FULL if is_whole and self.stack_set.reaches_new_accounts else Degree.PART

    @property
    def gap(self) -> str:
        if self.stack_set is None:
            return f"Stack set {self.name} was not found"
        if not self.instances:
            return f"Stack set {self.name} has not reached it"
        troubles = sorted(
            {
                f"{i.status.lower()} (last operation: {i.detailed_status.lower() or 'not told'})"
                for i in self.instances
                if not i.is_current
            }
        )
        if troubles:
            return f"Stack set {self.name} is {listed(troubles)}"
        if any(i.drift_status == "DRIFTED" for i in self.instances):
            return f"Stack set {self.name} has drifted"
        if not self.stack_set.reaches_new_accounts:
            return f"Stack set {self.name} does not deploy to new accounts by itself"
        return ""

    def problems(self) -> Iterator[Problem]:
        arn = (self.stack_set.arn or self.stack_set.id) if self.stack_set else ""
        if not self.instances:
            yield Problem("baseline_missing", arn, self.name, detail=self.gap)
        elif any(i.status == "OUTDATED" and not _has_failed(i) for i in self.instances):
            yield Problem("baseline_outdated", arn, self.name)
        for instance in self.instances:
            if _has_failed(instance):
                reason = instance.status_reason
                region = instance.region or "global"
                yield Problem("baseline_failed", arn, self.name, region, detail=reason)
        if self.stack_set is not None and not self.stack_set.reaches_new_accounts:
            yield Problem("autodeploy_off", arn, self.name, organization=True)

    @property
    def kept(self) -> dict[str, Any]:
        stack_set = self.stack_set
        return {
            "name": self.name,
            "id": stack_set.id if stack_set else None,
            "permission_model": stack_set.permission_model if stack_set else None,
            "auto_deployment": stack_set.has_auto_deployment if stack_set else None,
            "ou_targets": list(stack_set.organizational_unit_ids) if stack_set else [],
            "drift": stack_set.drift_status if stack_set else None,
            "instances": [
                [i.region, i.status, i.detailed_status, i.drift_status, i.status_reason]
                for i in self.instances
            ],
        }


def _has_failed(instance: StackInstance) -> bool:
    return instance.status == "INOPERABLE" or instance.detailed_status.startswith("FAILED")


def _trusted_access(subject: Subject) -> bool | None:
    """Whether the organization lets stack sets reach its accounts; None where nobody told."""
    try:
        services = subject.facts.management(organizations.service_access)
    except Missing:
        return None
    return STACK_SETS_SERVICE in services


def _by_control_tower(subject: Subject) -> Baseline:
    nowhere = Baseline(Degree.NONE, "Control Tower is not set up.", configured=False)
    if not subject.account.management_account_id:
        return nowhere
    missing: Missing | None = None
    for region in subject.settings["BASELINE_REGIONS"]:
        try:
            zone = subject.facts.management(controltower.landing_zone, region)
        except Missing as caught:
            missing = caught if caught.outcome != Outcome.SERVICE_UNAVAILABLE else missing
            continue
        if zone.arn:
            return _of_zone(subject, zone)
    if missing is not None:
        raise missing
    return nowhere


def _of_zone(subject: Subject, zone: controltower.LandingZone) -> Baseline:
    chain = {subject.account.account_id, *subject.account.ou_ids}
    enabled = [b for b in zone.baselines if b.target in chain]
    good = [b for b in enabled if b.status == "SUCCEEDED"]
    facts = {
        "landing_zone": zone.version,
        "landing_zone_status": zone.status,
        "landing_zone_drift": zone.is_drifted,
        "enabled_baselines": [[b.target, b.status, b.version] for b in enabled],
    }
    if not zone.is_active or not good:
        sentence = "Control Tower's baseline is not in place."
        if not zone.is_active:
            sentence = f"Control Tower's landing zone is {zone.status.lower() or 'not active'}."
        code = "baseline_failed" if enabled else "baseline_missing"
        problems = [Problem(code, detail=sentence)]
        return Baseline(Degree.NONE, sentence, facts=facts, problems=problems)
    if any(b.is_drifted for b in good) or zone.is_drifted:
        return Baseline(Degree.PART, "Control Tower's baseline has drifted.", facts=facts)
    return Baseline(Degree.FULL, "Control Tower keeps its baseline in place.", facts=facts)


item = Item(
    __name__,
    order="3.5",
    title="Baseline and account creation process",
    guidance=(
        "Every account starts the same way: somebody asks for it for a reason, the root user's "
        "address and password are kept where they belong, and the company's roles, alarms and "
        "settings arrive by themselves. Stack sets with automatic deployment or Control Tower do "
        "the latter; the former has to be written down. The management account gets neither: say "
        "how it is looked after."
    ),
    scope="account",
    flow=Flow.PER_TARGET,
    sources=(Source.AUTOMATIC, Source.ATTESTED),
    judge=judge,
    reads=(
        cloudformation.stack_sets,
        cloudformation.delegated_stack_sets,
        controltower.landing_zone,
        organizations.service_access,
    ),
    findings={
        "baseline_missing": FindingKind("Baseline missing", Severity.MEDIUM),
        "baseline_outdated": FindingKind("Baseline outdated", Severity.LOW),
        "baseline_failed": FindingKind("Baseline failed", Severity.MEDIUM),
        "autodeploy_off": FindingKind("Baseline not deployed to new accounts", Severity.MEDIUM),
        "process_undocumented": FindingKind("Account process not written down", Severity.LOW),
    },
    attests=(
        Attestable(
            Level.ORGANIZATION,
            "Is it written down who creates accounts and why, who keeps root passwords and MFA "
            "devices, how root addresses are formed and who reads them, and which phone and "
            "billing details are entered?",
        ),
        Attestable(
            Level.ACCOUNT,
            "Does another tool, such as a Terraform pipeline, apply the baseline to this account?",
        ),
    ),
    fix=Fix(
        "Write the process down, and ship the baseline as stack sets with automatic deployment.",
        "Create CloudFormation StackSets with service-managed permissions",
    ),
    source_url=(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "stacksets-orgs-associate-stackset-with-org.html"
    ),
)
