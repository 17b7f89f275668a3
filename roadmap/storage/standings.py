"""Each account as a whole, and its counts per stage, kept in step with its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction

from roadmap.models import AccountStanding, StageTally
from roadmap.registry import items
from roadmap.rollups import FIELDS, Counts, count, level, total
from roadmap.stages import STAGES
from roadmap.storage.findings import open_counts
from roadmap.storage.locks import lock_accounts
from roadmap.verdicts import Severity, Status

if TYPE_CHECKING:
    from roadmap.storage.batches import AccountJudgement

BATCH = 500
WRITTEN = (
    "level",
    "score",
    "open_findings",
    "worst_open",
    "observed",
    "observed_at",
    "refused_since",
)
SEVERITIES = [str(severity) for severity in Severity]  # worst first


def stored(accounts: Sequence[int]) -> dict[int, AccountStanding]:
    return {row.account_id: row for row in AccountStanding.objects.filter(account__in=accounts)}


def write(
    batch: Sequence[AccountJudgement],
    before: Mapping[int, AccountStanding],
    touched: set[int],
    with_findings: set[int],
    now: datetime,
) -> None:
    """``touched`` accounts have another status somewhere; of ``with_findings`` some were written.
    The others' counts stand as they are."""
    counts = {
        judgement.account: by_stage(judgement)
        for judgement in batch
        if judgement.account in touched or judgement.account not in before
    }
    _write_tallies(counts)
    opened = open_counts(with_findings) if with_findings else {}
    changed: list[AccountStanding] = []
    same: list[int] = []
    for judgement in batch:
        account = judgement.account
        old = before.get(account)
        is_touched = account in counts or account in with_findings
        if old and not is_touched and _same_times(judgement, old):
            same.append(account)
            continue
        row = _standing(judgement, old, counts.get(account), now)
        if account in with_findings:
            set_open(row, opened.get(account, {}))
        changed.append(row)
    AccountStanding.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=[*WRITTEN, "judged_at"],
    )
    AccountStanding.objects.filter(account__in=same).update(judged_at=now)


def _same_times(judgement: AccountJudgement, old: AccountStanding) -> bool:
    return (
        judgement.own_observed_at == old.observed_at
        and judgement.refused_since == old.refused_since
        and _times(judgement) == old.observed
    )


def _times(judgement: AccountJudgement) -> dict[str, str]:
    return {kind: _text(at) for kind, at in sorted(judgement.observed.items())}


def by_stage(judgement: AccountJudgement) -> dict[int, Counts]:
    """Stage → counts of the items that count, zero for a stage without any."""
    statuses: dict[int, list[Status]] = {stage.number: [] for stage in STAGES}
    for key, item in items().items():
        if item.counts and key in judgement.verdicts:
            statuses[item.stage.number].append(judgement.verdicts[key].verdict.status)
    return {stage: count(found) for stage, found in statuses.items()}


def _standing(
    judgement: AccountJudgement,
    old: AccountStanding | None,
    counts: Mapping[int, Counts] | None,
    now: datetime,
) -> AccountStanding:
    row = AccountStanding(
        account_id=judgement.account,
        observed=_times(judgement),
        observed_at=judgement.own_observed_at,
        refused_since=judgement.refused_since,
        judged_at=now,
    )
    if counts is not None:
        row.level, row.score = level(counts), total(counts.values()).score
    elif old is not None:
        row.level, row.score = old.level, old.score
    if old is not None:
        row.open_findings, row.worst_open = old.open_findings, old.worst_open
    return row


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def set_open(row: AccountStanding, by_severity: Mapping[str, int]) -> None:
    row.open_findings = sum(by_severity.values())
    row.worst_open = next((name for name in SEVERITIES if by_severity.get(name)), "")


def recount(accounts: Iterable[int]) -> None:
    """Count again what is open in these accounts. Two queries for every ``BATCH`` of them."""
    pks = iter(accounts)
    while batch := list(islice(pks, BATCH)):
        with transaction.atomic():
            lock_accounts(batch)
            rows = list(AccountStanding.objects.filter(account__in=batch))
            counts = open_counts(batch)
            for row in rows:
                set_open(row, counts.get(row.account_id, {}))
            AccountStanding.objects.bulk_update(rows, ["open_findings", "worst_open"])


def _write_tallies(counts: Mapping[int, Mapping[int, Counts]]) -> None:
    columns = tuple(FIELDS.values())
    rows = StageTally.objects.filter(account__in=counts)
    stored_counts = {
        (account, stage): Counts(*counted)
        for account, stage, *counted in rows.values_list("account_id", "stage", *columns)
    }
    StageTally.objects.bulk_create(
        [
            StageTally(account_id=account, stage=stage, **{c: getattr(found, c) for c in columns})
            for account, stages in counts.items()
            for stage, found in stages.items()
            if stored_counts.get((account, stage)) != found
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "stage"],
        update_fields=columns,
    )
