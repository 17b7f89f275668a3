"""Connect an AWS organization: ``connect_organization --role-arn ARN``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from collectors.connecting import Found, Wish, check, connect, is_usable
from inventory.audit.commands import RecordedCommand


class Command(RecordedCommand):
    help = "Test the access to an AWS organization step by step, and keep it as a connection."
    told = ("role_arn", "member_role")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role-arn", required=True, help="The role in the management account.")
        parser.add_argument("--external-id", default="")
        parser.add_argument("--member-role", default="CairnReadOnly", help="Its name.")
        parser.add_argument("--name", default="", help="What to call the organization.")
        parser.add_argument(
            "--regions", default="", help="Only these Regions, with commas; default: all enabled."
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, **options: Any) -> None:
        wish = Wish(
            role_arn=options["role_arn"],
            external_id=options["external_id"],
            member_role=options["member_role"],
            name=options["name"],
            regions=[r for part in options["regions"].split(",") if (r := part.strip())],
        )
        if wish.errors:
            wrong = "; ".join(f"--{k.replace('_', '-')}: {v}" for k, v in wish.errors.items())
            raise CommandError(wrong, returncode=2)
        found = Found()
        steps = []
        for step in check(wish, found):
            steps.append(step)
            if options["format"] == "text":
                mark = "ok  " if step.is_good else "FAIL"
                self.stdout.write(f"{mark} {step.title}: {step.message}")
        failed = next((step for step in steps if not step.is_good), None)
        if failed and not is_usable(steps):
            denied = f" Denied: {failed.denied}." if failed.denied else ""
            raise CommandError(f"{failed.title}: {failed.message}{denied} {failed.cure}".strip())
        connection = connect(wish, found)
        if options["format"] == "json":
            answer = {
                "organization": found.organization_id,
                "management_account": found.management_account_id,
                "connection": connection.pk,
                "steps": [vars(step) for step in steps],
            }
            self.stdout.write(json.dumps(answer))
            return
        if failed:
            self.stderr.write(f"No member role could be assumed yet. {failed.cure}")
        self.stdout.write(f"Connected {connection.organization} ({found.organization_id}).")
