"""Campaigns: the owners of many accounts are asked by mail to confirm them, and who is asked next
where they do not.

    draft = create(user, "Autumn 2026", "team=payments", due_on)
    rehearse(draft)                # who would get what; nothing is sent
    start(draft)
    send_due(date.today())         # every day; a step is sent once
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Trunc
from django.http import QueryDict
from django.urls import reverse

from inventory import audit
from inventory.access import Action, require
from inventory.audit import Event
from inventory.filters import AccountFilters
from inventory.models import (
    Account,
    Campaign,
    Contact,
    ContactRole,
    HandOver,
    Message,
    Person,
    Role,
    User,
)
from inventory.models.accounts import AccountQuerySet
from inventory.outbox import Letter, Line, Rendered, Section, preview, queue

LONGEST_DAYS = 366
LINES_SHOWN = 30  # accounts named in a mail; the page has them all
SAMPLES = 3


class Level(IntEnum):
    """Who is asked, one after the other, each beside those before."""

    OWNER = 0
    DEPUTY = 1
    LEAD = 2
    SECURITY = 3

    @property
    def label(self) -> str:
        return ("owner", "deputy", "team lead", "security")[self]


# Days before the due day at which a level is asked for the first time; the owner is at the start.
ASKED_BEFORE_DUE = {Level.DEPUTY: 7, Level.LEAD: 0, Level.SECURITY: -7}
# Days before the due day at which everybody asked so far is reminded.
REMINDED_BEFORE_DUE = (14, 7, 1, 0, -7)


@dataclass(frozen=True)
class Asked:
    """What one person is to be asked about at a step."""

    person: Person
    accounts: Sequence[Account]
    level: Level  # the lowest at which they stand for any of them


@dataclass(frozen=True)
class Rehearsal:
    """``unreachable`` are accounts about which nobody could be asked."""

    asked: Sequence[Asked]
    unreachable: Sequence[Account]
    samples: Sequence[tuple[Person, Rendered]]


@dataclass(frozen=True)
class Progress:
    total: int
    confirmed: int
    disowned: int

    @property
    def open(self) -> int:
        return self.total - self.confirmed - self.disowned

    @property
    def percent(self) -> int:
        return 100 * (self.total - self.open) // self.total if self.total else 100


def create(user: User, name: str, query: str, due_on: date) -> Campaign:
    """A draft about the accounts that the filters match now. Raises PermissionDenied, and
    ValidationError with a message per field."""
    require(user, Action.CAMPAIGN)
    today = datetime.now(UTC).date()
    if not today < due_on <= today + timedelta(days=LONGEST_DAYS):
        raise ValidationError({"due_on": "Choose a day after today, within a year."})
    accounts = matching(user, query)
    if not accounts.exists():
        raise ValidationError({"query": "No account matches these filters."})
    with transaction.atomic():
        made = Campaign.objects.create(
            name=name.strip(), query=query, due_on=due_on, created_by=user
        )
        made.accounts.set(accounts)
        audit.record(Event.CAMPAIGN_MADE, made, accounts=made.accounts.count())
    return made


def matching(user: User, query: str) -> AccountQuerySet:
    """The accounts of a list's address, without closed ones; none where a filter is unknown."""
    visible = Account.objects.visible_to(user).filter(closed_on=None)
    filters = AccountFilters(QueryDict(query), visible)
    return cast(AccountQuerySet, filters.qs) if filters.is_valid() else visible.none()


def start(user: User, draft: Campaign, now: datetime | None = None) -> int:
    """Begin to ask; how many people get a mail. Raises PermissionDenied, and ValidationError where
    it was begun before."""
    require(user, Action.CAMPAIGN)
    now = now or datetime.now(UTC)
    drafts = Campaign.objects.filter(pk=draft.pk, started_at=None, ended_at=None)
    with transaction.atomic():
        if not drafts.update(started_at=now):
            raise ValidationError("It was started or ended before.")
        draft.refresh_from_db()
        asked = _send(draft, now.date())
        audit.record(Event.CAMPAIGN_STARTED, draft, people=asked)
    return asked


def end(user: User, campaign: Campaign) -> None:
    """Ask nobody any more. What was answered stays. Raises PermissionDenied."""
    require(user, Action.CAMPAIGN)
    running = Campaign.objects.filter(pk=campaign.pk, ended_at=None)
    with transaction.atomic():
        if running.update(ended_at=datetime.now(UTC)):
            audit.record(Event.CAMPAIGN_ENDED, campaign)
    campaign.refresh_from_db()


def send_due(today: date) -> int:
    """Send what is due of all campaigns; how many mails were queued or had been. One whose
    accounts are all answered ends."""
    sent = 0
    for campaign in Campaign.objects.exclude(started_at=None).filter(ended_at=None):
        if progress(campaign).open:
            sent += _send(campaign, today)
        else:
            Campaign.objects.filter(pk=campaign.pk).update(ended_at=datetime.now(UTC))
    return sent


def _send(campaign: Campaign, today: date) -> int:
    step = latest_step(campaign, today)
    asked, _ = whom_to_ask(campaign, step)
    for one in asked:
        queue(
            letter(campaign, one),
            kind=Message.Kind.CAMPAIGN,
            key=f"{campaign.pk}:{step:%Y-%m-%d}",
            person=one.person,
        )
    return len(asked)


def steps(campaign: Campaign) -> list[date]:
    """The days on which mails go out: the start, and the reminders after it."""
    begun = (campaign.started_at or datetime.now(UTC)).date()
    reminders = (campaign.due_on - timedelta(days=days) for days in REMINDED_BEFORE_DUE)
    return [begun, *(day for day in sorted(reminders) if day > begun)]


def latest_step(campaign: Campaign, today: date) -> date:
    return max(day for day in steps(campaign) if day <= today)


def levels(campaign: Campaign, day: date) -> list[Level]:
    """Who is asked on a day."""
    left = (campaign.due_on - day).days
    return [Level.OWNER, *(level for level, days in ASKED_BEFORE_DUE.items() if left <= days)]


def rehearse(draft: Campaign) -> Rehearsal:
    """What starting it now would send. Nothing is sent."""
    asked, unreachable = whom_to_ask(draft, datetime.now(UTC).date())
    samples = [
        (one.person, preview(letter(draft, one), kind=Message.Kind.CAMPAIGN, person=one.person))
        for one in asked[:SAMPLES]
    ]
    return Rehearsal(asked, unreachable, samples)


def unanswered(campaign: Campaign) -> AccountQuerySet:
    return campaign.accounts.exclude(_answered(campaign))


def progress(campaign: Campaign) -> Progress:
    """One query."""
    return progress_of(counted(Campaign.objects.filter(pk=campaign.pk)).get())


def counted(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """The rows with what ``progress_of`` needs."""
    confirmed = Q(accounts__confirmed_at__gte=Trunc("created_at", "second"))
    disowned = Q(accounts__hand_overs__state=HandOver.State.OPEN)
    closed = Q(accounts__closed_on__isnull=False)
    return rows.annotate(
        total=Count("accounts", distinct=True),
        confirmed=Count("accounts", filter=confirmed, distinct=True),
        answered=Count("accounts", filter=confirmed | disowned | closed, distinct=True),
    )


def progress_of(campaign: Any) -> Progress:
    """Of a row that was ``counted``."""
    return Progress(campaign.total, campaign.confirmed, campaign.answered - campaign.confirmed)


def _since(campaign: Campaign) -> datetime:
    """Answers count from when the campaign was made, to the second, as they are kept: some come
    before it is started."""
    return campaign.created_at.replace(microsecond=0)


def _answered(campaign: Campaign) -> Q:
    disowned = HandOver.objects.filter(state=HandOver.State.OPEN)
    return (
        Q(confirmed_at__gte=_since(campaign))
        | Q(pk__in=disowned.values("account"))
        | Q(closed_on__isnull=False)
    )


def whom_to_ask(campaign: Campaign, day: date) -> tuple[list[Asked], list[Account]]:
    """Who is asked about which of the unanswered accounts. Where nobody of a level is there, the
    next one is asked at once."""
    accounts = list(unanswered(campaign).select_related("team__lead").order_by("account_id"))
    contacts = _contacts(accounts)
    security = _security()
    wanted = levels(campaign, day)
    about: dict[Person, list[Account]] = defaultdict(list)
    lowest: dict[Person, Level] = {}
    unreachable = []
    for account in accounts:
        people = _people(account, contacts.get(account.pk, {}), wanted, security)
        if not people:
            unreachable.append(account)
        for person, level in people.items():
            about[person].append(account)
            lowest[person] = min(level, lowest.get(person, level))
    asked = [Asked(person, found, lowest[person]) for person, found in about.items()]
    return sorted(asked, key=lambda one: one.person.email), unreachable


def _people(
    account: Account,
    contacts: Mapping[str, Person],
    wanted: Iterable[Level],
    security: Sequence[Person],
) -> dict[Person, Level]:
    by_level: dict[Level, list[Person | None]] = {
        Level.OWNER: [contacts.get(ContactRole.OWNER)],
        Level.DEPUTY: [contacts.get(ContactRole.DEPUTY)],
        Level.LEAD: [account.team.lead if account.team else None],
        Level.SECURITY: list(security),
    }
    found: dict[Person, Level] = {}
    last = max(wanted)
    for level, people in by_level.items():
        present = [person for person in people if person and not person.left_on]
        if level <= last or not found:
            for person in present:
                found.setdefault(person, level)
    return found


def _contacts(accounts: Sequence[Account]) -> dict[int, dict[str, Person]]:
    found: dict[int, dict[str, Person]] = {}
    rows = Contact.objects.filter(
        account__in=[account.pk for account in accounts],
        role__in=[ContactRole.OWNER, ContactRole.DEPUTY],
    )
    for row in rows.select_related("person").order_by():
        found.setdefault(row.account_id, {})[row.role] = row.person
    return found


def _security() -> list[Person]:
    """Those of security who sign in."""
    people: QuerySet[Person] = Person.objects.filter(
        user__role=Role.SECURITY, user__is_active=True, left_on=None
    )
    return list(people.order_by("email"))


def letter(campaign: Campaign, asked: Asked) -> Letter:
    number = len(asked.accounts)
    accounts = "this account" if number == 1 else f"these {number} accounts"
    lines = [
        Line(f"{one.title} ({one.account_id})", reverse("inventory:confirm", args=[one.account_id]))
        for one in asked.accounts[:LINES_SHOWN]
    ]
    more = number - len(lines)
    whose = "are still yours" if asked.level == Level.OWNER else "still have the right owner"
    return Letter(
        subject=f"{campaign.name}: confirm {accounts} by {campaign.due_on:%-d %B %Y}",
        opening=f"Please say whether {accounts} {whose}. It takes a tap each: yes; yes, but change "
        "this; or not mine.",
        why=f"You are asked as {asked.level.label} of {accounts}.",
        sections=[
            Section(
                "To confirm",
                lines,
                Line(f"and {more} more", reverse("roadmap:my_work")) if more > 0 else None,
            )
        ],
        action=Line("Answer", reverse("roadmap:my_work")) if asked.level == Level.OWNER else None,
    )
