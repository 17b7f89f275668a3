"""What is made from the code: docs/items.md, docs/permissions.json, a table in findings.md."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from roadmap.decision_states import with_decision_table
from roadmap.item_list import item_list


class Command(BaseCommand):
    help = (
        "Write docs/items.md, docs/permissions.json and the table of docs/findings.md from the "
        "declarations in the code."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        docs = Path(settings.BASE_DIR) / "docs"
        (docs / "items.md").write_text(item_list())
        findings = docs / "findings.md"
        findings.write_text(with_decision_table(findings.read_text()))
        permissions = StringIO()
        call_command("aws_policy", "--for", "all", stdout=permissions)
        (docs / "permissions.json").write_text(permissions.getvalue())
