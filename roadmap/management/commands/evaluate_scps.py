"""Try out service control policies: which guardrails each of them enforces alone. No AWS needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.policy_settings import SETTINGS
from roadmap.evaluation.judging import apply_rule
from roadmap.guardrails.documents import LONGEST, Document, Refused, read_policy
from roadmap.guardrails.trial import trial
from roadmap.registry import children
from roadmap.verdicts import Verdict

PARENT = "surface.scps"
STDIN = "-"
UNFINISHED = "unfinished template: read as if filled in"


class Command(BaseCommand):
    help = "Print which guardrails each policy file enforces, beside FullAWSAccess on every level."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="Service control policies as JSON; - is standard input.",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [tried(name) for name in options["files"]]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=1))
        else:
            for line in _lines(rows):
                # The name of a file need not be text.
                self.stdout.write(line.encode(errors="backslashreplace").decode())
        refused = sum(1 for row in rows if row["error"])
        if refused == len(rows):
            raise CommandError("None of the files holds a service control policy.")
        if refused:
            self.stderr.write(f"{refused} of {len(rows)} files could not be read as a policy.")


def tried(name: str) -> dict[str, Any]:
    """One file's row; ``error`` says with its line why it was refused."""
    try:
        document = _read(name)
    except (Refused, OSError) as error:
        return {"file": name, "error": _why(error, name), "unfinished": False, "guardrails": {}}
    verdicts = evaluated(document)
    return {
        "file": name,
        "error": None,
        "unfinished": document.is_unfinished,
        "too_large": document.too_large,
        "placeholders": list(document.placeholders),
        "guardrails": {key: str(verdict.status) for key, verdict in verdicts.items()},
        "sentences": {key: verdict.sentence for key, verdict in verdicts.items()},
    }


def _read(name: str) -> Document:
    """Raises OSError and Refused. No more is read than a policy can have."""
    if name == STDIN:
        return read_policy(sys.stdin.buffer.read(LONGEST + 1), "standard input")
    with Path(name).open("rb") as file:
        return read_policy(file.read(LONGEST + 1), name)


def _why(error: Refused | OSError, name: str) -> str:
    if isinstance(error, IsADirectoryError):
        return f"{name}: It is a folder. Name the files in it, such as {Path(name) / '*.json'}."
    return str(error) if isinstance(error, Refused) else f"{name}: {error.strerror}."


def evaluated(document: Document) -> Mapping[str, Verdict]:
    """Guardrail → its verdict, with the document alone beside FullAWSAccess."""
    subject = trial(document, {name: setting.default for name, setting in SETTINGS.items()})
    return {item.key: apply_rule(item, subject) for item in children(PARENT)}


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield row["file"] + (f" ({UNFINISHED})" if row["unfinished"] else "")
        if row["error"]:
            yield f"  refused: {row['error']}"
        elif row["too_large"]:
            yield f"  {row['too_large']}"
        for key, status in row["guardrails"].items():
            yield f"  {status:8} {key}: {row['sentences'][key]}"
