"""People's answers where no API can tell: who may give which, and what makes one valid.

Section 0.8 of the evidence rules. An answer is never changed: a newer one takes its place, and one
that is withdrawn stays, as withdrawn. Giving or withdrawing judges the accounts concerned at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from collectors.store import place_of
from inventory.access import Action, may, require
from inventory.models import Account, Organization, Team, TeamMembership, User
from inventory.models.accounts import AccountQuerySet
from inventory.policy import Place, load_policy
from roadmap.models import Attestation, VerdictChange
from roadmap.registry import Attestable, Item, Level, items
from roadmap.triggers import judge_soon

Claim = Attestation.Claim
Target = Account | Team | Organization


@dataclass(frozen=True)
class Answer:
    """What a person says. ``expires_at`` empty means as long as the item allows."""

    claim: str
    statement: str
    url: str = ""
    about: str = ""
    expires_at: datetime | None = None


def level_of(target: Target) -> Level:
    levels = {Account: Level.ACCOUNT, Team: Level.TEAM, Organization: Level.ORGANIZATION}
    return levels[type(target)]


def attestable(item: Item, level: Level) -> Attestable:
    """What the item asks at this level. Raises ValidationError if it asks nothing there."""
    for asked in item.attests:
        if asked.level == level:
            return asked
    raise ValidationError(f"{item.title} is not something a person can answer per {level}.")


def days_of(asked: Attestable, values: Any) -> int:
    """How long an answer holds at most; ``values`` are the settings of the place."""
    days = int(values[asked.days_setting]) if asked.days_setting else asked.days
    return min(days, int(values["ATTESTATION_MAX_DAYS"]))


def give(user: User, item_key: str, target: Target, answer: Answer) -> Attestation:
    """Record an answer and judge what it speaks of.

    Raises PermissionDenied, and ValidationError with a message per field.
    """
    item = _item(item_key)
    _check_may(user, target)
    asked = attestable(item, level_of(target))
    now = datetime.now(UTC)
    latest = now + timedelta(days=days_of(asked, load_policy().at(_place(target))))
    _validate(answer, asked, now, latest)
    with transaction.atomic():
        given = Attestation.objects.create(
            item=item.key,
            claim=answer.claim,
            about=answer.about.strip(),
            statement=answer.statement.strip(),
            url=answer.url,
            author=user,
            expires_at=answer.expires_at or latest,
            **{level_of(target).value: target},
        )
        _judge(target)
    return given


def withdraw(user: User, attestation: Attestation) -> None:
    """Take an answer back; it no longer counts and stays in the history."""
    target = attestation.account or attestation.team or attestation.organization
    assert target is not None  # a constraint of the table
    _check_may(user, target)
    with transaction.atomic():
        standing = Attestation.objects.filter(pk=attestation.pk, withdrawn_at=None)
        if standing.update(withdrawn_at=datetime.now(UTC)):
            _judge(target)


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
    return Attestation.objects.filter(
        Q(account__in=accounts.values("pk"))
        | Q(team__in=accounts.values("team"))
        | Q(organization__in=accounts.values("observed_organization"))
    )


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


def _validate(answer: Answer, asked: Attestable, now: datetime, latest: datetime) -> None:
    errors: dict[str, str] = {}
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


def _judge(target: Target) -> None:
    judge_soon(
        list(accounts_of(target).values_list("pk", flat=True)),
        cause=VerdictChange.Cause.ATTESTATION,
    )


class AttestationForm(forms.Form):
    """Asks what one item wants to know at one level."""

    claim = forms.ChoiceField(label="Answer", widget=forms.RadioSelect)
    about = forms.CharField(max_length=300, required=False)
    statement = forms.CharField(
        label="In a sentence or two", max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    url = forms.URLField(
        label="Link to the evidence",
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text="Needed for “done” and “partly done”.",
    )
    expires_on = forms.DateField(
        label="Holds until",
        required=False,
        help_text="Empty: as long as the item allows.",
        widget=forms.DateInput({"type": "date"}),
    )

    def __init__(self, *args: Any, asked: Attestable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        claim = self.fields["claim"]
        assert isinstance(claim, forms.ChoiceField)
        claim.choices = _choices(asked)
        if asked.about:
            self.fields["about"].label = asked.about
        else:
            del self.fields["about"]

    def save(self, user: User, item_key: str, target: Target) -> Attestation | None:
        """The attestation; None with the form's errors set where the service refuses it."""
        data = self.cleaned_data
        ends = data.get("expires_on")
        answer = Answer(
            claim=data["claim"],
            statement=data["statement"],
            url=data.get("url") or "",
            about=data.get("about", ""),
            expires_at=datetime(ends.year, ends.month, ends.day, tzinfo=UTC) if ends else None,
        )
        try:
            return give(user, item_key, target, answer)
        except ValidationError as error:
            self._refuse(error)
            return None

    def _refuse(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        names = {"expires_at": "expires_on"}
        for name, problems in error.error_dict.items():
            field = names.get(name, name)
            self.add_error(field if field in self.fields else None, problems)


def _choices(asked: Attestable) -> Sequence[tuple[str, str]]:
    return [(c.value, c.label) for c in Claim if c != Claim.DECLINED or asked.declinable]
