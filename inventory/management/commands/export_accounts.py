"""Write the whole account sheet as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.exporting import all_columns, written
from inventory.formats import writers
from inventory.models import Account


class Command(BaseCommand):
    help = "Export all accounts with all columns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="format", choices=sorted(writers()), default="csv")
        parser.add_argument("--output", type=Path, help="A file; standard output without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        pieces = written(Account.objects.all(), all_columns(), options["format"])
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
        self.stderr.write(f"{Account.objects.count()} accounts written to {output}.")
