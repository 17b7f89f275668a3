"""Finding things by what people have at hand: a piece of an id, a name, an address, an ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import Q, QuerySet
from django.urls import reverse

from inventory.access import Anyone, visible_columns, visible_rows
from inventory.columns import ACCOUNTS, ORGANIZATIONS, PEOPLE, TEAMS, Field, Sheet
from inventory.grid.links import list_url, row_links
from inventory.kinds import AccountId, Email, Phone, Text
from inventory.models import Contact, Person, Team

ARN = re.compile(r"arn:aws[\w-]*:[\w-]*:[\w-]*:(\d{12})(?::|/|$)", re.ASCII)
_DIGITS = re.compile(r"[\d\s-]+", re.ASCII)


def account_id_in(text: str) -> str:
    """The account id that a pasted id or ARN names, or an empty text."""
    text = text.strip()
    if arn := ARN.search(text):
        return arn[1]
    digits = re.sub(r"[\s-]", "", text) if _DIGITS.fullmatch(text) else ""
    return digits if len(digits) == 12 else ""


def words_of(text: str) -> list[str]:
    """An id stays one word, whatever it is written with."""
    if account_id := account_id_in(text):
        return [account_id]
    if text.strip() and _DIGITS.fullmatch(text.strip()):
        return [re.sub(r"[\s-]", "", text)] if re.search(r"\d", text) else []
    return text.replace("\x00", "").split()


def accounts(text: str) -> Q:
    """Accounts that hold every word of the text in an id, name, address, contact or team."""
    found = Q()
    for word in words_of(text):
        found &= _account(word)
    return found


def _account(word: str) -> Q:
    digits = re.sub(r"-", "", word)
    by_id = Q(account_id__contains=digits) if digits.isdigit() else Q()
    if len(digits) == 12 and by_id:
        return Q(account_id=digits) | Q(payer__account_id=digits)
    people = Person.objects.filter(Q(email__icontains=word) | Q(name__icontains=word))
    named = Contact.objects.filter(person__in=people.order_by().values("pk")).order_by()
    teams = Team.objects.filter(name__icontains=word).order_by()
    return (
        by_id
        | Q(name__icontains=word)
        | Q(observed_name__icontains=word)
        | Q(email__icontains=word)
        | Q(observed_email__icontains=word)
        | Q(team__in=teams.values("pk"))
        | Q(pk__in=named.values("account"))
    )


def rows(sheet: Sheet, queryset: QuerySet[Any], text: str, user: Anyone) -> QuerySet[Any]:
    """The rows of any sheet that hold every word of the text in one of the text columns that the
    user sees."""
    if sheet is ACCOUNTS:
        return queryset.filter(accounts(text))
    paths = [
        column.path
        for column in visible_columns(user, sheet, sheet.columns)
        if isinstance(column.stored, Field)
        and isinstance(column.kind, Text | Email | AccountId | Phone)
    ]
    for word in words_of(text):
        found = Q()
        for path in paths:
            found |= Q(**{f"{path}__icontains": word})
        queryset = queryset.filter(found)
    return queryset


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    note: str = ""
    account_id: str = ""


@dataclass(frozen=True)
class Hits:
    """What one kind of thing has to offer; ``all_url`` is its whole list, searched the same way."""

    label: str
    hits: Sequence[Hit]
    count: int
    all_url: str = ""


# Sources of upper layers: they answer nothing with None.
Source = Callable[[str, Anyone], Hits | None]
SHOWN = 10
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Let an upper layer answer searches too; call it in ``ready``."""
    _sources.append(source)


def everything(text: str, user: Anyone) -> list[Hits]:
    """What was found, by kind; two queries for each kind of row."""
    if not words_of(text):
        return []
    sources = (_accounts, _teams, _people, _organizations, *_sources)
    return [hits for source in sources if (hits := source(text, user)) is not None]


def _accounts(text: str, user: Anyone) -> Hits | None:
    return _hits(ACCOUNTS, text, user, ("name", "observed_name", "email"), "team__name")


def _teams(text: str, user: Anyone) -> Hits | None:
    return _hits(TEAMS, text, user, ("name",), "email", "slug")


def _people(text: str, user: Anyone) -> Hits | None:
    return _hits(PEOPLE, text, user, ("name", "email"), "email", "title")


def _organizations(text: str, user: Anyone) -> Hits | None:
    return _hits(ORGANIZATIONS, text, user, ("name",), "organization_id", "management_account_id")


def _hits(sheet: Sheet, text: str, user: Anyone, titles: Sequence[str], *notes: str) -> Hits | None:
    """The first rows that match, named by the first of ``titles`` that is filled."""
    found = rows(sheet, visible_rows(sheet, user), text, user)
    count = found.count()
    if not count:
        return None
    link = _link(sheet)
    paths = dict.fromkeys((*titles, *notes, sheet.key[-1]))
    hits = []
    for row in found.order_by(titles[0], sheet.key[-1]).values(*paths)[:SHOWN]:
        title = next((row[name] for name in titles if row[name]), row[sheet.key[-1]])
        told = dict.fromkeys(row[name] for name in notes if row[name] and name != "slug")
        note = " · ".join(note for note in told if note != title)
        account_id = row.get("account_id", "")
        hits.append(Hit(title, link(row), note, "" if account_id == title else account_id))
    more = f"{_list(sheet)}?q={quote(text)}" if count > SHOWN and _list(sheet) else ""
    return Hits(sheet.label, hits, count, more)


def _link(sheet: Sheet) -> Callable[[Any], str]:
    if sheet is ORGANIZATIONS:
        return lambda row: reverse("collectors:organization", args=[row["organization_id"]])
    return row_links(sheet)


def _list(sheet: Sheet) -> str:
    return "" if sheet is ORGANIZATIONS else list_url(sheet)
