"""A person puts a scanner's check to an item, or takes it back; every move is kept.

These are no change sets: those are of the inventory's sheets, which know nothing of checks.
"""

from __future__ import annotations

from django.db import transaction

from inventory.models import User
from roadmap.models import AccountScan, CheckMove, ScannerCheck, VerdictChange
from roadmap.triggers import judge_soon


def move(check: ScannerCheck, item: str, user: User) -> bool:
    """Put a check to an item, or with an empty one back to what the items declare; whether that
    changes anything. Accounts that the tool has scanned are judged again."""
    with transaction.atomic():
        held = ScannerCheck.objects.select_for_update().get(pk=check.pk)
        if held.item == item:
            return False
        CheckMove.objects.create(scanner_check=held, old_item=held.item, item=item, by=user)
        held.item = item
        held.save(update_fields=["item"])
        scans = AccountScan.objects.filter(tool=held.tool)
        accounts = list(scans.values_list("account_id", flat=True))
        judge_soon(accounts, cause=VerdictChange.Cause.SETTING)
    return True
