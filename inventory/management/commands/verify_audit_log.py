"""Check that nobody has changed, removed, reordered or cut off entries of the audit log."""

from __future__ import annotations

import json
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from inventory.audit import chain, guard

BROKEN, WRONG_USAGE = 1, 2
UNGUARDED = "The database does not refuse changes of the log: its triggers are missing."


class Command(BaseCommand):
    help = "Check the chain of the audit log. Keep the head that it prints in another place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=int,
            default=1,
            metavar="ID",
            help="The first entry to check; the one before it is taken as good.",
        )
        parser.add_argument(
            "--head",
            default="",
            metavar="HASH",
            help="A head printed earlier; the log must still hold that entry.",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        since, head = options["since"], options["head"].lower()
        if since < 1:
            raise CommandError(
                "--since is the number of an entry, from 1 on.", returncode=WRONG_USAGE
            )
        if head and not re.fullmatch("[0-9a-f]{64}", head):
            raise CommandError("--head has 64 hexadecimal digits.", returncode=WRONG_USAGE)
        found, is_guarded = chain.verify(since, head), guard.is_installed(connection)
        if options["format"] == "json":
            document = {
                "intact": found.broken is None and is_guarded,
                "since": since,
                "entries": found.entries,
                "last": found.number,
                "head": found.head,
                "guarded": is_guarded,
                "broken": vars(found.broken) if found.broken else None,
            }
            self.stdout.write(json.dumps(document))
        if found.broken:
            raise CommandError(
                f"Entry {found.broken.number}: {found.broken.reason}", returncode=BROKEN
            )
        if not is_guarded:
            raise CommandError(UNGUARDED, returncode=BROKEN)
        if options["format"] == "text":
            self.stdout.write(
                f"{found.entries:,} entries are as they were written. Head: {found.head or 'none'}"
                f" (entry {found.number})."
            )
