"""Values of settings as people type and read them: one entry a line."""

from __future__ import annotations

import re
from typing import Any

from inventory.kinds import CellError, clean_account_id
from inventory.policy_settings import SETTINGS, Entry, Setting

_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}")


def to_text(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {', '.join(value[key])}".strip() for key in sorted(value))
    if isinstance(value, list):
        return "\n".join(str(entry) for entry in value)
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


def from_text(name: str, text: str) -> Any:
    """The value that ``text`` spells; raises CellError with the line and the cure."""
    setting = SETTINGS[name]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if setting.kind is dict:
        return dict(_pair(setting, line) for line in lines)
    if setting.kind is list:
        return [_entry(setting, line) for line in lines]
    if len(lines) != 1:
        raise CellError(f"{name} takes one value.")
    return _single(setting, lines[0])


def _single(setting: Setting, text: str) -> Any:
    if setting.kind is bool:
        if text.lower() not in ("yes", "no", "true", "false"):
            raise CellError(f"{setting.name} is yes or no.")
        return text.lower() in ("yes", "true")
    if setting.kind in (int, float):
        if not text.isascii() or not text.isdigit() or int(text) > setting.highest:
            raise CellError(f"{setting.name} is a whole number from 0 to {setting.highest:,}.")
        return int(text)
    if setting.choices and text not in setting.choices:
        raise CellError(f"{setting.name} is one of {', '.join(setting.choices)}.")
    return text


def _entry(setting: Setting, line: str) -> Any:
    if setting.entry == Entry.PORT:
        if not line.isdigit() or not 0 < int(line) < 65536:
            raise CellError(f"{line} is not a port; write a number from 1 to 65535.")
        return int(line)
    if setting.entry == Entry.DAYS:
        if not line.isascii() or not line.isdigit() or not 0 < int(line) <= 1000:
            raise CellError(f"{line} is no number of days; write one from 1 to 1000.")
        return int(line)
    if setting.entry == Entry.ACCOUNT:
        return clean_account_id(line)
    if setting.entry == Entry.DOMAIN:
        domain = line.lower().removeprefix("@")
        if not _DOMAIN.fullmatch(domain):
            raise CellError(f"{line} is not a domain; write one such as example.com.")
        return domain
    if setting.entry == Entry.REGEX:
        try:
            re.compile(line)
        except re.error as error:
            raise CellError(f"{line} is not a regular expression: {error}.") from None
    return line


def _pair(setting: Setting, line: str) -> tuple[str, list[str]]:
    """``key: entry, entry``."""
    key, _, rest = line.partition(":")
    entries = [entry.strip() for entry in rest.split(",") if entry.strip()]
    if setting.choices and (not entries or set(entries) - set(setting.choices)):
        raise CellError(
            f"“{line}” names no role; write the account id, a colon and any of "
            f"{', '.join(setting.choices)}."
        )
    return _entry(setting, key.strip()), entries
