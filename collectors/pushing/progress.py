"""How far a push has come, what it comes to, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, Count, Q, QuerySet, When

from collectors.alternate_contacts import ROLES, Details
from collectors.models import ContactPush, ContactPushItem
from collectors.outcomes import Outcome
from collectors.pushing.role import TRUSTED_ACCESS

State = ContactPushItem.State


@dataclass(frozen=True)
class Progress:
    """Items by state. While it is planned, items are read; then those that change are written."""

    states: Mapping[str, int]
    accounts: int
    is_planning: bool

    def of(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        if self.is_planning:
            return sum(self.states.values())
        return self.of(*ContactPushItem.CHANGES)

    @property
    def done(self) -> int:
        if self.is_planning:
            return self.total - self.of(State.OPEN)
        return self.total - self.of(*ContactPushItem.TO_WRITE)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

    @property
    def changes(self) -> int:
        return self.of(State.CHANGE)

    @property
    def written(self) -> int:
        return self.of(State.DONE)

    @property
    def wanting(self) -> int:
        return self.of(*ContactPushItem.WANTING)

    @property
    def by_state(self) -> Sequence[tuple[str, str, int]]:
        """State, its words, and how many, of those that there are."""
        return [(one, one.label, n) for one in State if (n := self.states.get(one, 0))]


def progress_of(push: ContactPush) -> Progress:
    """Two queries."""
    rows = push.items.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n")
    changing = push.items.filter(state__in=ContactPushItem.CHANGES).order_by()
    return Progress(
        states=dict(rows),
        accounts=changing.values("account").distinct().count(),
        is_planning=push.state == ContactPush.State.PLANNING,
    )


@dataclass(frozen=True)
class Line:
    """An item as a page shows it; ``changed`` are the fields that writing it changes."""

    item: ContactPushItem
    before: Details | None
    after: Details | None
    found: Details | None
    changed: tuple[str, ...]

    @property
    def label(self) -> str:
        return str(ROLES[self.item.type].label)

    @property
    def was_read(self) -> bool:
        """Whether ``before`` is what AWS holds; of what is not pushed AWS may not be asked."""
        return self.before is not None or self.item.state not in (State.OPEN, State.LEFT_OUT)


def line_of(item: ContactPushItem) -> Line:
    before, after, found = (
        Details(**held) if held else None for held in (item.before, item.after, item.found)
    )
    changed = after.differing(before) if before and after else ()
    return Line(item, before, after, found, changed)


# What asks for attention comes first, and what there is nothing to do about last.
_ORDER = (
    State.WRITING,
    State.UNVERIFIED,
    State.CHANGED,
    State.FAILED,
    State.CHANGE,
    State.DONE,
    State.CANCELLED,
    State.OPEN,
    State.LEFT_OUT,
    State.NOTHING,
)


def items_of(push: ContactPush, state: str = "") -> QuerySet[ContactPushItem]:
    """Those of a state, or all."""
    items = push.items.select_related("account")
    if state in State.values:
        return items.filter(state=state)
    rank = Case(*(When(state=one, then=number) for number, one in enumerate(_ORDER)))
    return items.order_by(rank, "account__account_id", "type")


@dataclass
class Cause:
    """Items that failed alike, and what to do about them."""

    title: str
    cure: str
    items: list[ContactPushItem] = field(default_factory=list)

    @property
    def messages(self) -> Iterator[tuple[str, str, str]]:
        """Account id, type and message."""
        for item in self.items:
            yield item.account.account_id, ROLES[item.type].label, item.message


_TITLES: Mapping[str, str] = {
    Outcome.ACCESS_DENIED: "AWS does not let the role read or write the contact",
    Outcome.ASSUME_ROLE_DENIED: "The contacts role could not be assumed",
    Outcome.THROTTLED: "AWS asked to slow down ten times",
    "ValidationException": "AWS refused the contact as it is",
    "WorkerLost": "Workers died while they wrote it",
    "unverified": "AWS took the contact and answers with another one",
    "changed": "Somebody changed the contact in AWS after it was planned",
    Outcome.API_ERROR: "AWS gave no usable answer",
}
_CURES: Mapping[str, str] = {
    Outcome.ACCESS_DENIED: (
        "Allow account:GetAlternateContact and account:PutAlternateContact in the contacts role "
        f"and in the service control policies above it. {TRUSTED_ACCESS}. Then try again."
    ),
    Outcome.ASSUME_ROLE_DENIED: (
        "Create it with the template, and check its trust policy: Cairn's principal and the "
        "external id. Then try again."
    ),
    Outcome.THROTTLED: ("Try again in some minutes. Other tools of the company share AWS's rate."),
    "ValidationException": (
        "Correct the person's name, title, address or phone in the sheet, and plan again."
    ),
    "WorkerLost": (
        "Look into the worker's log and memory; then try again. AWS is asked first what it holds."
    ),
    "unverified": (
        "AWS may need a moment: try again, which looks first. If it stays, look in the AWS "
        "console who else writes this contact."
    ),
    "changed": "Nothing was written over it. Decide which one is right, and plan again.",
    Outcome.API_ERROR: (
        "Try again, which looks first what AWS holds. AWS's health dashboard may say more."
    ),
}


def cure_of(outcome: str, code: str) -> str:
    return _CURES[_cause_of(outcome, code)]


def _cause_of(outcome: str, code: str) -> str:
    return next((name for name in (code, outcome) if name in _TITLES), Outcome.API_ERROR)


def causes_of(push: ContactPush) -> list[Cause]:
    """What went wrong, by cause, that of most contacts first. One query."""
    wrong = push.items.select_related("account").filter(
        ~Q(outcome="", code="") | Q(state=State.CHANGED)
    )
    causes: dict[str, Cause] = {}
    for item in wrong:
        key = _cause(item)
        causes.setdefault(key, Cause(_TITLES[key], _CURES[key])).items.append(item)
    return sorted(causes.values(), key=lambda cause: -len(cause.items))


def _cause(item: ContactPushItem) -> str:
    if item.state == State.CHANGED:
        return "changed"
    return _cause_of(item.outcome, item.code)
