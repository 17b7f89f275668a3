"""The weekly digest: what is new of the accounts that somebody owns, leads or is a contact of.

It holds what changed since their last digest and nothing that they may not see, and where nothing
changed there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from inventory.access import Action, Anyone, may, reader_of
from inventory.models import Account, Contact, DatedValue, Message, Person, User
from inventory.models.accounts import AccountQuerySet
from inventory.outbox import Letter, Line, Section
from inventory.outbox.unsubscribing import wants
from inventory.ownership import confirmed_until, to_confirm
from inventory.policy import Place, load_policy
from roadmap import attestations, exceptions
from roadmap.decided import is_open
from roadmap.endings import Ending, Reached, line_of
from roadmap.models import WEIGHTS, MailRound, RuleException, VerdictChange
from roadmap.queries.findings import visible_findings
from roadmap.registry import items
from roadmap.restricted import hidden_from
from roadmap.verdicts import Severity, Status, is_progress, is_setback

MOST_LINES = 10  # of a section
MOVE = ("pk", "account_id", "item", "from_status", "to_status")
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """``since`` is until when the last digest reached, ``after_finding`` the newest finding then,
    if that is known: a scan's findings are as old as the scan. To who never had a digest all that
    waits is new."""

    since: datetime
    until: datetime
    after_finding: int | None = None
    is_first: bool = False

    def is_new(self, at: datetime) -> bool:
        return at <= self.until and (self.is_first or self.since < at)


@dataclass(frozen=True)
class Some:
    """The first lines of all that there are."""

    total: int = 0
    lines: Sequence[Line] = ()

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Some:
        return cls(len(lines), lines[:MOST_LINES])


@dataclass(frozen=True)
class News:
    """What there is to say of one matter, the page that says more, and what one of it is called."""

    title: str
    some: Some
    path: str
    one: str

    @property
    def counted(self) -> str:
        return f"{self.some.total} {self.one if self.some.total == 1 else self.title.lower()}"

    @property
    def section(self) -> Section:
        left_out = self.some.total - len(self.some.lines)
        more = Line(f"and {left_out} more", self.path) if left_out > 0 else None
        return Section(self.title, self.some.lines, more)


def letters(round_: MailRound) -> Iterator[tuple[Person, Letter | None]]:
    """Everybody with accounts of their own after the last who is through, in order, with their
    digest."""
    today = round_.as_of.date()
    has_accounts = Q(contact_set__isnull=False) | Q(led_teams__accounts__isnull=False)
    there = Q(left_on=None) | Q(left_on__gt=today)
    found = Person.objects.filter(has_accounts, there, pk__gt=round_.done_to).distinct()
    for person in found.order_by("pk").iterator(chunk_size=100):
        yield person, letter(round_, person)


def letter(round_: MailRound, person: Person) -> Letter | None:
    """The digest of a person, None where there is nothing new for them, or they want none."""
    reader = reader_of(person, round_.as_of.date())
    if not isinstance(reader, User) or not wants(person, Message.Kind.DIGEST):
        return None
    own = accounts_of(person, reader)
    period = _period(round_, person)
    news = [one for one in _news(person, reader, own, period) if one.some.total]
    if not news:
        return None
    return Letter(
        f"Your accounts: {', '.join(one.counted for one in news)}",
        f"This is new since {period.since:%-d %b %Y} in the accounts that you own, lead or are a "
        "contact of.",
        "You get this at most once a week, because these accounts are yours.",
        [one.section for one in news],
        Line("Open what waits for you", reverse("roadmap:my_work")),
    )


def accounts_of(person: Person, reader: Anyone) -> AccountQuerySet:
    """What is theirs, and not all that they may see."""
    contact = Contact.objects.filter(account=OuterRef("pk"), person=person)
    return Account.objects.visible_to(reader).filter(Q(Exists(contact)) | Q(team__lead=person))


def _period(round_: MailRound, person: Person) -> Period:
    """From the last digest that was not lost; for who had none, from the round before the first."""
    lost = (Message.State.FAILED, Message.State.DROPPED)
    had = Message.objects.filter(person=person, kind=Message.Kind.DIGEST, as_of__isnull=False)
    last = had.exclude(state__in=lost).order_by("-as_of").first()
    first = had.order_by("as_of").values_list("as_of", flat=True).first()
    since = round_.since
    if last and last.as_of:
        since = last.as_of
    elif first and (begun := MailRound.objects.filter(kind=round_.kind, as_of=first).first()):
        since = begun.since
    before = MailRound.objects.filter(kind=round_.kind, as_of=since).first()
    return Period(since, round_.as_of, before.last_finding if before else None, last is None)


def _news(person: Person, reader: User, own: AccountQuerySet, period: Period) -> Iterator[News]:
    backwards, forwards = _moved(reader, own, period)
    overview, work = reverse("roadmap:overview"), reverse("roadmap:my_work")
    yield News("Went backwards", backwards, overview, "went backwards")
    new = _findings(reader, own, period)
    yield News("New findings", new, reverse("roadmap:finding_list"), "new finding")
    ending = _ending(person, reader, own, period)
    yield News("End soon", ending, reverse("roadmap:attestations"), "ends soon")
    if may(reader, Action.CONFIRM):
        yield News("To confirm", _to_confirm(reader, period), work, "to confirm")
    yield News("Got better", forwards, overview, "got better")


def _moved(reader: User, own: AccountQuerySet, period: Period) -> tuple[Some, Some]:
    """What is worse and what is better than at the last digest, whatever it was between."""
    hidden = hidden_from(reader)
    shown = [key for key, item in items().items() if item.counts and key not in hidden]
    changes = VerdictChange.objects.filter(
        account__in=own.order_by().values("pk"),
        item__in=shown,
        at__gt=period.since,
        at__lte=period.until,
    ).exclude(cause=VerdictChange.Cause.FIRST)
    rows = changes.order_by("at", "pk").values_list(*MOVE)
    began: dict[tuple[int, str], str] = {}
    last: dict[tuple[int, str], tuple[int, str]] = {}
    for pk, account, item, before, after in rows:
        began.setdefault((account, item), before)
        last[account, item] = (pk, after)
    moves = [(pk, Status(began[k]), Status(after)) for k, (pk, after) in last.items() if began[k]]
    return (
        _moves([(pk, was) for pk, was, now in moves if is_setback(was, now)]),
        _moves([(pk, was) for pk, was, now in moves if is_progress(was, now)]),
    )


def _moves(moves: Sequence[tuple[int, Status]]) -> Some:
    """Last changes, and what the verdicts were before all of them."""
    first = moves[:MOST_LINES]
    rows = VerdictChange.objects.select_related("account").in_bulk([pk for pk, _ in first])
    return Some(len(moves), [_move(rows[pk], was) for pk, was in first])


def _move(change: VerdictChange, was: Status) -> Line:
    item = items()[change.item]
    return Line(
        f"{change.account}: {item.title}",
        reverse("roadmap:verdict", args=[change.account.account_id, item.stage.slug, item.slug]),
        f"{was.label} → {Status(change.to_status).label}. {change.sentence}",
    )


def _findings(reader: User, own: AccountQuerySet, period: Period) -> Some:
    least = WEIGHTS[Severity(load_policy().at(Place())["DIGEST_SEVERITY"])]
    found = visible_findings(reader).filter(
        is_open(),
        account__in=list(own.order_by().values_list("pk", flat=True)),
        weight__gte=least,
    )
    if period.after_finding is None:
        found = found.filter(first_seen_at__gt=period.since)
    else:
        found = found.filter(pk__gt=period.after_finding)
    lines = [
        Line(
            finding.title,
            reverse("roadmap:finding", args=[finding.pk]),
            f"{finding.get_severity_display()}, in {finding.account}",
        )
        for finding in found.select_related("account").order_by("-weight", "-pk")[:MOST_LINES]
    ]
    return Some(found.order_by().count(), lines)


def _ending(person: Person, reader: User, own: AccountQuerySet, period: Period) -> Some:
    """Answers and exceptions that came within reach of their end."""
    pks = list(own.order_by().values_list("pk", flat=True))
    answers = attestations.standing(reader).filter(
        Q(account__in=pks) | Q(team__lead=person) | Q(author__person=person)
    )
    granted = exceptions.in_state(reader, period.until, RuleException.State.HOLDS).filter(
        Q(account__in=pks) | Q(requester__person=person)
    )
    granted = granted.exclude(item__in=hidden_from(reader))
    reached = Reached(None if period.is_first else period.since, period.until)
    rows: list[Ending] = [*reached.answers(answers), *reached.exceptions(granted)]
    return Some.of([line_of(row) for row in rows])


def _to_confirm(reader: User, period: Period) -> Some:
    """Accounts that wait for a confirmation, since it is too old or the account became theirs."""
    policy = load_policy()
    rows = to_confirm(reader).select_related("observed_organization").order_by("account_id")
    owned = DatedValue.objects.filter(column="owner", valid_to=None, account__in=rows.values("pk"))
    became_theirs = dict(owned.values_list("account_id", "valid_from"))
    found = []
    for account in rows:
        waits = [confirmed_until(account, policy) or account.registered_at or EVER]
        if account.pk in became_theirs:  # A day is over at its end.
            day = became_theirs[account.pk] + timedelta(days=1)
            waits.append(datetime.combine(day, time(), UTC))
        if period.is_new(max(waits)):
            at = account.confirmed_at
            note = f"Last confirmed on {at:%Y-%m-%d}." if at else "Never confirmed."
            found.append(Line(f"{account}", reverse("roadmap:my_work"), note))
    return Some.of(found)
