"""Collect an organization: ``collect [--organization ID] [--account ID]… [--inline]``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser
from kombu.exceptions import OperationalError

from collectors import runs, tasks
from collectors.models import Connection, Run
from collectors.progress import Progress, causes_of, problems_of, progress_of
from collectors.working import SIDE_BY_SIDE, work
from inventory.audit.commands import RecordedCommand
from inventory.kinds import CellError, clean_account_id
from inventory.models import Account

POLL = 1.0  # seconds


class Command(RecordedCommand):
    help = "Collect what AWS says of an organization and its accounts."
    told = ("organization", "account", "collector")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help="Its id; needed where several are connected.")
        parser.add_argument("--account", action="append", default=[], metavar="ID")
        parser.add_argument("--collector", action="append", default=[], metavar="NAME")
        parser.add_argument("--inline", action="store_true", help="Here, without a worker.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, **options: Any) -> None:
        connection = self._connection(options["organization"])
        accounts = _accounts(options["account"])
        try:
            run = runs.start(
                connection.organization,
                trigger="command",
                accounts=accounts,
                names=options["collector"],
            )
        except runs.NotPossible as refused:
            raise CommandError(str(refused)) from refused
        if options["inline"]:
            self._inline(run, connection)
        else:
            self._wait(run)
        run.refresh_from_db()
        progress = progress_of(run)
        if options["format"] == "json":
            self.stdout.write(json.dumps(_document(run, progress)))
        else:
            self._summary(run, progress)
        if run.state != Run.State.FINISHED:
            ended = run.get_state_display().lower()
            raise CommandError(run.message or f"Run {run.pk} was {ended}.")

    def _connection(self, organization_id: str | None) -> Connection:
        connections = Connection.objects.select_related("organization")
        if organization_id:
            found = connections.filter(organization__organization_id=organization_id).first()
            if found is None:
                raise CommandError(f"{organization_id} is not connected.")
            return found
        known = list(connections[:10])
        if not known:
            raise CommandError("No organization is connected; use connect_organization first.")
        if len(known) > 1:
            ids = ", ".join(one.organization.organization_id for one in known)
            raise CommandError(f"Name one of the organizations with --organization: {ids}.")
        return known[0]

    def _inline(self, run: Run, connection: Connection) -> None:
        def dispatch(run: Run, accounts: Sequence[Account]) -> None:
            work(run, connection, accounts, side_by_side=SIDE_BY_SIDE)
            runs.carry_on(run, dispatch)

        try:
            runs.carry_on(run, dispatch)
        except KeyboardInterrupt:
            runs.cancel(run)
            raise CommandError(f"Run {run.pk} was cancelled; it can be resumed.") from None

    def _wait(self, run: Run) -> None:
        """Show progress until the run has ended. Ctrl-C only stops the watching."""
        try:
            while run.state in Run.ACTIVE:
                runs.carry_on(run, tasks.dispatch)
                self._show(run, progress_of(run))
                time.sleep(POLL)
                run.refresh_from_db()
        except OperationalError as error:
            raise CommandError(f"The broker cannot be reached: {error}. Use --inline.") from error
        except KeyboardInterrupt:
            self.stderr.write(f"\nRun {run.pk} goes on; the page Runs shows it.")
            raise SystemExit(0) from None

    def _show(self, run: Run, progress: Progress) -> None:
        left = progress.seconds_left
        more = f", about {left} s left" if left is not None else ""
        self.stderr.write(
            f"\rRun {run.pk}: {progress.done} of {progress.total} units, "
            f"{progress.rate:.1f} a second{more}   ",
            ending="",
        )

    def _summary(self, run: Run, progress: Progress) -> None:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(progress.states.items()))
        self.stdout.write(
            f"Run {run.pk} {run.state}: {_account_count(run)} accounts, {counts}; "
            f"{progress.calls} calls in {progress.seconds:.1f} s."
        )
        for cause in causes_of(run):
            where = ", ".join(cause.accounts[:5]) + (" …" if len(cause.accounts) > 5 else "")
            self.stdout.write(f"  {cause.title} ({len(cause.problems)}): {where}")
            self.stdout.write(f"    {cause.problems[0]['message']}")
            self.stdout.write(f"    {cause.cure}")


def _accounts(given: Iterable[str]) -> list[str]:
    """Account ids that Cairn knows. Raises CommandError."""
    try:
        wanted = sorted({clean_account_id(text) for text in given})
    except CellError as error:
        raise CommandError(f"--account: {error}", returncode=2) from error
    known = set(Account.objects.filter(account_id__in=wanted).values_list("account_id", flat=True))
    if missing := [account for account in wanted if account not in known]:
        raise CommandError(f"Cairn knows no account {', '.join(missing)}.")
    return wanted


def _account_count(run: Run) -> int:
    return run.units.order_by().values("account").distinct().count()


def _document(run: Run, progress: Progress) -> dict[str, Any]:
    return {
        "run": run.pk,
        "state": run.state,
        "accounts": _account_count(run),
        "units": dict(progress.states),
        "calls": progress.calls,
        "seconds": round(progress.seconds, 2),
        "listing_complete": run.listing_complete,
        "message": run.message,
        "problems": problems_of(run),
    }
