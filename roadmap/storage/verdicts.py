"""Verdict rows compared with what was judged: new, changed and gone ones, and the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roadmap.evaluation.judging import Judged
from roadmap.evaluation.states import RULE as ACCOUNT_STATE
from roadmap.models import AccountVerdict, VerdictChange, VerdictFields
from roadmap.registry import Flow, items
from roadmap.verdicts import Reason, Source, Status

Cause = VerdictChange.Cause
Cell = tuple[int, str]  # account or organization, item

BATCH = 500
WRITTEN = (
    "status",
    "reason",
    "source",
    "sentence",
    "incomplete",
    "evidence",
    "digest",
    "since",
    "last_known_status",
    "last_known_at",
)


@dataclass(frozen=True)
class Before:
    """A stored verdict, as far as a changed one needs to know it."""

    status: str
    reason: str
    since: datetime
    last_known_status: str
    last_known_at: datetime | None
    evidence: Mapping[str, Any]

    FIELDS = ("status", "reason", "since", "last_known_status", "last_known_at", "evidence")


@dataclass(frozen=True)
class Changed:
    """A cell whose digest changed; ``before`` is None where there was no verdict."""

    cell: Cell
    judged: Judged
    before: Before | None

    @property
    def is_status(self) -> bool:
        """Whether the status or its reason changed, and not only the evidence."""
        verdict, before = self.judged.verdict, self.before
        return before is None or (before.status, before.reason) != (
            verdict.status,
            verdict.reason or "",
        )


def set_fields(
    row: VerdictFields, changed: Changed, now: datetime, judged_before: datetime | None
) -> None:
    """Fill a row. ``judged_before`` is when the verdict before this one last held."""
    verdict, before = changed.judged.verdict, changed.before
    row.item = changed.cell[1]
    row.status = verdict.status
    row.reason = verdict.reason or ""
    row.source = verdict.source
    row.sentence = verdict.sentence[:1000]
    row.incomplete = verdict.incomplete
    row.evidence = changed.judged.kept.evidence
    row.digest = changed.judged.kept.digest
    row.since = before.since if before and before.status == verdict.status else now
    if verdict.status == Status.UNKNOWN and before is not None:
        if before.status == Status.UNKNOWN:
            row.last_known_status = before.last_known_status
            row.last_known_at = before.last_known_at
        else:
            row.last_known_status = before.status
            row.last_known_at = judged_before or before.since


def history_of(
    changes: Sequence[Changed], now: datetime, hint: Cause | None, handed_down: Mapping[str, Cause]
) -> list[VerdictChange]:
    """The changes of status and reason. ``handed_down`` are the causes of the organization's own
    changes in this pass. A cell that was never judged begins without a line."""
    causes: dict[Cell, Cause] = {}
    found = []
    for change in changes:
        verdict = change.judged.verdict
        if not change.is_status or (change.before is None and _is_beginning(verdict.reason)):
            continue
        cause = cause_of(change, hint, handed_down, causes)
        causes[change.cell] = cause
        account, item = change.cell
        found.append(
            VerdictChange(
                account_id=account,
                item=item,
                at=now,
                cause=cause,
                from_status=change.before.status if change.before else "",
                from_reason=change.before.reason if change.before else "",
                to_status=verdict.status,
                to_reason=verdict.reason or "",
                sentence=verdict.sentence[:1000],
            )
        )
    return found


def _is_beginning(reason: str | None) -> bool:
    return reason in (Reason.NEVER_COLLECTED, Reason.NOT_ATTESTED)


def cause_of(
    change: Changed,
    hint: Cause | None = None,
    handed_down: Mapping[str, Cause] | None = None,
    causes: Mapping[Cell, Cause] | None = None,
) -> Cause:
    """What made the verdict another one, from what its evidence was before and is now.

    ``hint`` is what started the pass; it decides where the evidence cannot tell.
    """
    verdict, before = change.judged.verdict, change.before
    if before is None or before.reason == Reason.NEVER_COLLECTED:
        return Cause.FIRST
    was, now = before.evidence, change.judged.kept.evidence
    account, item = change.cell
    if ACCOUNT_STATE in (was.get("rule"), now["rule"]):
        return Cause.ACCOUNT_STATE
    if items()[item].flow == Flow.INHERIT and verdict.source == Source.INHERITED:
        return (handed_down or {}).get(item) or hint or Cause.EVIDENCE
    if was.get("exceptions", []) != now["exceptions"]:
        return Cause.EXCEPTION
    if was.get("attestations", []) != now["attestations"]:
        return Cause.ATTESTATION
    if _settings_differ(was.get("settings", {}), now["settings"]):
        return Cause.SETTING
    below = [(account, key) for key, child in items().items() if child.parent == item]
    for cell in below:
        if causes and cell in causes:
            return causes[cell]
    scans_differ = was.get("scans") != now.get("scans")
    if was.get("facts") == now["facts"] and was.get("read") == now["read"]:
        if scans_differ:
            return hint if hint == Cause.SETTING else Cause.IMPORT
        return hint if hint == Cause.ACCOUNT_STATE else Cause.RULE
    if hint == Cause.IMPORT and not scans_differ:
        return Cause.EVIDENCE
    return hint or Cause.EVIDENCE


def _settings_differ(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return any(was[name] != now[name] for name in was.keys() & now.keys())


@dataclass(frozen=True)
class Comparison:
    """``changed`` in the order judged; ``gone`` are rows of items no longer in the catalogue."""

    changed: list[Changed] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    gone_accounts: set[int] = field(default_factory=set)
    unchanged: int = 0


def compare(judged: Iterable[tuple[int, Mapping[str, Judged]]]) -> Comparison:
    """Verdicts of accounts with the stored ones. One query, and one for those that changed."""
    by_account = dict(judged)
    stored: dict[Cell, tuple[int, str]] = {}
    found = Comparison()
    rows = AccountVerdict.objects.filter(account__in=by_account)
    for pk, account, item, digest in rows.values_list("pk", "account_id", "item", "digest"):
        if item in by_account[account]:
            stored[account, item] = (pk, digest)
        else:
            found.gone.append(pk)
            found.gone_accounts.add(account)
    differing = [
        ((account, item), one)
        for account, verdicts in by_account.items()
        for item, one in verdicts.items()
        if stored.get((account, item), (0, ""))[1] != one.kept.digest
    ]
    before = _before([stored[cell][0] for cell, _ in differing if cell in stored])
    found.changed.extend(
        Changed(cell, one, before.get(stored[cell][0]) if cell in stored else None)
        for cell, one in differing
    )
    unchanged = sum(map(len, by_account.values())) - len(differing)
    return Comparison(found.changed, found.gone, found.gone_accounts, unchanged)


def _before(pks: Sequence[int]) -> dict[int, Before]:
    found: dict[int, Before] = {}
    for start in range(0, len(pks), BATCH):
        rows = AccountVerdict.objects.filter(pk__in=pks[start : start + BATCH])
        for pk, *fields in rows.values_list("pk", *Before.FIELDS):
            found[pk] = Before(*fields)
    return found
