"""People put scanners' checks to items, one or many at once, or take them back; every move is kept.

These are no change sets: those are of the inventory's sheets, which know nothing of checks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from inventory import audit
from inventory.audit import Event
from inventory.models import User
from roadmap.models import AccountScan, BulkMove, CheckMove, ScannerCheck, VerdictChange
from roadmap.triggers import judge_soon

BATCH = 500


class Changed(Exception):
    """Not what somebody was shown would move, or not from where it was then."""


@dataclass(frozen=True)
class Plan:
    """What putting checks to an item would change, or with an empty one taking them back to what
    the items declare. ``unchanged`` are how many of them are there already."""

    item: str
    moving: Sequence[ScannerCheck]
    unchanged: int

    @property
    def digest(self) -> str:
        told = sorted(f"{check.pk}:{check.item}" for check in self.moving)
        return hashlib.sha256(" ".join([self.item, *told]).encode()).hexdigest()


def plan(checks: QuerySet[ScannerCheck], item: str) -> Plan:
    """One query."""
    rows = list(checks)
    moving = [check for check in rows if check.item != item]
    return Plan(item, moving, len(rows) - len(moving))


def judged_again(checks: Iterable[ScannerCheck]) -> list[int]:
    """The accounts whose verdicts may hang on these checks: those that their tools have scanned."""
    scans = AccountScan.objects.filter(tool__in={check.tool for check in checks})
    return sorted(set(scans.order_by().values_list("account_id", flat=True)))


def move(check: ScannerCheck, item: str, user: User) -> bool:
    """Put one check to an item or take it back; whether that changes anything."""
    with transaction.atomic():
        planned = plan(ScannerCheck.objects.filter(pk=check.pk).select_for_update(), item)
        _write([(one, item) for one in planned.moving], user)
    return bool(planned.moving)


def move_together(
    checks: QuerySet[ScannerCheck], item: str, user: User, digest: str
) -> tuple[BulkMove, Plan]:
    """Put many checks to an item or take them back, as the plan with this digest has it. Raises
    Changed where that is no longer what would happen."""
    with transaction.atomic():
        planned = plan(checks.select_for_update(), item)
        if planned.digest != digest:
            raise Changed
        bulk = BulkMove.objects.create(by=user)
        _write([(check, item) for check in planned.moving], user, bulk)
    return bulk, planned


def standing(bulk: BulkMove) -> QuerySet[CheckMove]:
    """Its moves of checks that nobody has moved since."""
    later = CheckMove.objects.filter(scanner_check=OuterRef("scanner_check"), pk__gt=OuterRef("pk"))
    return bulk.moves.exclude(Exists(later)).select_related("scanner_check")


def undo(bulk: BulkMove, user: User) -> BulkMove | None:
    """Move its checks back to where they were, but for those that somebody moved since; None
    where that is all of them."""
    with transaction.atomic():
        moved = ScannerCheck.objects.filter(pk__in=bulk.moves.values("scanner_check"))
        list(moved.select_for_update())  # Nobody moves one in between.
        back = [(one.scanner_check, one.old_item) for one in standing(bulk)]
        if not back:
            return None
        undoing = BulkMove.objects.create(by=user, undoes=bulk)
        _write(back, user, undoing)
    return undoing


def _write(
    moves: Sequence[tuple[ScannerCheck, str]], user: User, bulk: BulkMove | None = None
) -> None:
    CheckMove.objects.bulk_create(
        [
            CheckMove(scanner_check=check, old_item=check.item, item=item, by=user, bulk=bulk)
            for check, item in moves
        ],
        batch_size=BATCH,
    )
    for check, item in moves:
        check.item = item
    checks = [check for check, _ in moves]
    ScannerCheck.objects.bulk_update(checks, ["item"], batch_size=BATCH)
    judge_soon(judged_again(checks), cause=VerdictChange.Cause.SETTING)
    if moves:
        _record(moves, bulk)


def _record(moves: Sequence[tuple[ScannerCheck, str]], bulk: BulkMove | None) -> None:
    """Where each check was is kept with its moves."""
    items = sorted({item or "as declared" for _, item in moves})
    rows = audit.name_rows(f"scannercheck:{check.pk}" for check, _ in moves)
    audit.record(Event.CHECK_MOVED, bulk or moves[0][0], to=items, **rows)
