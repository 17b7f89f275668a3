"""What a rule answers: a status, a sentence, evidence and findings. Pure.

Sections 0.2, 0.7 and 0.10 of the evidence rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from collectors.facts import Observation
from collectors.outcomes import Missing, Outcome


class Status(StrEnum):
    """Each has a word, a mark and a score; a score of None is left out of every count."""

    PASS = "pass"  # noqa: S105  (a verdict, not a password)
    PARTIAL = "partial"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def mark(self) -> str:
        """A shape that tells the status apart without colour."""
        return _MARKS[self]

    @property
    def score(self) -> float | None:
        return _SCORES[self]


_LABELS = {
    Status.PASS: "Pass",
    Status.PARTIAL: "Partial",
    Status.FAIL: "Fail",
    Status.UNKNOWN: "Unknown",
    Status.NOT_APPLICABLE: "Not applicable",
}
_MARKS = {
    Status.PASS: "●",
    Status.PARTIAL: "◐",
    Status.FAIL: "▲",
    Status.UNKNOWN: "?",
    Status.NOT_APPLICABLE: "–",
}
_SCORES = {
    Status.PASS: 1.0,
    Status.PARTIAL: 0.5,
    Status.FAIL: 0.0,
    Status.UNKNOWN: 0.0,
    Status.NOT_APPLICABLE: None,
}


# Status → what is worse than it. What is unknown or does not apply has nothing to fall back from.
WORSE: Mapping[Status, Sequence[Status]] = {
    Status.PASS: (Status.PARTIAL, Status.UNKNOWN, Status.FAIL),
    Status.PARTIAL: (Status.UNKNOWN, Status.FAIL),
}


def is_setback(before: Status, after: Status) -> bool:
    return after in WORSE.get(before, ())


def is_progress(before: Status, after: Status) -> bool:
    """What was not known before is not better now."""
    return Status.UNKNOWN not in (before, after) and is_setback(after, before)


class Reason(StrEnum):
    """Why a verdict is unknown or not applicable."""

    NEVER_COLLECTED = "never_collected"
    STALE = "stale"
    ASSUME_ROLE_DENIED = "assume_role_denied"
    ACCESS_DENIED = "access_denied"
    REGION_UNREACHABLE = "region_unreachable"
    THROTTLED = "throttled"
    API_ERROR = "api_error"
    JOB_TIMEOUT = "job_timeout"
    PARTIAL_COLLECTION = "partial_collection"
    NOT_CONFIGURED = "not_configured"
    NOT_ATTESTED = "not_attested"
    ATTESTATION_EXPIRED = "attestation_expired"
    UNDETERMINED = "undetermined"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_CLOSED = "account_closed"
    MANAGEMENT_EXEMPT = "management_exempt"
    NO_RESOURCES = "no_resources"
    CLASS_EXCLUDED = "class_excluded"
    SERVICE_UNAVAILABLE = "service_unavailable"
    DECLINED = "declined"
    EXCEPTION = "exception"


class Source(StrEnum):
    AUTOMATIC = "automatic"
    INHERITED = "inherited"
    IMPORTED = "imported"
    ATTESTED = "attested"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


@dataclass(frozen=True)
class Problem:
    """A finding as a rule reports it. ``resource`` is an ARN; empty means the account itself.

    ``organization`` marks one that belongs to the organization as a whole; it is kept on the
    management account and reported once. ``severity`` is said where it is not that of its kind.
    """

    code: str
    resource: str = ""
    name: str = ""
    region: str = "global"
    detail: str = ""
    organization: bool = False
    severity: Severity | None = None


@dataclass(frozen=True)
class Verdict:
    """``rule`` names the line of the rule's table that decided; ``facts`` suffice to see why.

    ``regions`` are the verdicts of the parts, where an item is judged Region by Region; ``raw`` is
    what the rule said where an exception stands in its place. ``is_handed_down`` is whether the
    accounts of an organization take its verdict, or each is judged alone.
    """

    status: Status
    sentence: str
    rule: str
    reason: Reason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    incomplete: bool = False
    source: Source = Source.AUTOMATIC
    inherits_from: str = ""
    regions: Mapping[str, Verdict] = field(default_factory=dict)
    raw: Verdict | None = None
    is_handed_down: bool = True

    def __post_init__(self) -> None:
        needs_reason = self.status in (Status.UNKNOWN, Status.NOT_APPLICABLE)
        if needs_reason != (self.reason is not None):
            raise ValueError(f"{self.status} with reason {self.reason}: {self.sentence}")


def passed(sentence: str, rule: str = "pass", **more: Any) -> Verdict:
    return Verdict(Status.PASS, sentence, rule, **more)


def partly(sentence: str, rule: str = "partial", **more: Any) -> Verdict:
    return Verdict(Status.PARTIAL, sentence, rule, **more)


def failed(sentence: str, rule: str = "fail", **more: Any) -> Verdict:
    return Verdict(Status.FAIL, sentence, rule, **more)


def unknown(reason: Reason, sentence: str, rule: str = "unknown", **more: Any) -> Verdict:
    return Verdict(Status.UNKNOWN, sentence, rule, reason, **more)


def not_applicable(
    reason: Reason, sentence: str, rule: str = "not applicable", **more: Any
) -> Verdict:
    return Verdict(Status.NOT_APPLICABLE, sentence, rule, reason, **more)


def unknown_for(missing: Missing, **more: Any) -> Verdict:
    """The verdict of a rule that read something nobody saw."""
    if missing.outcome == Outcome.SERVICE_UNAVAILABLE:
        return not_applicable(Reason.SERVICE_UNAVAILABLE, missing.message, **more)
    reason = Reason.REGION_UNREACHABLE
    if missing.outcome != Outcome.REGION_BLOCKED:
        reason = Reason(missing.outcome.value)
    return unknown(reason, missing.message, **more)


def not_in_organization(**more: Any) -> Verdict:
    """The verdict of what only an organization can give, for an account in no known one."""
    return failed(
        "The account is in no known organization, which this needs.",
        "not in an organization",
        facts={"note": "not_in_organization"},
        **more,
    )


# What stands for a sub-check that its parent does not find.
NOT_JUDGED = unknown(Reason.NEVER_COLLECTED, "The sub-check was not judged.", "not judged")


@dataclass(frozen=True)
class Combined:
    """``unknowns`` are the parts that are unknown, if any."""

    status: Status
    incomplete: bool
    unknowns: Sequence[Verdict]


def combine(parts: Iterable[Verdict]) -> Combined:
    """Section 0.7: many verdicts as one. Nothing applicable is not applicable."""
    applicable = [part for part in parts if part.status != Status.NOT_APPLICABLE]
    unknowns = [part for part in applicable if part.status == Status.UNKNOWN]
    incomplete = bool(unknowns) or any(part.incomplete for part in applicable)
    seen = {part.status for part in applicable}
    if not applicable:
        return Combined(Status.NOT_APPLICABLE, False, ())
    if not seen & {Status.FAIL, Status.PARTIAL}:
        status = Status.UNKNOWN if unknowns else Status.PASS
    elif Status.FAIL in seen and not seen & {Status.PASS, Status.PARTIAL}:
        status = Status.FAIL
    else:
        status = Status.PARTIAL
    return Combined(status, incomplete, tuple(unknowns))


def verdict_of(parts: Mapping[str, Verdict], sentence: str, rule: str, **more: Any) -> Verdict:
    """The parts as one verdict that says ``sentence``; reasons are those of the parts."""
    combined = combine(parts.values())
    reason: Reason | None = None
    if combined.status == Status.UNKNOWN:
        reasons = {part.reason for part in combined.unknowns}
        reason = reasons.pop() if len(reasons) == 1 else Reason.PARTIAL_COLLECTION
        decided = len(combined.unknowns) < len(
            [p for p in parts.values() if p.status != Status.NOT_APPLICABLE]
        )
        reason = Reason.PARTIAL_COLLECTION if decided else reason
    elif combined.status == Status.NOT_APPLICABLE:
        reasons = {part.reason for part in parts.values() if part.reason}
        reason = reasons.pop() if len(reasons) == 1 else Reason.NO_RESOURCES
    return Verdict(combined.status, sentence, rule, reason, incomplete=combined.incomplete, **more)


def by_region(
    observations: Mapping[str, Observation[Any]], judge: Callable[[str, Any], Verdict]
) -> dict[str, Verdict]:
    """``judge(region, value)`` for each Region; one that was not collected is unknown."""
    return each_region(observations, lambda region: judge(region, observations[region].get()))


def each_region(
    observations: Mapping[str, Observation[Any]], judge: Callable[[str], Verdict]
) -> dict[str, Verdict]:
    """``judge(region)`` for each Region, unknown where it raises Missing.

    A Region where a service control policy stopped the observation is outside the scope and is
    left out.
    """
    verdicts = {}
    for region, observation in observations.items():
        if observation.outcome == Outcome.REGION_BLOCKED:
            continue
        try:
            verdicts[region] = judge(region)
        except Missing as missing:
            verdicts[region] = unknown_for(missing)
    return verdicts


def region_verdict(parts: Mapping[str, Verdict], sentence: str, **more: Any) -> Verdict:
    """The Regions' verdicts as the account's. It is inherited, or attested, where all of them
    are."""
    if not parts:
        return unknown(
            Reason.REGION_UNREACHABLE,
            "No Region could be looked at: service control policies block each of them.",
            "no region in scope",
            **more,
        )
    applicable = [part for part in parts.values() if part.status != Status.NOT_APPLICABLE]
    givers = {part.inherits_from for part in applicable}
    verdict = verdict_of(parts, sentence, "combined over the Regions", regions=parts, **more)
    giver = givers.pop() if len(givers) == 1 else ""
    if giver:
        return with_source(verdict, Source.INHERITED, giver)
    is_attested = {part.source for part in applicable} == {Source.ATTESTED}
    return with_source(verdict, Source.ATTESTED) if is_attested else verdict


def ratio(good: float, total: int, pass_pct: float, partial_pct: float) -> Status:
    """Section 0.7: a share of resources as a status."""
    if total == 0:
        return Status.NOT_APPLICABLE
    share = 100 * good / total
    if share >= pass_pct:
        return Status.PASS
    return Status.PARTIAL if share >= partial_pct else Status.FAIL


def with_source(verdict: Verdict, source: Source, inherits_from: str = "") -> Verdict:
    return replace(verdict, source=source, inherits_from=inherits_from)
