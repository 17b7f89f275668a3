"""One batch of judged accounts written in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from roadmap import announcing
from roadmap.evaluation.judging import Judged
from roadmap.models import AccountStanding, AccountVerdict, VerdictChange
from roadmap.storage import findings, standings
from roadmap.storage.locks import lock_accounts
from roadmap.storage.verdicts import (
    BATCH,
    WRITTEN,
    Cause,
    Cell,
    Changed,
    compare,
    history_of,
    set_fields,
)


@dataclass(frozen=True)
class AccountJudgement:
    """``observed`` is kind → when the account's own facts were last collected."""

    account: int
    resource: str
    verdicts: Mapping[str, Judged]
    observed: Mapping[str, datetime]
    own_observed_at: datetime | None
    refused_since: datetime | None


@dataclass(frozen=True)
class Stored:
    """Counts of cells. ``skipped`` accounts had been judged later than this."""

    changed: int = 0
    unchanged: int = 0
    status_changes: int = 0
    skipped: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.status_changes + other.status_changes,
            self.skipped + other.skipped,
        )


def store(
    batch: Sequence[AccountJudgement],
    now: datetime,
    hint: Cause | None = None,
    handed_down: Mapping[str, Cause] | None = None,
) -> Stored:
    """Write what changed. Queries do not grow with the batch, apart from statements that are cut
    into pieces of ``BATCH`` rows."""
    with transaction.atomic():
        pks = [judgement.account for judgement in batch]
        lock_accounts(pks)  # Passes over the same account take turns.
        before = standings.stored(pks)
        valid = [j for j in batch if j.account not in before or before[j.account].judged_at <= now]
        comparison = compare((j.account, j.verdicts) for j in valid)
        if comparison.gone:
            AccountVerdict.objects.filter(pk__in=comparison.gone).delete()
        history = history_of(comparison.changed, now, hint, handed_down or {})
        _write_verdicts(comparison.changed, before, now)
        VerdictChange.objects.bulk_create(history, batch_size=BATCH)
        announcing.changed(history)
        found = findings.update(_reports(valid, comparison.changed), now)
        if comparison.gone:
            found |= findings.resolve_orphans(comparison.gone_accounts, now)
        touched = {c.cell[0] for c in comparison.changed if c.is_status} | comparison.gone_accounts
        standings.write(valid, before, touched, found, now)
    return Stored(
        len(comparison.changed), comparison.unchanged, len(history), len(batch) - len(valid)
    )


def _write_verdicts(
    changed: Sequence[Changed], before: Mapping[int, AccountStanding], now: datetime
) -> None:
    rows = []
    for change in changed:
        account = change.cell[0]
        row = AccountVerdict(account_id=account)
        judged_before = before[account].judged_at if account in before else None
        set_fields(row, change, now, judged_before)
        rows.append(row)
    AccountVerdict.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "item"],
        update_fields=WRITTEN,
    )


def _reports(
    batch: Sequence[AccountJudgement], changed: Sequence[Changed]
) -> dict[Cell, findings.Report]:
    resources = {judgement.account: judgement.resource for judgement in batch}
    return {
        change.cell: findings.Report(
            [p for p in change.judged.verdict.problems if not p.organization],
            change.judged.verdict,
            resources[change.cell[0]],
            excepted=change.judged.excepted,
        )
        for change in changed
    }
