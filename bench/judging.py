"""Judging again when 1 % of the verdicts changed, and what that writes. Goal 6.

What a pass stores is measured, not the rules: every account keeps the verdicts it has, except for
one in a hundred. The floor reads the same digests, compares them in Python and upserts only what
differs; the peer upserts every verdict, as a program without digests would.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median

from django.db import connection, transaction

from bench import company
from bench.measuring import once
from bench.report import Measure
from inventory.models import Account, Organization
from roadmap.evaluation.judging import Judged, judge_account
from roadmap.evaluation.subjects import RELATED, room_of
from roadmap.models import AccountStanding, AccountVerdict
from roadmap.storage import AccountJudgement, store
from roadmap.storage.verdicts import WRITTEN
from roadmap.verdicts import Status

ACCOUNTS = 2_000
BATCH = 200  # accounts, as in a pass
CHANGED = 0.01
ROUNDS = 5
DECIDED = (Status.PASS, Status.PARTIAL, Status.FAIL)
MIB = 2**20

Verdicts = Mapping[str, Judged]


def measure() -> Iterator[Measure]:
    company.ensure()
    again = Again()
    _store(again.judgements(CHANGED))  # Copies are judged once, so that all are alike.
    turns = [
        {name: _written(way, again) for name, way in (("ours", _store), ("floor", _compare))}
        for _ in range(ROUNDS)
    ]
    everything = again.judgements(CHANGED)
    peer = once(lambda: _upsert(everything))
    ours, floor = (_median([turn[name] for turn in turns]) for name in ("ours", "floor"))
    cells = sum(len(judgement.verdicts) for judgement in everything)
    yield Measure(
        "6", f"storing {cells:,} verdicts, {CHANGED:.0%} changed", ours.seconds, "s",
        floor.seconds, peer.wall, 2.2, 9,
        notes="with history, findings and roll-ups; the peer upserts every verdict, once",
        cause="The floor keeps no history, findings, counts or standings, and takes no locks",
    )  # fmt: skip
    if ours.log_bytes and floor.log_bytes:
        yield Measure(
            "6", "the same, written to PostgreSQL's log", ours.log_bytes / MIB, "MiB",
            floor.log_bytes / MIB, at_most=2.9,
        )  # fmt: skip


@dataclass(frozen=True)
class Written:
    """``log_bytes`` are those of PostgreSQL's write-ahead log, 0 on SQLite."""

    seconds: float
    log_bytes: int


def _written(way: Callable[[Sequence[AccountJudgement]], None], again: Again) -> Written:
    judgements = again.judgements(CHANGED)
    before = _log_position()
    spent = once(lambda: way(judgements))
    return Written(spent.wall, _log_position() - before)


def _log_position() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def _median(turns: Sequence[Written]) -> Written:
    return Written(
        median(turn.seconds for turn in turns), round(median(turn.log_bytes for turn in turns))
    )


class Again:
    """Judgements of the company's accounts, built anew for every time they are stored."""

    def __init__(self) -> None:
        self.random = random.Random(6)  # noqa: S311  (no secret)
        originals = _judged_originals()
        standings = AccountStanding.objects.order_by("account_id").select_related("account")
        self._accounts = [
            (row.account_id, originals[row.account_id % company.STRIDE], row)
            for row in standings[:ACCOUNTS]
        ]

    def judgements(self, changed: float) -> list[AccountJudgement]:
        return [
            AccountJudgement(
                account=pk,
                resource=f"arn:aws:iam::{row.account.account_id}:root",
                verdicts={key: self._perhaps(one, changed) for key, one in verdicts.items()},
                observed={kind: datetime.fromisoformat(at) for kind, at in row.observed.items()},
                own_observed_at=row.observed_at,
                refused_since=row.refused_since,
            )
            for pk, verdicts, row in self._accounts
        ]

    def _perhaps(self, judged: Judged, changed: float) -> Judged:
        """The verdict, or with this probability another one."""
        if self.random.random() >= changed:
            return judged
        status = self.random.choice([s for s in DECIDED if s != judged.verdict.status])
        digest = f"{self.random.getrandbits(128):032x}"
        return Judged(
            replace(judged.verdict, status=status, reason=None),
            replace(judged.kept, digest=digest),
        )


def _judged_originals() -> dict[int, Verdicts]:
    """Account → its verdicts as the rules give them now, of the accounts that were collected."""
    now = datetime.now(UTC)
    found: dict[int, Verdicts] = {}
    for organization in [*Organization.objects.all(), None]:
        members = Account.objects.filter(pk__lt=company.STRIDE, observed_organization=organization)
        room = room_of(organization, now)
        for seat in room.seats(list(members.select_related(*RELATED)), now):
            found[seat.pk] = judge_account(seat, {})
    return found


def _store(judgements: Sequence[AccountJudgement]) -> None:
    for start in range(0, len(judgements), BATCH):
        store(judgements[start : start + BATCH], datetime.now(UTC))


def _compare(judgements: Sequence[AccountJudgement]) -> None:
    accounts = [judgement.account for judgement in judgements]
    rows = AccountVerdict.objects.filter(account__gte=min(accounts), account__lte=max(accounts))
    stored = {(a, i): d for a, i, d in rows.values_list("account_id", "item", "digest")}
    _upsert(judgements, stored)


def _upsert(
    judgements: Sequence[AccountJudgement], stored: Mapping[tuple[int, str], str] | None = None
) -> None:
    """Write the verdicts whose digest is not ``stored``, or all of them."""
    now = datetime.now(UTC)
    rows = [
        _row(judgement.account, item, one, now)
        for judgement in judgements
        for item, one in judgement.verdicts.items()
        if stored is None or stored.get((judgement.account, item)) != one.kept.digest
    ]
    with transaction.atomic():
        AccountVerdict.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["account", "item"],
            update_fields=WRITTEN,
        )


def _row(account: int, item: str, judged: Judged, now: datetime) -> AccountVerdict:
    verdict = judged.verdict
    return AccountVerdict(
        account_id=account,
        item=item,
        status=verdict.status,
        reason=verdict.reason or "",
        source=verdict.source,
        sentence=verdict.sentence[:1000],
        incomplete=verdict.incomplete,
        evidence=judged.kept.evidence,
        digest=judged.kept.digest,
        since=now,
    )
