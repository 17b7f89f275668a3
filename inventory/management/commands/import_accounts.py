"""Import a spreadsheet, pasted text or AWS Organizations JSON into the account sheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from inventory.audit.commands import RecordedCommand
from inventory.changes import Conflicts, apply
from inventory.formats import Unreadable
from inventory.formats.limits import MAX_BYTES
from inventory.importing import MappingError, Prepared, mapping_from_options, prepare, recognise

REFUSED, WRONG_USAGE = 1, 2
SHOWN = 50


class Command(RecordedCommand):
    help = "Import accounts from a CSV, TSV, XLSX, XLS or list-accounts JSON file."
    told = ("file", "source", "dry_run", "partial")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="", help="What the history says it came from.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would change, write nothing."
        )
        parser.add_argument(
            "--partial", action="store_true", help="Apply the good rows and park those with errors."
        )
        parser.add_argument(
            "--blank", choices=("keep", "clear"), default="keep", help="What a blank cell means."
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=COLUMN",
            dest="mapping",
            help="Where a column goes: a column of the sheet, custom, or ignore. Repeatable.",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        answer = self._run(options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            self._print(answer)
        if not answer["applied"] and not (options["dry_run"] and not answer["errors"]):
            raise CommandError("Nothing was imported.", returncode=REFUSED)

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        file: Path = options["file"]
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=WRONG_USAGE) from error
        try:
            table = recognise(content)
        except Unreadable as error:
            return _refused(file.name, str(error))
        try:
            mapping = mapping_from_options(table, options["mapping"])
        except MappingError as error:
            if options["mapping"]:
                raise CommandError(str(error), returncode=WRONG_USAGE) from error
            return _refused(file.name, str(error))
        prepared = prepare(table, mapping, clear_blank=options["blank"] == "clear")
        return _answer(prepared, options["source"] or file.name, options)

    def _print(self, answer: dict[str, Any]) -> None:
        for error in answer["errors"][:SHOWN]:
            place = ", ".join(
                [f"row {error['row']}"] * bool(error["row"]) + [error["column"] or ""]
            ).strip(", ")
            self.stderr.write(f"{place or error['value']}: “{error['value']}” {error['message']}")
        if len(answer["errors"]) > SHOWN:
            self.stderr.write(f"… and {len(answer['errors']) - SHOWN} more; --format json has all.")
        for repair in answer["repaired"]:
            self.stdout.write("row {row}, {column}: repaired {from} to {to}".format(**repair))
        for column in answer["new_columns"]:
            self.stdout.write(f"New custom column: {column}")
        for left in answer["left_out"]:
            self.stdout.write(f"Column {left['column']}: {left['why']}.")
        self.stdout.write(
            "{new} new, {changed} changed, {unchanged} unchanged, {parked} parked.".format(**answer)
        )


def _refused(name: str, message: str) -> dict[str, Any]:
    error = {"row": None, "column": None, "value": name, "message": message}
    return {
        "applied": False, "new": 0, "changed": 0, "unchanged": 0, "parked": 0, "errors": [error],
        "repaired": [], "change_set": None, "new_columns": [], "left_out": [], "notes": [],
    }  # fmt: skip


def _answer(prepared: Prepared, source: str, options: dict[str, Any]) -> dict[str, Any]:
    counts = prepared.counts
    errors = [dict(error) for error in prepared.errors]
    may_apply = options["partial"] or not errors
    applied, change_set = False, None
    if may_apply and not options["dry_run"]:
        applied = True
        if not prepared.plan.is_empty or errors:
            try:
                change_set = apply(prepared.record(source=source)).pk
            except Conflicts as conflicts:
                return _refused(source, f"{conflicts} Import the file again.")
    return {
        "applied": applied,
        "new": counts["new"],
        "changed": counts["changed"],
        "unchanged": counts["unchanged"],
        "parked": counts["error"] if options["partial"] else 0,
        "errors": errors,
        "repaired": prepared.repaired,
        "change_set": change_set,
        "new_columns": prepared.new_columns,
        "left_out": prepared.read.left_out,
        "notes": prepared.read.notes,
        "file": prepared.table.description,
    }
