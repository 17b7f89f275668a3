"""Import a scanner's file: read it whole, write its findings, and judge the accounts that it is
about. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from collectors.scanners import scanner_of
from collectors.store import place_of
from inventory.models import Account, Sighting
from inventory.policy import load_policy
from roadmap.models import VerdictChange
from roadmap.scanner_checks import mapped
from roadmap.storage.scans import Counts, plan, write
from roadmap.surveying import AccountKey, Survey, survey
from roadmap.triggers import judge_soon

SCAN = "scan"
Progress = Callable[[str, int], None]  # "reading" or "writing", results so far


@dataclass(frozen=True)
class Imported:
    """``counts`` is what it did, to which ``accounts``; ``tools`` are tool → version. ``refused``
    and ``unknown`` say what was left out: in place of account ids, and accounts that the inventory
    does not have."""

    label: str
    counts: Counts
    tools: dict[str, str] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    unknown: dict[AccountKey, int] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What to say of a file without a result; empty for others."""
        if self.counts.read:
            return ""
        return (
            f"{self.label} without a result: the scanner checked nothing, or everything was "
            "filtered out of the file. It is no evidence of anything, and nothing was taken."
        )


def import_file(
    file: BinaryIO,
    name: str,
    now: datetime,
    *,
    at: datetime | None = None,
    complete_regions: Collection[str] = (),
    all_checks: bool = False,
    dry_run: bool = False,
    counts: Counts | None = None,
    scanner_name: str = "",
    progress: Progress = lambda stage, results: None,
) -> Imported:
    """Import an open file. ``at`` is when it was made, for files that do not say; the importer may
    declare Regions that it covers whole, and that it made all checks of its tool. ``counts`` are
    those of an import that was interrupted. ``progress`` stops the import by raising: before the
    first word of writing nothing is written, and after it no more than was told of. Raises
    Unreadable before anything is written."""
    scanner = scanner_of(file, scanner_name)
    rows = Account.objects.select_related("ou", "observed_organization")
    accounts = {(row.partition, row.account_id): row for row in rows}
    keys = {key: row.pk for key, row in accounts.items()}
    found = survey(scanner.read(file), keys, lambda number: progress("reading", number))
    if dry_run:
        counts = Counts(read=found.results, refused=found.left_out)
    else:
        policy = load_policy()

        def at_least(key: AccountKey) -> int:
            return int(policy.at(place_of(accounts[key]))["IMPORT_MIN_CHECKS"])

        planned = plan(
            found, keys, at or now, at_least, complete_regions, counts, all_checks=all_checks
        )
        file.seek(0)
        progress("writing", 0)
        try:
            counts = write(planned, scanner.read(file), lambda n: progress("writing", n))
            if found.unknown:
                with transaction.atomic():
                    _sight(found, name, now)
                    progress("writing", found.results)
        finally:  # What was written is judged, whoever stopped it.
            touched = {keys[key] for key, _ in found.covered}
            judge_soon(sorted(touched), cause=VerdictChange.Cause.IMPORT)
    belongs = mapped()
    counts.unmapped = sum(1 for check in found.checks if check not in belongs)
    touched_ids = sorted({account_id for (_, account_id), _ in found.covered})
    return Imported(scanner.label, counts, found.tools, touched_ids, found.refused, found.unknown)


def _sight(found: Survey, name: str, now: datetime) -> None:
    """Accounts the inventory does not know wait in the inbox, with the file as their source."""
    Sighting.objects.bulk_create(
        [
            Sighting(
                partition=partition[:16],
                account_id=account_id,
                source=SCAN,
                detail=name[:500],
                first_seen_at=now,
                last_seen_at=now,
            )
            for partition, account_id in found.unknown
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["partition", "account_id", "source", "detail"],
        update_fields=["last_seen_at"],
    )
