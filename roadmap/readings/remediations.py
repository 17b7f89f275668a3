"""What repairs things by itself in one account: remediations of AWS Config, and EventBridge rules
whose targets the company declares as such, in the account or for everybody in a security account.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase

from collectors.outcomes import Missing, Outcome
from collectors.services import config_remediation, events, ssm
from roadmap.readings.central import of_security
from roadmap.readings.gaps import NOTHING_THERE
from roadmap.subject import Subject

READS = (config_remediation.remediations, events.remediation_rules, ssm.automations)

Automations = dict[str, ssm.Automation]


@dataclass(frozen=True)
class Repair:
    """``document`` is the Systems Manager document it runs, empty for a target that is none.
    ``is_automatic`` is false where somebody has to start it."""

    name: str
    arn: str
    region: str
    document: str = ""
    is_automatic: bool = True
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    @property
    def is_failing(self) -> bool:
        """Whether it failed when it last ran to an end."""
        if self.last_failure_at is None:
            return False
        return self.last_success_at is None or self.last_success_at < self.last_failure_at


@dataclass
class Repairs:
    """``since`` is the day from which on Regions have been looked at, the latest of all."""

    found: list[Repair] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    since: date | None = None
    has_seen: bool = False

    def miss(self, missing: Missing) -> None:
        if missing.outcome not in NOTHING_THERE:
            self.missing.append(missing)


def find_repairs(subject: Subject) -> Repairs:
    """Raises Missing where not even the Regions are known."""
    repairs = Repairs()
    for region in subject.facts.regions:
        for look in (_of_config, _of_events, _of_security):
            try:
                found = look(subject, region, repairs)
                repairs.found += [r for r in found if not subject.is_excepted(r.arn)]
            except Missing as missing:
                repairs.miss(missing)
    return repairs


def _of_config(subject: Subject, region: str, repairs: Repairs) -> list[Repair]:
    told = subject.facts.get(config_remediation.remediations, region)
    repairs.has_seen = True
    repairs.since = max(repairs.since or told.since, told.since)
    if not told.remediations:
        return []
    runs = _runs(subject, region, repairs)
    return [_of_remediation(one, region, runs) for one in told.remediations]


def _of_remediation(one: config_remediation.Remediation, region: str, runs: Automations) -> Repair:
    """Config forgets a run when the resource is gone; Systems Manager remembers it."""
    document = _document(one.document) or one.document
    run = runs.get(document, ssm.Automation(document))
    return Repair(
        one.rule,
        one.arn,
        region,
        document,
        one.is_automatic,
        _latest(one.last_success_at, run.last_success_at),
        _latest(one.last_failure_at, run.last_failure_at),
    )


def _latest(*times: datetime | None) -> datetime | None:
    return max((at for at in times if at), default=None)


def _runs(subject: Subject, region: str, repairs: Repairs, owner: str = "") -> Automations:
    """Runs prove that a repair works; without them it is found all the same."""
    observation = subject.facts.observation(ssm.automations, region, owner)
    try:
        return {run.document: run for run in observation.get()}
    except Missing as missing:
        repairs.miss(missing)
        return {}


def _of_events(subject: Subject, region: str, repairs: Repairs) -> list[Repair]:
    told = subject.facts.get(events.remediation_rules, region)
    repairs.has_seen = True
    return _of_rules(subject, told, region, repairs)


def _of_security(subject: Subject, region: str, repairs: Repairs) -> list[Repair]:
    """What security accounts repair for all accounts of the organization."""
    if not subject.account.organization_id:
        return []
    found: list[Repair] = []
    for owner, observation in of_security(subject, events.remediation_rules, region).items():
        if owner == subject.account.account_id:
            continue
        try:
            found += _of_rules(subject, observation.get(), region, repairs, owner)
        except Missing as missing:
            repairs.miss(missing)
    return found


def _of_rules(
    subject: Subject,
    told: events.RemediationRules,
    region: str,
    repairs: Repairs,
    owner: str = "",
) -> list[Repair]:
    patterns = subject.settings["REMEDIATION_TARGET_PATTERNS"]
    _require_asked(told.patterns, patterns)
    targets = [
        (rule, target)
        for rule in told.rules
        for target in rule.targets
        if any(fnmatchcase(target, pattern) for pattern in patterns)
    ]
    runs = _runs(subject, region, repairs, owner) if targets else {}
    return [_of_target(rule, target, region, runs) for rule, target in targets]


def _of_target(rule: events.RemediationRule, target: str, region: str, runs: Automations) -> Repair:
    document = _document(target)
    run = runs.get(document, ssm.Automation(document))
    return Repair(
        f"{rule.name} → {target.rpartition(':')[2]}",
        rule.arn,
        region,
        document,
        last_success_at=run.last_success_at,
        last_failure_at=run.last_failure_at,
    )


def _require_asked(asked: Iterable[str], wanted: Iterable[str]) -> None:
    """Settings may have changed since the rules were looked at. Raises Missing."""
    if set(wanted) - set(asked):
        message = "Targets that repair things were declared later than rules were last looked at."
        raise Missing(Outcome.NEVER_COLLECTED, message)


def _document(arn: str) -> str:
    """The name of the Systems Manager document that an ARN is about; empty for other ARNs. A target
    may name a version behind it."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "ssm":
        return ""
    kind, _, name = parts[5].partition("/")
    return name.partition(":")[0] if kind in ("automation-definition", "document") else ""
