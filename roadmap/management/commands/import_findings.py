"""Import what scanners found: Prowler, Security Hub, ScoutSuite, CloudMapper."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser

from collectors.scanners import Unreadable, names
from collectors.scanners.results import moment
from inventory.audit.commands import RecordedCommand
from roadmap.scan_import import Imported, Progress, import_file
from roadmap.storage.scans import Counts

REFUSED, WRONG_USAGE = 1, 2
ON_TERMINAL, ELSEWHERE = 0.2, 10.0  # seconds between two words of progress
WRITE_OVER = "\r\x1b[K"


class Command(RecordedCommand):
    help = "Import scanner results. A run that was imported before changes nothing."
    told = ("files", "all_checks", "dry_run")

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
        parser.add_argument(
            "--all-checks",
            action="store_true",
            help="The run made all checks of its tool: in Regions it covered whole, what it does "
            "not name is resolved. Not for a run of some services, checks or frameworks.",
        )
        parser.add_argument(
            "--scanner",
            default="",
            choices=names(),
            metavar="NAME",
            help="Refuse any other format: " + ", ".join(names()) + ".",
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
            document = answers[0] if len(answers) == 1 else answers
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
        if any(answer["error"] for answer in answers):
            raise CommandError("Not every file was imported.", returncode=REFUSED)

    def _import(self, path: Path, at: datetime | None, options: dict[str, Any]) -> dict[str, Any]:
        try:
            with path.open("rb") as file, self._progress(path, file, options) as progress:
                done = import_file(
                    file,
                    path.name,
                    datetime.now(UTC),
                    at=at,
                    complete_regions=options["complete_region"],
                    all_checks=options["all_checks"],
                    dry_run=options["dry_run"],
                    scanner_name=options["scanner"],
                    progress=progress,
                )
        except (Unreadable, OSError) as error:
            why = (isinstance(error, OSError) and error.strerror) or str(error)
            self.stderr.write(f"{path}: {why}")
            done = Imported("", Counts())
            return _document(path, done, error=why, refused=[_refused(str(path), why)])
        if options["format"] == "text":
            self._tell(path, done)
        return _document(
            path,
            done,
            applied=not (options["dry_run"] or done.note),
            refused=[
                _refused(f"account id {told}", f"{number:,} results name no AWS account.")
                for told, number in sorted(done.refused.items())
            ],
        )

    @contextmanager
    def _progress(self, path: Path, file: BinaryIO, options: dict[str, Any]) -> Iterator[Progress]:
        """On standard error: one line that is written over, or where that is no terminal, a line
        now and then."""
        size, is_terminal = max(path.stat().st_size, 1), self.stderr.isatty()
        pause = ON_TERMINAL if is_terminal else ELSEWHERE
        told = time.monotonic()

        def progress(stage: str, results: int) -> None:
            nonlocal told
            if not options["verbosity"] or time.monotonic() - told < pause:
                return
            told = time.monotonic()
            line = f"{path}: {stage}, {results:,} results, {100 * file.tell() // size} %"
            if is_terminal:
                self.stderr.write(f"{WRITE_OVER}{line}", str, "")  # No error, so not in red.
            else:
                self.stderr.write(line)

        try:
            yield progress
        finally:
            if is_terminal:
                self.stderr.write(WRITE_OVER, str, "")

    def _tell(self, path: Path, done: Imported) -> None:
        counts = done.counts
        if done.note:
            self.stdout.write(f"{path}: {done.note}")
            return
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


def _document(
    path: Path,
    done: Imported,
    *,
    applied: bool = False,
    error: str | None = None,
    refused: list[dict[str, str]],
) -> dict[str, Any]:
    """What ``--format json`` says of a file. Where it has results of several tools, all are named,
    with their versions in the same order."""
    return {
        "file": str(path),
        "applied": applied,
        "error": error,
        "note": done.note if done.label else "",
        "format": done.label,
        "tool": ", ".join(done.tools),
        "version": ", ".join(filter(None, done.tools.values())),
        **asdict(done.counts),
        "unchanged": done.counts.unchanged,
        "left_out": done.counts.refused,
        "refused": refused,
        "accounts": done.accounts,
        "unknown_accounts": sorted(account_id for _, account_id in done.unknown),
    }


def _refused(where: str, message: str) -> dict[str, str]:
    return {"where": where, "message": message}
