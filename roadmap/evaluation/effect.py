"""What a changed setting would do to the verdicts, tried out and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count

from inventory.changes import Edit, write
from inventory.models import Origin, User
from roadmap.evaluation.passes import judge
from roadmap.models import VerdictChange
from roadmap.verdicts import Status

# Judging takes about a hundredth of a second an account, and somebody waits.
LOOKED_AT = 500


@dataclass(frozen=True)
class Move:
    """So many verdicts of an item that would go from one status to another."""

    item: str
    before: Status
    after: Status
    verdicts: int


@dataclass(frozen=True)
class Effect:
    """``looked_at`` of the ``accounts`` concerned were tried, the rest not."""

    moves: Sequence[Move]
    changed_accounts: int
    looked_at: int
    accounts: int

    @property
    def verdicts(self) -> int:
        return sum(move.verdicts for move in self.moves)


def effect_of(edit: Edit, accounts: Sequence[int], user: User) -> Effect:
    """The verdicts of these accounts that would change. Nothing of it stays in the database.

    Raises Refused as writing the edit would.
    """
    tried = accounts[:LOOKED_AT]
    begun = datetime.now(UTC)
    with transaction.atomic():
        # What has changed by itself since the last pass is not the setting's doing.
        judge(tried, roll_up=False)
        middle = VerdictChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        write([edit], origin=Origin.EDIT, source="Tried out", user=user)
        judge(tried, cause=VerdictChange.Cause.SETTING, roll_up=False)
        changes = VerdictChange.objects.filter(
            account__in=tried, at__gte=begun, pk__gt=middle
        ).order_by()
        rows = list(changes.values_list("item", "from_status", "to_status").annotate(Count("pk")))
        changed_accounts = changes.values("account").distinct().count()
        transaction.set_rollback(True)
    moves = [
        Move(item, Status(before), Status(after), number)
        for item, before, after, number in rows
        if before and before != after
    ]
    moves.sort(key=lambda move: (-move.verdicts, move.item))
    return Effect(moves, changed_accounts, len(tried), len(accounts))
