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
from roadmap.verdicts import Status, Verdict

PARENT = "surface.scps"
STDIN = "-"
MARKS = {
    Status.PASS: "Y",
    Status.PARTIAL: "p",
    Status.FAIL: "-",
    Status.UNKNOWN: "?",
    Status.NOT_APPLICABLE: "",
}
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
        parser.add_argument(
            "--explain", action="store_true", help="Also say of each guardrail what was found."
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [tried(name) for name in options["files"]]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=1))
        else:
            for line in _table(rows, options["explain"]):
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


def _table(rows: list[dict[str, Any]], explain: bool) -> Iterator[str]:
    """One line a file, one column a guardrail, and below each file what is to be said of it."""
    columns = children(PARENT)
    for number, item in enumerate(columns, 1):
        yield f"{number:>2} {item.title}"
    yield ""
    yield "  ".join(f"{number:>2}" for number in range(1, len(columns) + 1)) + "  file"
    for row in rows:
        marks = [MARKS[Status(status)] for status in row["guardrails"].values()]
        yield "  ".join(f"{mark:>2}" for mark in marks or [" "] * len(columns)) + f"  {row['file']}"
        for note in _notes(row, explain):
            yield f"    {note}"
    yield ""
    yield "Y enforced, p partly, - not, ? cannot be told"


def _notes(row: dict[str, Any], explain: bool) -> Iterator[str]:
    if row["error"]:
        yield f"refused: {row['error']}"
        return
    if row["unfinished"]:
        yield UNFINISHED
    if row["too_large"]:
        yield row["too_large"]
    if explain:
        for number, sentence in enumerate(row["sentences"].values(), 1):
            yield f"{number:>2} {sentence}"
