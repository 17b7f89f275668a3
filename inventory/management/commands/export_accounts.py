"""Write the whole account sheet as a file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from inventory.audit.commands import RecordedCommand
from inventory.exporting import all_columns, written, written_as_of
from inventory.formats import writers
from inventory.models import Account


class Command(RecordedCommand):
    help = "Export all accounts with all columns."
    told = ("format", "as_of", "output")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="format", choices=sorted(writers()), default="csv")
        parser.add_argument(
            "--as-of",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="The sheet as it was when that day was over, from its history.",
        )
        parser.add_argument("--output", type=Path, help="A file; standard output without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        day: date | None = options["as_of"]
        if day is None:
            pieces = written(Account.objects.all(), all_columns(), options["format"])
        else:
            pieces = written_as_of(day, all_columns(), options["format"])
        output: Path | None = options["output"]
        try:
            if output is None:
                sys.stdout.buffer.writelines(pieces)
                sys.stdout.buffer.flush()
                return
            with output.open("wb") as file:
                file.writelines(pieces)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}", returncode=2) from error
        self.stderr.write(f"The account sheet is written to {output}.")
