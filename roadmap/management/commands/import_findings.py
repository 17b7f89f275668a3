"""Import what scanners found: Prowler, Security Hub, ScoutSuite, CloudMapper."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collectors.scanners import Unreadable
from collectors.scanners.results import moment
from roadmap.scan_import import Imported, import_file

REFUSED, WRONG_USAGE = 1, 2


class Command(BaseCommand):
    help = "Import scanner results. A run that was imported before changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--at", help="When the files were made, as 2026-11-24T08:00, where they do not say."
        )
        parser.add_argument(
            "--complete-region",
            action="append",
            default=[],
            metavar="REGION",
            help="A Region the scan covered whole, though it made few checks. Repeatable.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Read it all, write nothing.")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        at = moment(options["at"]) if options["at"] else None
        if options["at"] and at is None:
            raise CommandError(
                f"{options['at']} is no time; write one such as 2026-11-24T08:00.",
                returncode=WRONG_USAGE,
            )
        answers = [self._import(file, at, options) for file in options["files"]]
        if options["format"] == "json":
            self.stdout.write(json.dumps(answers, ensure_ascii=False, indent=2))
        if any(answer["error"] for answer in answers):
            raise CommandError("Not every file was imported.", returncode=REFUSED)

    def _import(self, path: Path, at: datetime | None, options: dict[str, Any]) -> dict[str, Any]:
        try:
            with path.open("rb") as file:
                done = import_file(
                    file,
                    path.name,
                    datetime.now(UTC),
                    at=at,
                    complete_regions=options["complete_region"],
                    dry_run=options["dry_run"],
                    progress=lambda stage, n: self._progress(path, stage, n, options),
                )
        except (Unreadable, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.stderr.write(f"{path}: {why}")
            return {"file": str(path), "error": why}
        if options["format"] == "text":
            self._tell(path, done)
        return {
            "file": str(path),
            "error": None,
            "format": done.label,
            **asdict(done.counts),
            "refused_ids": done.refused,
            "unknown_accounts": sorted(account_id for _, account_id in done.unknown),
        }

    def _progress(self, path: Path, stage: str, number: int, options: dict[str, Any]) -> None:
        if number % 50_000 == 0 and options["verbosity"]:
            self.stderr.write(f"{path}: {stage}, {number:,} results")

    def _tell(self, path: Path, done: Imported) -> None:
        counts = done.counts
        self.stdout.write(
            f"{path}: {done.label}, {counts.read:,} results: {counts.new:,} new, "
            f"{counts.changed:,} changed, {counts.resolved:,} resolved, "
            f"{counts.reopened:,} reopened; {counts.unmapped:,} checks of no item, "
            f"{counts.refused:,} results left out."
        )
        for told, number in sorted(done.refused.items()):
            self.stdout.write(f"  {number:,} name {told}, which is no AWS account id.")
        for (_, account_id), number in sorted(done.unknown.items()):
            self.stdout.write(
                f"  {number:,} are of {account_id}, which the inventory does not have. It waits "
                "as a sighting; import the file again once the account is adopted."
            )
