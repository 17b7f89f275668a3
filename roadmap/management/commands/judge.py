"""Work out all verdicts again from what was collected, without calling AWS."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import CommandParser

from inventory.audit.commands import RecordedCommand
from roadmap.evaluation import judge
from roadmap.management.accounts import add_account_option, chosen_accounts


class Command(RecordedCommand):
    help = "Judge accounts by what was collected; write only what changed."
    told = ("account",)

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_option(parser)
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = chosen_accounts(options["account"])
        pks = None if chosen is None else list(chosen.values_list("pk", flat=True))
        begun = time.monotonic()
        done = judge(pks)
        result = {
            "accounts": done.accounts,
            "changed": done.stored.changed,
            "unchanged": done.stored.unchanged,
            "status_changes": done.stored.status_changes,
            "skipped": done.stored.skipped,
            "seconds": round(time.monotonic() - begun, 3),
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(result))
            return
        self.stdout.write(
            f"{done.accounts} accounts judged in {result['seconds']} s: "
            f"{done.stored.changed} of {done.stored.changed + done.stored.unchanged} verdicts "
            f"changed, {done.stored.status_changes} to another status or reason."
        )
