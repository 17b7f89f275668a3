"""People's answers where no API can tell: who may give which, and what makes one valid.

Section 0.8 of the evidence rules. An answer is never changed: a newer one takes its place, and one
that is withdrawn stays, as withdrawn. Giving or withdrawing judges the accounts concerned at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber

from collectors.store import place_of
from inventory import audit
from inventory.access import Action, may, require
from inventory.audit import Event
from inventory.models import Account, Organization, Team, TeamMembership, User
from inventory.models.accounts import AccountQuerySet
from inventory.policy import Place, load_policy
from roadmap.models import Attestation, VerdictChange
from roadmap.registry import Attestable, Detail, DetailKind, Item, Level, items
from roadmap.restricted import hidden_from
from roadmap.triggers import judge_soon

Claim = Attestation.Claim
DECLINED_DAYS = 365  # that an item is declined is asked again after a year, whatever it is
LONGEST_LINE = 1000
MOST_LINES = 1000
Target = Account | Team | Organization


@dataclass(frozen=True)
class Answer:
    """What a person says. ``expires_at`` empty means as long as the item allows."""

    claim: str
    statement: str
    url: str = ""
    about: str = ""
    expires_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def level_of(target: Target) -> Level:
    levels = {Account: Level.ACCOUNT, Team: Level.TEAM, Organization: Level.ORGANIZATION}
    return levels[type(target)]


def attestable(item: Item, level: Level) -> Attestable:
    """What the item asks at this level. Raises ValidationError if it asks nothing there."""
    for asked in item.attests:
        if asked.level == level:
            return asked
    raise ValidationError(f"{item.title} is not something a person can answer per {level}.")


def days_of(asked: Attestable, claim: str, values: Any) -> int:
    """How long an answer holds at most; ``values`` are the settings of the place."""
    days = int(values[asked.days_setting]) if asked.days_setting else asked.days
    days = DECLINED_DAYS if claim == Claim.DECLINED else days
    return min(days, int(values["ATTESTATION_MAX_DAYS"]))


def give(user: User, item_key: str, target: Target, answer: Answer) -> Attestation:
    """Record an answer and judge what it speaks of.

    Raises PermissionDenied, and ValidationError with a message per field.
    """
    item = _item(item_key)
    _check_may(user, target)
    asked = attestable(item, level_of(target))
    now = datetime.now(UTC)
    latest = now + timedelta(days=days_of(asked, answer.claim, load_policy().at(_place(target))))
    details = _validate(answer, asked, now, latest)
    with transaction.atomic():
        given = Attestation.objects.create(
            item=item.key,
            claim=answer.claim,
            about=answer.about.strip(),
            statement=answer.statement.strip(),
            url=answer.url,
            details=details,
            author=user,
            expires_at=answer.expires_at or latest,
            **{level_of(target).value: target},
        )
        _judge(target)
        audit.record(Event.ATTESTED, given, **_told(given, target))
    return given


def renew(user: User, attestation: Attestation) -> Attestation:
    """Say the same again, for as long as the item allows. Raises as ``give``, where what was said
    is not enough any more."""
    return give(
        user,
        attestation.item,
        attestation.target,
        Answer(
            attestation.claim,
            attestation.statement,
            attestation.url,
            attestation.about,
            details=attestation.details,
        ),
    )


def withdraw(user: User, attestation: Attestation) -> None:
    """Take an answer back; it no longer counts and stays in the history."""
    target = attestation.target
    _check_may(user, target)
    with transaction.atomic():
        standing = Attestation.objects.filter(pk=attestation.pk, withdrawn_at=None)
        if standing.update(withdrawn_at=datetime.now(UTC)):
            _judge(target)
            audit.record(Event.ANSWER_WITHDRAWN, attestation, **_told(attestation, target))


def _told(answer: Attestation, target: Target) -> dict[str, Any]:
    """What the audit log says of an answer."""
    named = audit.thing_of(target)
    return {"item": answer.item, "claim": answer.claim, "rows": [f"{named.kind}:{named.key}"]}


def of_account(account: Account) -> QuerySet[Attestation]:
    """The answers that speak of an account, those withdrawn left out; narrowest level first."""
    speaks = Q(account=account)
    if account.team_id:
        speaks |= Q(team=account.team_id)
    if account.observed_organization_id:
        speaks |= Q(organization=account.observed_organization_id)
    rows = Attestation.objects.filter(speaks, withdrawn_at=None)
    return rows.order_by("item", "organization", "team", "-created_at")


def visible_to(user: User) -> QuerySet[Attestation]:
    """The answers about accounts, teams and organizations of the accounts the user may see."""
    accounts = Account.objects.visible_to(user).order_by()
    return Attestation.objects.exclude(item__in=hidden_from(user)).filter(
        Q(account__in=accounts.values("pk"))
        | Q(team__in=accounts.values("team"))
        | Q(organization__in=accounts.values("observed_organization"))
    )


def standing(user: User) -> QuerySet[Attestation]:
    """The latest answer for each item and target that the user sees, those that end first on top;
    withdrawn and replaced ones are left out."""
    return latest(visible_to(user))


def latest(answers: QuerySet[Attestation]) -> QuerySet[Attestation]:
    """Those of the answers that are neither withdrawn nor replaced by one of the others."""
    newness = Window(
        RowNumber(),
        partition_by=["item", "account", "team", "organization", "about"],
        order_by=["-created_at", "-pk"],
    )
    rows = answers.filter(withdrawn_at=None).alias(newness=newness)
    # By key, or what narrows these further would choose among fewer rows which one is the latest.
    found = Attestation.objects.filter(pk__in=rows.filter(newness=1).order_by().values("pk"))
    return found.order_by("expires_at", "item", "pk")


def accounts_of(target: Target) -> AccountQuerySet:
    """The accounts an answer about the target speaks of."""
    if isinstance(target, Account):
        return Account.objects.filter(pk=target.pk)
    if isinstance(target, Team):
        return Account.objects.filter(team=target)
    return Account.objects.filter(observed_organization=target)


def may_answer(user: User, target: Target) -> bool:
    """Whether the user may answer for the target: their role, and rows they can see. A team is
    answered for by its people, and by those who may answer for the organization."""
    if isinstance(target, Organization):
        return may(user, Action.ATTEST_ORGANIZATION)
    if not may(user, Action.ATTEST):
        return False
    if may(user, Action.ATTEST_ORGANIZATION):
        return True
    if isinstance(target, Account):
        return Account.objects.visible_to(user).filter(pk=target.pk).exists()
    person = user.person_id
    member = TeamMembership.objects.filter(team=target, person=person, valid_to=None)
    return person is not None and (target.lead_id == person or member.exists())


def _check_may(user: User, target: Target) -> None:
    if may_answer(user, target):
        return
    organization = isinstance(target, Organization)
    require(user, Action.ATTEST_ORGANIZATION if organization else Action.ATTEST)
    raise PermissionDenied(f"You may not answer for {target}.")


def _item(key: str) -> Item:
    try:
        return items()[key]
    except KeyError:
        raise ValidationError(f"{key} is no item of the roadmap.") from None


def _place(target: Target) -> Place:
    if isinstance(target, Organization):
        return Place(organization=target.organization_id)
    return place_of(target) if isinstance(target, Account) else Place()


def _validate(answer: Answer, asked: Attestable, now: datetime, latest: datetime) -> dict[str, Any]:
    """The details as they are kept. Raises ValidationError with a message per field."""
    errors: dict[str, str] = {}
    details: dict[str, Any] = {}
    for detail in asked.details:
        try:
            value = clean_detail(detail, answer.details.get(detail.name), answer.claim)
        except ValidationError as error:
            errors[detail.name] = error.messages[0]
        else:
            details |= {} if value is None else {detail.name: value}
    if answer.claim not in Claim.values:
        errors["claim"] = f"Choose one of {', '.join(Claim.values)}."
    elif answer.claim == Claim.DECLINED and not asked.declinable:
        errors["claim"] = "This item cannot be declined."
    if answer.claim in (Claim.DONE, Claim.PARTLY) and not answer.url:
        errors["url"] = "Add a link to the evidence."
    elif answer.url:
        try:
            forms.URLField(assume_scheme="https", max_length=1000).clean(answer.url)
        except ValidationError:
            errors["url"] = "Write a whole link, such as https://wiki.example.com/page."
    if not answer.statement.strip():
        errors["statement"] = "Say in a sentence what is so."
    if answer.expires_at is not None and not now < answer.expires_at <= latest:
        errors["expires_at"] = f"Choose a day after today and not after {latest.date()}."
    if errors:
        raise ValidationError(errors)
    return details


def clean_detail(detail: Detail, given: Any, claim: str) -> Any:
    """What is kept of a detail, None for none. Raises ValidationError with the cure."""
    if given in (None, "", []):
        if detail.required and claim == Claim.DONE:
            raise ValidationError(f"{detail.label}: needed for an answer of “done”.")
        return None
    try:
        return _CLEANED[detail.kind](detail, given)
    except (ValueError, TypeError, ValidationError):
        raise ValidationError(f"{detail.label}: {_CURES[detail.kind](detail)}") from None


def _lines(_: Detail, given: Any) -> list[str]:
    lines = given.splitlines() if isinstance(given, str) else [str(line) for line in given]
    found = [line.strip() for line in lines if line.strip()]
    if len(found) > MOST_LINES or any(len(line) > LONGEST_LINE for line in found):
        raise ValueError
    return found


def _text(_: Detail, given: Any) -> str:
    text = str(given).strip()
    if len(text) > LONGEST_LINE:
        raise ValueError
    return text


def _number(_: Detail, given: Any) -> int:
    number = int(given)
    if not 0 <= number <= 1_000_000_000:
        raise ValueError
    return number


def _choice(detail: Detail, given: Any) -> str:
    if given not in detail.choices:
        raise ValueError
    return str(given)


def _link(_: Detail, given: Any) -> str:
    return str(forms.URLField(assume_scheme="https", max_length=1000).clean(str(given)))


_CLEANED: Mapping[DetailKind, Callable[[Detail, Any], Any]] = {
    DetailKind.TEXT: _text,
    DetailKind.LINES: _lines,
    DetailKind.DATE: lambda _, given: date.fromisoformat(str(given)).isoformat(),
    DetailKind.NUMBER: _number,
    DetailKind.CHOICE: _choice,
    DetailKind.URL: _link,
}
_CURES: Mapping[DetailKind, Callable[[Detail], str]] = {
    DetailKind.TEXT: lambda _: f"write at most {LONGEST_LINE} characters.",
    DetailKind.LINES: lambda _: (
        f"write at most {MOST_LINES} lines of at most {LONGEST_LINE} characters."
    ),
    DetailKind.DATE: lambda _: "write a day such as 2026-11-24.",
    DetailKind.NUMBER: lambda _: "write a whole number.",
    DetailKind.CHOICE: lambda detail: f"choose one of {', '.join(detail.choices)}.",
    DetailKind.URL: lambda _: "write a whole link, such as https://wiki.example.com/page.",
}


def _judge(target: Target) -> None:
    judge_soon(
        list(accounts_of(target).values_list("pk", flat=True)),
        cause=VerdictChange.Cause.ATTESTATION,
    )
