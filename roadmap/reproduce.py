"""The AWS CLI commands that ask again what a verdict rests on.

https://docs.aws.amazon.com/cli/latest/reference/
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# boto3 clients whose command has another name.
COMMANDS = {"s3": "s3api", "config": "configservice"}
AS_WHOM = {
    "M": "the management role",
    "D": "the member role of a security account",
    "A": "the member role",
}


@dataclass(frozen=True)
class Command:
    """``credentials`` says whose; ``more`` is how many calls like it, with other parameters, were
    made besides."""

    text: str
    credentials: str
    more: int = 0


def commands_of(calls: Iterable[Mapping[str, Any]]) -> list[Command]:
    """One for each kind of call, in the order they were made."""
    found: dict[tuple[str, str], Command] = {}
    for call in calls:
        whom = f"{AS_WHOM.get(call['caller'], 'a role')} in {call['account']}"
        command = Command(_command(call), whom, max(call.get("requests", 1) - 1, 0))
        found.setdefault((command.text, whom), command)
    return list(found.values())


def _command(call: Mapping[str, Any]) -> str:
    client = COMMANDS.get(call["client"], call["client"])
    words = ["aws", client, call["operation"].replace("_", "-")]
    for name, value in (call.get("parameters") or {}).items():
        words += _option(name, value)
    if call["region"]:
        words += ["--region", call["region"]]
    return shlex.join(words)


def _kebab(name: str) -> str:
    """``ResourceARNs`` as resource-arns, as the CLI spells it."""
    words = re.sub(r"([A-Z]+)([A-Z][a-z]{2,})", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", words).lower()


def _option(name: str, value: Any) -> list[str]:
    option = _kebab(name)
    if value is True:
        return [f"--{option}"]
    if value is False:
        return [f"--no-{option}"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [f"--{option}", *value]
    shown = value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
    return [f"--{option}", str(shown)]
