"""Digests and reminders are written in rounds: a round begins at its hour and goes through all
people, a few at a time. Every piece is one transaction, so a round may be killed, and two workers
at it take turns."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from inventory import outbox
from inventory.models import Message, Person
from inventory.outbox import Letter
from inventory.policy import Place, Values, load_policy
from inventory.policy_settings.mail import NEVER, WEEKDAYS
from roadmap import digests, reminders
from roadmap.models import Finding, MailRound

logger = logging.getLogger(__name__)

Kind = Message.Kind
# A pass that judges writes the moment it began: what is not through by then is of the next round.
LAG = timedelta(minutes=15)
LATEST = timedelta(hours=20)  # Past this, a round that was missed is left out.
PIECE = 10  # people in one transaction
BEFORE_FIRST: Mapping[Kind, timedelta] = {
    Kind.DIGEST: timedelta(days=7),
    Kind.REMINDER: timedelta(days=1),
}
# Kind → the people of a round that are left, in order, each with a letter if there is news.
LETTERS: Mapping[Kind, Callable[[MailRound], Iterator[tuple[Person, Letter | None]]]] = {
    Kind.DIGEST: digests.letters,
    Kind.REMINDER: reminders.letters,
}


def write_due(now: datetime) -> None:
    """Begin the rounds that are due, and go on with those that were left."""
    settings = load_policy().at(Place())
    for kind in LETTERS:
        begun = last_moment(kind, now, settings)
        if begun is not None and now - begun[1] < LATEST:
            begin(kind, begun[0], now)
    write_begun()


def write_begun() -> None:
    for unfinished in MailRound.objects.filter(finished_at=None).order_by("day"):
        while _piece(unfinished.pk):
            pass


def last_moment(kind: Kind, now: datetime, settings: Values) -> tuple[date, datetime] | None:
    """The day and moment at which a round last was to begin; None for what is switched off."""
    zone = ZoneInfo(settings["MAIL_TIME_ZONE"])
    weekday = settings["DIGEST_WEEKDAY"]
    if kind == Kind.DIGEST and weekday == NEVER:
        return None
    day = now.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, time(settings["MAIL_HOUR"]), zone).astimezone(UTC)
        if moment <= now and (kind != Kind.DIGEST or WEEKDAYS[day.weekday()] == weekday):
            return day, moment
        day -= timedelta(days=1)


def begin(kind: Kind, day: date, now: datetime) -> MailRound:
    """The round of a day; the one there is, if it was begun before."""
    return MailRound.objects.get_or_create(kind=kind, day=day, defaults=_start(kind, now))[0]


def _start(kind: Kind, now: datetime) -> dict[str, datetime | int]:
    as_of = now - LAG
    before = MailRound.objects.filter(kind=kind).order_by("-day").first()
    return {
        "since": before.as_of if before else as_of - BEFORE_FIRST[kind],
        "as_of": as_of,
        "last_finding": Finding.objects.aggregate(last=Max("pk"))["last"] or 0,
    }


def rehearsed(kind: Kind, now: datetime) -> MailRound:
    """A round as it would begin now; nothing of it is kept."""
    return MailRound(kind=kind, day=now.date(), **_start(kind, now))


def _piece(pk: int) -> bool:
    """The next people of a round; whether more may be left."""
    with transaction.atomic():
        current = MailRound.objects.select_for_update().get(pk=pk)
        if current.finished_at is not None:
            return False
        kind = Kind(current.kind)
        through = list(islice(LETTERS[kind](current), PIECE))
        for person, letter in through:
            is_written = letter is not None and outbox.queue(
                letter, kind=kind, key=f"{current.day}", person=person, as_of=current.as_of
            )
            current.written += bool(is_written)
            current.nothing_new += not is_written
            current.done_to = person.pk
        if len(through) < PIECE:
            current.finished_at = datetime.now(UTC)
            logger.info("mail round", extra={"kind": kind, "written": current.written})
        current.save()
    return current.finished_at is None
