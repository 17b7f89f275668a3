"""Many answers at once: for a list of targets, or from a file. All of them are taken, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from inventory import audit
from inventory.kinds import CellError, clean_account_id
from inventory.models import Account, Organization, Team, User
from roadmap import attestations
from roadmap.attestations import Answer, Target
from roadmap.registry import Level, items
from roadmap.triggers import judged_together

COLUMNS = ("item", "level", "target", "claim", "statement", "url", "about", "expires_on")
MOST = 5000


@dataclass(frozen=True)
class Wanted:
    """An answer to give; ``row`` is where it was read, for messages."""

    row: int
    item: str
    level: str
    target: str
    answer: Answer


@dataclass(frozen=True)
class Refusal:
    row: int
    column: str
    value: str
    message: str


def read_rows(rows: Iterable[Mapping[str, str]]) -> tuple[list[Wanted], list[Refusal]]:
    """Rows of a file, by column; a column of another name is a detail of the item."""
    wanted, refused = [], []
    for number, row in enumerate(rows, 2):
        cells = {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}
        if not any(cells.values()):
            continue
        ends = cells.get("expires_on", "")
        try:
            expires_at = datetime.combine(date.fromisoformat(ends), time(), UTC) if ends else None
        except ValueError:
            told = "Write a day such as 2026-11-24, or leave it empty."
            refused.append(Refusal(number, "expires_on", ends, told))
            continue
        details = {name: v for name, v in cells.items() if name not in COLUMNS and v}
        answer = Answer(
            claim=cells.get("claim", "").lower().replace(" ", "_"),
            statement=cells.get("statement", ""),
            url=cells.get("url", ""),
            about=cells.get("about", ""),
            expires_at=expires_at,
            details=details,
        )
        level = cells.get("level", "").lower() or Level.ACCOUNT.value
        item, target = cells.get("item", ""), cells.get("target", "")
        wanted.append(Wanted(number, item, level, target, answer))
    return wanted, refused


def give_all(user: User, wanted: Sequence[Wanted]) -> tuple[int, list[Refusal]]:
    """How many were given; with any refusal none was."""
    refused: list[Refusal] = []
    given = 0
    with transaction.atomic(), judged_together(), audit.written_last():
        for one in wanted:
            try:
                attestations.give(user, one.item, _target(user, one), one.answer)
                given += 1
            except ValidationError as error:
                refused += _refusals(one, error)
            except PermissionDenied as error:
                refused.append(Refusal(one.row, "target", one.target, str(error)))
        if refused:
            transaction.set_rollback(True)
    return (0, refused) if refused else (given, [])


def _target(user: User, one: Wanted) -> Target:
    """Raises ValidationError where there is none that the user may see."""
    found: Target | None = None
    if one.level == Level.ACCOUNT:
        try:
            account_id = clean_account_id(one.target)
        except CellError as error:
            raise ValidationError({"target": str(error)}) from None
        found = Account.objects.visible_to(user).filter(account_id=account_id).first()
    elif one.level == Level.TEAM:
        found = Team.objects.filter(name__iexact=one.target).first()
        found = found or Team.objects.filter(slug=one.target).first()
    elif one.level == Level.ORGANIZATION:
        found = Organization.objects.filter(organization_id=one.target).first()
        found = found or Organization.objects.filter(name__iexact=one.target).first()
    else:
        told = ", ".join(level.value for level in Level)
        raise ValidationError({"level": f"Write one of {told}."})
    if found is None:
        raise ValidationError({"target": f"There is no {one.level} {one.target} that you see."})
    return found


def _refusals(one: Wanted, error: ValidationError) -> list[Refusal]:
    if not hasattr(error, "error_dict"):
        column = "level" if one.item in items() else "item"
        return [Refusal(one.row, column, getattr(one, column), told) for told in error.messages]
    return [
        Refusal(one.row, name, _value(one, name), told)
        for name, messages in error.message_dict.items()
        for told in messages
    ]


def _value(one: Wanted, name: str) -> str:
    given: Any = getattr(one, name, None) or getattr(one.answer, name, None)
    return str(given or one.answer.details.get(name, ""))
