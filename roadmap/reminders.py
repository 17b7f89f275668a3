"""Reminders before answers and exceptions end: one mail a day for all that reached a set day.

Whoever gave an answer or asked for an exception is reminded; where they are no longer there, the
account's owner is, else their deputy, else who leads its team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.urls import reverse

from inventory.access import reader_of
from inventory.models import Account, ContactRole, Message, Person, Team, User
from inventory.outbox import Letter, Line, Section
from inventory.outbox.unsubscribing import wants
from roadmap import attestations, exceptions
from roadmap.endings import Ending, Reached, line_of
from roadmap.models import Attestation, MailRound, RuleException
from roadmap.sentences import number


def letters(round_: MailRound) -> Iterator[tuple[Person, Letter | None]]:
    """Everybody who is to be reminded after the last who is through, in order."""
    found = _by_person(round_)
    for person in sorted(found, key=lambda person: person.pk):
        if person.pk > round_.done_to:
            wanted = wants(person, Message.Kind.REMINDER)
            yield person, _letter(found[person]) if wanted else None


def _letter(lines: Sequence[Line]) -> Letter:
    what = number(len(lines), "answer or exception ends", "answers and exceptions end")
    return Letter(
        f"{what} soon",
        "When they end, the rules count again as if nobody had answered.",
        "You get this because you gave these answers, asked for these exceptions, or own what they "
        "are about.",
        [Section("End soon", lines)],
        Line("See all that ends soon", reverse("roadmap:attestations")),
    )


def whom_to_remind(row: Ending, today: date) -> Person | None:
    """The first in order who is there and may see what it is about."""
    return next((one for one in in_order(row) if _may_read(one, row, today)), None)


def in_order(row: Ending) -> Iterator[Person]:
    """Who answers for it, and who would next."""
    user = row.requester if isinstance(row, RuleException) else row.author
    if user and user.is_active and user.person:
        yield user.person
    if row.account:
        yield from _of_account(row.account)
    team = row.team if isinstance(row, Attestation) else None
    if team and team.lead:
        yield team.lead


def _of_account(account: Account) -> Iterator[Person]:
    contacts = {c.role: c.person for c in account.contact_set.select_related("person")}
    for role in (ContactRole.OWNER, ContactRole.DEPUTY):
        if role in contacts:
            yield contacts[role]
    team: Team | None = account.team
    if team and team.lead:
        yield team.lead


def _may_read(person: Person, row: Ending, today: date) -> bool:
    reader = reader_of(person, today)
    if not isinstance(reader, User):
        return False
    if isinstance(row, RuleException):
        return exceptions.visible_to(reader).filter(pk=row.pk).exists()
    return attestations.visible_to(reader).filter(pk=row.pk).exists()


def _by_person(round_: MailRound) -> Mapping[Person, Sequence[Line]]:
    """Person → a line for each of theirs that reached a day since the round before."""
    today = round_.as_of.date()
    reached = Reached(round_.since, round_.as_of, again=True)
    granted = RuleException.objects.alias(state_now=RuleException.state_at(round_.as_of))
    rows: list[Ending] = [
        *reached.answers(attestations.latest(Attestation.objects.all())),
        *reached.exceptions(granted.filter(state_now=RuleException.State.HOLDS)),
    ]
    found: dict[Person, list[Line]] = defaultdict(list)
    for row in rows:
        if person := whom_to_remind(row, today):
            found[person].append(line_of(row))
    return found
