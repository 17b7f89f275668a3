"""What is kept of how a verdict came about, and the whole record that people see.

Section 0.11 of the evidence rules. A verdict keeps what decided it, without times and calls: those
come from the stored facts it names under ``read``. So a collection that sees the same again leaves
the verdict as it is, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
from django.db.models import JSONField, Value

from collectors.facts import Observation
from collectors.models import Fact
from roadmap.models import VerdictFields
from roadmap.registry import ImportUse, Item, items
from roadmap.subject import Attested, Excepted, Subject
from roadmap.verdicts import Source, Verdict

MAX_AGE = "EVIDENCE_MAX_AGE_HOURS"
LIST_LIMIT = "EVIDENCE_LIST_LIMIT"

_encode = msgspec.json.Encoder(order="deterministic").encode

FactKey = tuple[str, str, str]  # account id, kind, Region


@dataclass(frozen=True)
class Kept:
    """``body`` is the evidence as JSON; ``digest`` changes when anything of the verdict does."""

    body: bytes
    digest: str

    @property
    def evidence(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def keep(
    item: Item,
    verdict: Verdict,
    subject: Subject | None,
    list_limit: int,
    exception: Excepted | None = None,
) -> Kept:
    """The evidence of a verdict; ``subject`` is what the rule looked at, None if at nothing."""
    body = _encode(
        {
            "rule": verdict.rule,
            "facts": _cut(verdict.facts, list_limit),
            "regions": {name: str(part.status) for name, part in verdict.regions.items()},
            "findings": _cut([p.code + " " + p.resource for p in verdict.problems], list_limit),
            "exceptions": _excepted(subject.excepted if subject else {}, exception),
            **({"raw": _raw(verdict.raw)} if verdict.raw else {}),
            **({"scans": _scans(subject)} if subject and subject.scans.kept else {}),
            "inherits_from": verdict.inherits_from or None,
            "settings": subject.settings.read if subject else {},
            "attestations": [_attested(a, subject.now) for a in subject.attestations]
            if subject
            else [],
            "read": _read(subject.facts.read) if subject else [],
        }
    )
    rest = (
        verdict.status,
        verdict.reason,
        verdict.source,
        verdict.sentence,
        verdict.incomplete,
        [(problem, item.kind(problem.code)) for problem in verdict.problems],
        sorted(name for name, part in verdict.regions.items() if part.incomplete or part.reason),
    )
    return Kept(body, blake2b(body + _encode(rest), digest_size=16).hexdigest())


def _cut(value: Any, limit: int) -> Any:
    """Lists longer than the limit keep a count and their first entries."""
    if isinstance(value, Mapping):
        return {name: _cut(part, limit) for name, part in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > limit:
            return {"count": len(value), "first": [_cut(part, limit) for part in value[:limit]]}
        return [_cut(part, limit) for part in value]
    if isinstance(value, set | frozenset):
        return _cut(sorted(value), limit)
    return value


def _excepted(resources: Mapping[str, Excepted], whole: Excepted | None) -> list[dict[str, Any]]:
    """``resource`` is empty where the whole account is excepted."""
    found = [("", whole)] if whole else []
    return [
        {
            "id": exception.pk,
            "resource": arn,
            "reason": exception.reason,
            "approver": exception.approver,
            "expires_at": exception.expires_at,
        }
        for arn, exception in [*found, *sorted(resources.items())]
    ]


def _raw(verdict: Verdict) -> dict[str, Any]:
    """The rule's verdict, where an exception stands in its place."""
    return {
        "verdict": str(verdict.status),
        "reason": verdict.reason,
        "rule": verdict.rule,
        "sentence": verdict.sentence,
    }


def _scans(subject: Subject) -> list[dict[str, Any]]:
    return [kept for _, kept in sorted(subject.scans.kept.items())]


def _attested(attestation: Attested, now: datetime) -> dict[str, Any]:
    return {
        "id": attestation.pk,
        "level": attestation.level,
        "claim": attestation.claim,
        "about": attestation.about,
        "details": attestation.details,
        "url": attestation.url,
        "expires_at": attestation.expires_at,
        "holds": attestation.holds(now),
    }


def _read(observations: Sequence[Observation[Any]]) -> list[list[str]]:
    """Account, kind, Region and outcome of each observation looked at, once each."""
    seen = {(o.account_id, o.kind, o.region): str(o.outcome) for o in observations}
    return [[*key, outcome] for key, outcome in sorted(seen.items())]


@dataclass(frozen=True)
class Record:
    """The evidence record of section 0.11. ``collected_at`` is the age of the oldest fact or scan
    it rests on, None when it rests on none; ``expires_at`` when a fact, an attestation or a scan
    ends. ``scans`` are those that decided it or contradict it."""

    item: str
    scope: Mapping[str, str | None]
    verdict: str
    reason: str | None
    incomplete: bool
    source: str
    collected_at: datetime | None
    expires_at: datetime | None
    inherits_from: str | None
    calls: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    rule: str
    findings: Any
    exceptions: Sequence[Any]
    attestations: Sequence[Mapping[str, Any]]
    regions: Mapping[str, str] = field(default_factory=dict)
    scans: Sequence[Mapping[str, Any]] = ()

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


@dataclass(frozen=True)
class Seen:
    """When and by which calls a fact was last asked for."""

    outcome: str
    observed_at: datetime
    calls: Sequence[Mapping[str, Any]]


def named_in(verdicts: Iterable[VerdictFields]) -> set[FactKey]:
    """The facts that verdicts rest on."""
    return {
        (account, kind, region)
        for verdict in verdicts
        for account, kind, region, _ in verdict.evidence.get("read", [])
    }


def seen(partition: str, keys: set[FactKey], *, with_calls: bool = True) -> dict[FactKey, Seen]:
    """The stored facts' times and calls, without their values. One query; calls are long, so who
    needs the times alone leaves them out."""
    rows = Fact.objects.filter(
        account__partition=partition,
        account__account_id__in={account for account, _, _ in keys},
        kind__in={kind for _, kind, _ in keys},
    ).values_list(
        "account__account_id",
        "kind",
        "region",
        "outcome",
        "observed_at",
        "calls" if with_calls else Value([], JSONField()),
    )
    return {
        (account, kind, region): Seen(outcome, observed_at, calls)
        for account, kind, region, outcome, observed_at, calls in rows
        if (account, kind, region) in keys
    }


def record(
    verdict: VerdictFields, scope: Mapping[str, str | None], facts: Mapping[FactKey, Seen]
) -> Record:
    """A stored verdict with the calls and times of the facts it names."""
    kept = verdict.evidence
    used = [
        facts[account, kind, region]
        for account, kind, region, _ in kept.get("read", [])
        if (account, kind, region) in facts
    ]
    answered = [s.observed_at for s in used if s.outcome == "collected"]
    observed_at = min(answered, default=None)
    return Record(
        item=verdict.item,
        scope=scope,
        verdict=verdict.status,
        reason=verdict.reason or None,
        incomplete=verdict.incomplete,
        source=verdict.source,
        collected_at=_collected_at(verdict, observed_at),
        expires_at=_expires_at(observed_at, kept),
        inherits_from=kept.get("inherits_from"),
        calls=[call for s in used for call in s.calls],
        settings=kept.get("settings", {}),
        facts=kept.get("facts", {}),
        rule=kept.get("rule", ""),
        findings=kept.get("findings", []),
        exceptions=kept.get("exceptions", []),
        attestations=kept.get("attestations", []),
        regions=kept.get("regions", {}),
        scans=kept.get("scans", []),
    )


def _collected_at(verdict: VerdictFields, observed_at: datetime | None) -> datetime | None:
    """A scan that decides counts with the facts, and one in Cairn's place instead of them."""
    if verdict.source != Source.IMPORTED:
        return observed_at
    times = [
        datetime.fromisoformat(scan["at"])
        for scan in verdict.evidence.get("scans", [])
        if scan.get("at")
    ]
    item = items().get(verdict.item)
    is_fallback = item is not None and item.import_use == ImportUse.FALLBACK
    if observed_at is not None and not (times and is_fallback):
        times.append(observed_at)
    return min(times, default=None)


def _expires_at(observed_at: datetime | None, kept: Mapping[str, Any]) -> datetime | None:
    hours = kept.get("settings", {}).get(MAX_AGE)
    ends = [
        datetime.fromisoformat(a["expires_at"])
        for a in kept.get("attestations", [])
        if a.get("holds") and a.get("expires_at")
    ]
    ends += [datetime.fromisoformat(s["until"]) for s in kept.get("scans", []) if s["until"]]
    if observed_at is not None and hours is not None:
        ends.append(observed_at + timedelta(hours=hours))
    return min(ends, default=None)
