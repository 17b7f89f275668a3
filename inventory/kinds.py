"""Kinds of cell: how text becomes a value and a value becomes text again.

A value is what JSON can hold (text, a sorted list of texts, a mapping of texts), so that a change
set can keep it as it is. Cleaning a clean value returns it unchanged, and cleaning its text
returns the same value: an untouched export imports as no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parseaddr
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime

Value = str | Sequence[str] | Mapping[str, Any]


class CellError(ValueError):
    """A value that cannot be taken; the message says what is wrong and how to cure it."""


class Kind(Protocol):
    @property
    def empty(self) -> Value: ...

    def clean(self, raw: object) -> Value:
        """The canonical value; raises CellError."""

    def text(self, value: Value) -> str:
        """What an export writes; ``clean`` of it is the value again."""


# What XML and databases cannot hold: control characters and halves of surrogate pairs.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _plain(raw: object) -> str:
    text = ("" if raw is None else str(raw)).replace("\xa0", " ").strip()
    if text.isprintable():
        return text
    if UNSTORABLE.search(text):
        raise CellError("Holds a character that is no text, such as a NUL byte; remove it.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Text:
    max_length: int = 200
    empty: str = ""

    def clean(self, raw: object) -> str:
        text = _plain(raw)
        if len(text) > self.max_length:
            raise CellError(f"Has {len(text)} characters; shorten it to {self.max_length}.")
        return text

    def text(self, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class Email:
    """An address in lower case; ``Name <address>`` gives the address alone."""

    empty: str = ""

    def clean(self, raw: object) -> str:
        text = _plain(raw).removeprefix("mailto:")
        if not text:
            return ""
        address = parseaddr(text)[1] if "<" in text else text
        try:
            validate_email(address)
        except ValidationError:
            raise CellError(
                "Is not an e-mail address; write one such as team@example.com."
            ) from None
        if len(address) > 254:
            raise CellError("Is longer than an e-mail address can be (254 characters).")
        return address.lower()

    def text(self, value: Value) -> str:
        return str(value)


PHONE = re.compile(r"\+[\d\s().\-/\u2010-\u2015]+")


@dataclass(frozen=True)
class Phone:
    """A telephone number as E.164, from forms such as +49 (0)30 123-456 or tel:+4930123456.

    Its country code and length are checked, not whether its range is given out: ranges are given
    out faster than software learns of them. https://www.itu.int/rec/T-REC-E.164
    """

    empty: str = ""

    def clean(self, raw: object) -> str:
        text = _plain(raw).removeprefix("tel:")
        if not text:
            return ""
        if not text.startswith("+"):
            raise CellError(
                "Has no country code; write the number with + and the code first, such as "
                "+49 30 123456."
            )
        if not PHONE.fullmatch(text):
            raise CellError(
                "Holds more than a number; leave out letters and extensions and write it such as "
                "+49 30 123456."
            )
        return _e164(text)

    def text(self, value: Value) -> str:
        return str(value)


def _e164(text: str) -> str:
    # Here, since it costs every process a tenth of a second and few ever read a number.
    import phonenumbers

    result = phonenumbers.ValidationResult
    try:
        number = phonenumbers.parse(text)
        reason = phonenumbers.is_possible_number_with_reason(number)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        reason = result.INVALID_COUNTRY_CODE if unknown else result.TOO_SHORT
    if reason == result.IS_POSSIBLE:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if reason == result.INVALID_COUNTRY_CODE:
        raise CellError("Begins with a country code that does not exist; check the digits after +.")
    if reason in (result.TOO_SHORT, result.IS_POSSIBLE_LOCAL_ONLY):
        raise CellError("Has too few digits for its country; was the area code left out?")
    raise CellError("Has a number of digits that no number of its country has; count them again.")


ACCOUNT_ID = re.compile(r"\d{12}")


def clean_account_id(raw: object) -> str:
    """Twelve digits, from forms such as 1111-2222-3333 or '111122223333; raises CellError."""
    text = _plain(raw).lstrip("'").translate({ord(c): None for c in "- \u2010\u2011\u2013"})
    if ACCOUNT_ID.fullmatch(text) and text.isascii():
        return text
    if text.isascii() and text.isdigit():
        raise CellError(
            f"Has {len(text)} digits; an AWS account id has 12, leading zeros included. "
            "Format the column as text and enter the whole id."
        )
    raise CellError("Is not an AWS account id; write its 12 digits, such as 111122223333.")


@dataclass(frozen=True)
class AccountId:
    empty: str = ""

    def clean(self, raw: object) -> str:
        return clean_account_id(raw) if _plain(raw) else ""

    def text(self, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class Date:
    """A day as ISO text. Day-first and month-first forms are refused: they cannot be told apart."""

    empty: str = ""

    def clean(self, raw: object) -> str:
        if isinstance(raw, datetime):
            return raw.date().isoformat()
        if isinstance(raw, date):
            return raw.isoformat()
        text = _plain(raw)
        if not text:
            return ""
        try:
            return date.fromisoformat(text[:10] if "T" in text or " " in text else text).isoformat()
        except ValueError:
            raise CellError("Is not a date; write it as YYYY-MM-DD, such as 2026-11-24.") from None

    def text(self, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class Timestamp:
    """A moment as ISO text in UTC, to the second; numbers are seconds since 1970."""

    empty: str = ""

    def clean(self, raw: object) -> str:
        if isinstance(raw, int | float):
            raw = datetime.fromtimestamp(raw, UTC)
        if not isinstance(raw, datetime):
            text = _plain(raw)
            if not text:
                return ""
            raw = _moment(text)
        aware = raw if raw.tzinfo else raw.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")

    def text(self, value: Value) -> str:
        return str(value)


def _moment(text: str) -> datetime:
    try:
        parsed = parse_datetime(text)
    except ValueError:
        parsed = None
    if parsed is None:
        raise CellError("Is not a time; write it as 2026-11-24T14:02:00Z.")
    return parsed


@dataclass(frozen=True)
class OneOf:
    """One of some words, in any case; ``aliases`` are other spellings of them."""

    choices: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    empty: str = ""

    def clean(self, raw: object) -> str:
        text = _plain(raw)
        if not text:
            return ""
        found = {choice.lower(): choice for choice in self.choices}
        found |= {alias.lower(): choice for alias, choice in self.aliases.items()}
        if text.lower() not in found:
            raise CellError(f"Is not one of {', '.join(self.choices)}.")
        return found[text.lower()]

    def text(self, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class SetOf:
    """Several values of one kind, written with semicolons between them."""

    each: Kind
    empty: Sequence[str] = field(default_factory=list)

    def clean(self, raw: object) -> list[str]:
        parts = re.split(r"[;,\n]", _plain(raw)) if isinstance(raw, str) or raw is None else raw
        assert isinstance(parts, Sequence)
        return sorted({str(value) for part in parts if (value := self.each.clean(part))})

    def text(self, value: Value) -> str:
        return "; ".join(value)


@dataclass(frozen=True)
class JsonValue:
    """A structure that people do not type into a cell (tags, kept drift, a setting's value)."""

    empty: Any = ""

    def clean(self, raw: object) -> Any:
        return self.empty if raw is None else raw

    def text(self, value: Value) -> str:
        if isinstance(value, Mapping):
            return "; ".join(f"{name}={value[name]}" for name in sorted(value))
        return str(value)
