"""Fill an empty Cairn with the simulated company; safe to run again."""

from __future__ import annotations

import json
import os
import urllib.request
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import transaction

from collectors.models import Connection
from demo.answers import answer
from demo.contacts import name_contacts
from demo.decisions import decide_on_findings
from demo.exceptions import ask_for_exceptions
from demo.history import invent_history
from demo.mail import add_webhook, write_digests
from demo.ownership import leave_work
from demo.people import create_users, sign_ins_in_words, user_of
from demo.scans import upload_scan
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, SETTINGS, TEAMS
from inventory.models import Account, Organization, Origin, Role
from roadmap.models import DailyProgress
from roadmap.triggers import judged_together

# The simulated AWS has no limits that a company shares with its other tools.
RATES = {"RATE_ORGANIZATIONS_TPS": 200, "RATE_IAM_TPS": 200, "RATE_DEFAULT_TPS": 200}
SPREADSHEET = Path(settings.BASE_DIR) / "simulated_aws" / "data" / "accounts.csv"


class Command(BaseCommand):
    help = (
        "Load the simulated company: spreadsheet, organization, verdicts, half a year of history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-history", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        create_users()
        if not DailyProgress.objects.exists():
            self._load(_world())
            if not options["without_history"]:
                self._say("Inventing the half year before today.")
                invent_history(datetime.now(UTC))
            write_digests(datetime.now(UTC))
            add_webhook(datetime.now(UTC))
        self.stdout.write(sign_ins_in_words())

    def _say(self, text: str) -> None:
        self.stderr.write(text)

    def _load(self, world: dict[str, Any]) -> None:
        self._say("Connecting the organization.")
        os.environ["AWS_ACCESS_KEY_ID"] = world["collector"]["AccessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = world["collector"]["SecretAccessKey"]
        if not Organization.objects.filter(connection__isnull=False).exists():
            call_command(
                "connect_organization",
                role_arn=world["management_role_arn"],
                external_id=world["external_id"],
                member_role=world["member_role_name"],
                name="Larkfield",
                stdout=self.stderr,
            )
        organization = Organization.objects.get(connection__isnull=False)
        Connection.objects.update(contacts_role_arn=world["contacts_role_arn"])
        _set(organization, {**world["settings"], **RATES})
        self._say("Collecting and judging 30 accounts.")
        call_command("collect", inline=True, stdout=self.stderr)
        # Now that AWS named its accounts, ids that lost their zeros can be told.
        self._say("Importing the spreadsheet.")
        with judged_together():
            call_command("import_accounts", SPREADSHEET, stdout=self.stderr)
            _classify(world["accounts"])
            name_contacts(user_of(Role.ADMIN))
            _answer(organization)
        self._say("Importing a scan.")
        upload_scan(datetime.now(UTC))
        self._say("Deciding on findings.")
        decide_on_findings(datetime.now(UTC))


def _world() -> dict[str, Any]:
    """What the simulated AWS says of itself."""
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not url.startswith(("http://127.0.0.1:", "http://localhost:")):
        raise CommandError(
            "AWS_ENDPOINT_URL names no simulated AWS on this machine; run make demo."
        )
    with urllib.request.urlopen(f"{url}/_sim/world", timeout=30) as answer:  # noqa: S310  (checked)
        found: dict[str, Any] = json.load(answer)
        return found


def _set(organization: Organization, values: dict[str, Any]) -> None:
    level = f"organization:{{}}:{organization.organization_id}"
    write(
        [Edit(SETTINGS, level.format(name), {"value": value}) for name, value in values.items()],
        origin=Origin.EDIT,
        source="Settings of the demo",
        user=user_of(Role.SECURITY),
    )


def _classify(accounts: list[dict[str, Any]]) -> None:
    """Say which accounts are production's and which security's."""
    classes = {one["id"]: one["classes"] for one in accounts if one["classes"]}
    rows = Account.objects.filter(account_id__in=classes)
    write(
        [Edit(ACCOUNTS, row.key, {"classes": classes[row.account_id]}) for row in rows],
        origin=Origin.EDIT,
        source="What the accounts are",
        user=user_of(Role.SECURITY),
    )


def _answer(organization: Organization) -> None:
    """What people of the company have said and asked for so far: some of it, as people do."""
    security, now = user_of(Role.SECURITY), datetime.now(UTC)
    with transaction.atomic():
        teams = [
            Edit(TEAMS, "Payments", {"lead": "lena.okafor@example.com"}),
            Edit(TEAMS, "Security", {"lead": "tomas.herrera@example.com"}),
        ]
        write(teams, origin=Origin.EDIT, source="Teams", user=user_of(Role.ADMIN))
        confirmed = Account.objects.filter(contact_set__role="owner").order_by("account_id")
        edits = [
            Edit(ACCOUNTS, account.key, {"confirmed_at": now - timedelta(days=11 * number)})
            for number, account in enumerate(confirmed)
            if number % 4
        ]
        write(edits, origin=Origin.EDIT, source="Owners confirmed their accounts", user=security)
    answer(security, organization, now)
    ask_for_exceptions(now)
    leave_work(now)
