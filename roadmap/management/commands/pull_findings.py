"""Read the findings of AWS Security Hub, as workers do after each run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from collectors.models import Connection
from collectors.outcomes import Missing
from inventory.audit.commands import RecordedCommand
from roadmap.security_hub import pull


class Command(RecordedCommand):
    help = "Read findings from the Security Hub of connected organizations."
    told = ("organizations",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "organizations", nargs="*", metavar="ORGANIZATION", help="Ids; none: all connected."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connections = Connection.objects.select_related("organization")
        known = {each.organization.organization_id: each for each in connections}
        asked = options["organizations"] or sorted(known)
        if unknown := sorted(set(asked) - known.keys()):
            raise CommandError(f"{', '.join(unknown)} is not connected.")
        if not asked:
            raise CommandError("No organization is connected; connect one first.")
        failed = [name for name in asked if not self._pull(known[name])]
        if failed:
            raise CommandError(f"{', '.join(failed)} could not be read to the end.")

    def _pull(self, connection: Connection) -> bool:
        def progress(accounts: int, total: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{accounts} of {total} accounts", ending="\r")

        try:
            done = pull(connection, progress=progress)
        except Missing as missing:
            self.stderr.write(f"{connection}: {missing.message}")
            return False
        counts = asdict(done.counts)
        told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        self.stdout.write(f"{connection}: {told}.")
        return True
