"""Print what a role of Cairn may do: ``aws_policy --for member [--as json|cloudformation]``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from collectors import permissions
from collectors.permissions import RoleKind


class Command(BaseCommand):
    help = "Print the IAM policy or CloudFormation template of a role that Cairn needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--for",
            dest="kind",
            required=True,
            choices=[*(k.value for k in RoleKind), "all"],
            help="Which role; all prints the actions of each, as JSON.",
        )
        parser.add_argument("--as", dest="form", default="json", choices=["json", "cloudformation"])

    def handle(self, *, kind: str, form: str, **options: Any) -> None:
        if kind == "all":
            listed = {one.value: permissions.actions(one) for one in RoleKind}
            self.stdout.write(permissions.as_json(listed))
        elif form == "cloudformation":
            self.stdout.write(permissions.cloudformation(RoleKind(kind)), ending="")
        else:
            self.stdout.write(permissions.as_json(permissions.policy(RoleKind(kind))))
