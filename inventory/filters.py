"""The filters of the account list, one declaration for the page, the API and links between pages.

Each filter has a label, options to choose from, and a phrase for the sentence above the list
("214 of 3,120 accounts in Payments without a confirmed owner"). An upper layer adds its own with
``register_filter``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from inventory import drift, search
from inventory.access import Anyone, visible_rows
from inventory.columns import ORGANIZATIONS, OUS, PAYERS, TEAMS
from inventory.models import Account, AccountClass, AccountState, Contact, ContactRole
from inventory.policy import Place, load_policy

NONE = "none"  # the value that stands for accounts without any
Options = Sequence[tuple[str, str]]


class Told(django_filters.Filter):
    """A filter that the page can say in words. Its declaration never changes, so that each
    request may share it. ``unsaid`` are the words for no choice, empty where one must be made;
    ``is_typed`` ones take a text where there are too many options to choose from."""

    unsaid = "Any"
    is_typed = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy.copy(self)

    def options(self, user: Anyone) -> Options:
        """Values to choose from, with their words; empty for free text."""
        return ()

    def phrase(self, values: Sequence[str], names: Sequence[str]) -> str:
        """The filter in the sentence, such as "in Payments"."""
        raise NotImplementedError


class _Texts(forms.MultipleChoiceField):
    """Any texts: a value that no row holds matches nothing, which the page then says."""

    def valid_value(self, value: object) -> bool:
        return True


class _Known(forms.MultipleChoiceField):
    """Texts of a set that is looked into, where a list of choices would be copied every time."""

    def __init__(self, *, known: Container[str], **more: Any) -> None:
        super().__init__(**more)
        self.known = known

    def valid_value(self, value: object) -> bool:
        return value in self.known


class Named(Told, django_filters.MultipleChoiceFilter):
    """Rows whose ``field_name`` is one of some names; ``none`` is those without one."""

    field_class = _Texts

    def __init__(
        self,
        field_name: str,
        label: str,
        options: Callable[[Anyone], Options],
        phrase: str = "in {}",
        without: str = "",
        **more: Any,
    ) -> None:
        super().__init__(field_name=field_name, label=label, **more)
        self._options = options
        self._phrase = phrase
        self._without = without

    def options(self, user: Anyone) -> Options:
        without = [(NONE, self._without.capitalize())] if self._without else []
        return [*self._options(user), *without]

    def phrase(self, values: Sequence[str], names: Sequence[str]) -> str:
        if list(values) == [NONE]:
            return self._without
        return self._phrase.format(" or ".join(names))

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        path = str(self.field_name)
        found = Q((f"{path}__in", [v for v in value if v != NONE]))
        if NONE in value:
            found |= Q((f"{path}__isnull", True)) | Q((path, ""))
        return qs.filter(found)


class Chosen(Told, django_filters.MultipleChoiceFilter):
    """Rows for which one of some declared conditions holds: value → (words, phrase, Q)."""

    def __init__(
        self, label: str, conditions: dict[str, tuple[str, str, Callable[[], Q]]], **more: Any
    ) -> None:
        choices = [(value, words) for value, (words, _, _) in conditions.items()]
        super().__init__(choices=choices, label=label, **more)
        self._conditions = conditions

    @property
    def field(self) -> forms.Field:
        return _Known(known=self._conditions.keys(), label=self.label, required=False)

    def options(self, user: Anyone) -> Options:
        return [(value, words) for value, (words, _, _) in self._conditions.items()]

    def phrase(self, values: Sequence[str], names: Sequence[str]) -> str:
        known = [self._conditions[value][1] for value in values if value in self._conditions]
        return " or ".join(known)

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        found = Q()
        for one in value:
            found |= self._conditions[one][2]()
        return qs.filter(found) if value else qs


class SearchFilter(Told, django_filters.CharFilter):
    """Accounts that hold every word somewhere; ids with or without dashes, and ARNs."""

    def phrase(self, values: Sequence[str], names: Sequence[str]) -> str:
        return f"matching “{names[0]}”"

    def filter(self, qs: QuerySet[Account], value: str) -> QuerySet[Account]:
        return qs.filter(search.accounts(value)) if value else qs


class PersonFilter(Named):
    """Accounts that name a person in any contact role."""

    def filter(self, qs: QuerySet[Account], value: Sequence[str]) -> QuerySet[Account]:
        if not value:
            return qs
        named = Contact.objects.filter(person__email__in=value)
        return qs.filter(pk__in=named.values("account"))


class BelowFilter(Named):
    """Accounts in an OU or in any below it."""

    def filter(self, qs: QuerySet[Account], value: Sequence[str]) -> QuerySet[Account]:
        if not value:
            return qs
        units = OUS.model._default_manager.values_list("ou_id", "ancestors")
        wanted = set(value)
        below = [ou for ou, ancestors in units if ou in wanted or wanted & set(ancestors)]
        return qs.filter(ou__ou_id__in=below)


def _rows(sheet: Any, value: str, *words: str) -> Callable[[Anyone], Options]:
    def options(user: Anyone) -> Options:
        rows = visible_rows(sheet, user).order_by(words[0], value).values_list(value, *words)
        return [(row[0], " · ".join(text for text in row[1:] if text)) for row in rows]

    return options


def _environments(user: Anyone) -> Options:
    names = Account.objects.visible_to(user).exclude(environment="").order_by("environment")
    return [(name, name) for name in names.values_list("environment", flat=True).distinct()]


def _named_by_anyone(user: Anyone) -> Options:
    return ()  # There are too many people to list; links bring the value.


def has_owner() -> Q:
    owned = Contact.objects.filter(role=ContactRole.OWNER)
    return Q(pk__in=owned.values("account"))


def is_confirmed() -> Q:
    """The account has an owner and was confirmed within OWNER_CONFIRM_DAYS of its organization."""
    policy = load_policy()
    name, now = "OWNER_CONFIRM_DAYS", datetime.now(UTC)
    own = {
        target
        for setting, level, target in policy.rows
        if setting == name and level == "organization"
    }

    def since(organization: str) -> Q:
        days = int(policy.at(Place(organization=organization))[name])
        return Q(confirmed_at__gte=now - timedelta(days=days))

    recent = since("")
    if own:
        recent &= Q(observed_organization=None) | ~Q(observed_organization__organization_id__in=own)
    for organization in own:
        recent |= Q(observed_organization__organization_id=organization) & since(organization)
    return recent & has_owner()


def in_aws() -> Q:
    return ~Q(state__in=["", AccountState.LEFT])


def in_sheet() -> Q:
    return Q(registered_at__isnull=False)


def _with(column: Any) -> tuple[str, str, Callable[[], Q]]:
    phrase = f"whose {column.label.lower()} differs from AWS"
    return column.label, phrase, lambda: drift.drifting([column])


def _state(value: str) -> Callable[[], Q]:
    return lambda: Q(state=value)


def _class(value: str) -> Callable[[], Q]:
    # Text of a JSON list: SQLite has no lookup for what a list contains.
    return lambda: Q(classes__icontains=f'"{value}"')


class ToldFilters(django_filters.FilterSet):
    """Filters of a list that the page can say in words, in the order in which they are told."""

    def __init__(self, data: QueryDict | None = None, *args: Any, **more: Any) -> None:
        """A form sends its empty controls too; they say nothing. No text of ours holds a NUL."""
        self.given = QueryDict(mutable=True)
        for name, values in (data or self.given).lists():
            texts = [value.replace("\0", "") for value in values]
            self.given.setlist(name, [text for text in texts if text.strip()])
        super().__init__(self.given, *args, **more)

    def active(self) -> Iterator[tuple[str, Any, list[str]]]:
        """Name, filter and values of the filters that the address names."""
        for name, one in self.filters.items():
            if values := self.given.getlist(name):
                yield name, one, values


class AccountFilters(ToldFilters):
    """Applied to ``Account.objects.visible_to(user)``."""

    q = SearchFilter(label="Search")
    team = Named("team__slug", "Team", _rows(TEAMS, "slug", "name"), without="without a team")
    environment = Named(
        "environment",
        "Environment",
        _environments,
        "in environment {}",
        without="without an environment",
    )
    organization = Named(
        "observed_organization__organization_id",
        "Organization",
        _rows(ORGANIZATIONS, "organization_id", "name"),
        "in organization {}",
        without="in no organization",
    )
    ou = Named("ou__ou_id", "OU", _rows(OUS, "ou_id", "path"), "in OU {}", without="in no OU")
    below = BelowFilter(
        "ou__ou_id", "OU and below", _rows(OUS, "ou_id", "path"), "in or below OU {}"
    )
    payer = Named(
        "payer__account_id",
        "Payer",
        _rows(PAYERS, "account_id", "account_id", "name"),
        "paid by {}",
        without="without a payer",
    )
    person = PersonFilter("contacts__email", "Contact", _named_by_anyone, "of {}")
    state = Chosen(
        "State",
        {
            value: (str(label), f"in state {str(label).lower()}", _state(value))
            for value, label in AccountState.choices
        },
    )
    account_class = Chosen(
        "Class",
        {
            value: (str(label), f"of class {str(label).lower()}", _class(value))
            for value, label in AccountClass.choices
        },
    )
    has_owner = Chosen(
        "Owner",
        {
            "yes": ("Has an owner", "with an owner", has_owner),
            "no": ("Has no owner", "without an owner", lambda: ~has_owner()),
        },
    )
    confirmed = Chosen(
        "Confirmation",
        {
            "yes": ("Confirmed owner", "with a confirmed owner", is_confirmed),
            "no": ("No confirmed owner", "without a confirmed owner", lambda: ~is_confirmed()),
        },
    )
    in_organization = Chosen(
        "Membership",
        {
            "yes": (
                "In an organization",
                "in an organization",
                lambda: Q(observed_organization__isnull=False) & in_aws(),
            ),
            "no": (
                "In no organization",
                "in no organization",
                lambda: Q(observed_organization__isnull=True) | ~in_aws(),
            ),
        },
    )
    presence = Chosen(
        "Found in",
        {
            "both": ("Sheet and AWS", "in the sheet and in AWS", lambda: in_sheet() & in_aws()),
            "sheet": ("Sheet only", "in the sheet only", lambda: in_sheet() & ~in_aws()),
            "aws": ("AWS only", "in AWS only", lambda: in_aws() & ~in_sheet()),
        },
    )
    drift = Chosen(
        "Drift",
        {"any": ("Any difference", "that differ from AWS", drift.drifting)}
        | {column.name: _with(column) for column in drift.DRIFTING},
    )

    class Meta:
        model = Account
        fields: Sequence[str] = ()


def register_filter(name: str, one: Told) -> None:
    """Add a filter of an upper layer to the account list and the API; call it in ``ready``."""
    AccountFilters.base_filters[name] = one


@dataclass(frozen=True)
class Active:
    """One value of an active filter, as a chip."""

    name: str
    value: str
    label: str
    words: str


@dataclass(frozen=True)
class Described:
    """The filters in words: what may be chosen, what is, and the end of the sentence."""

    options: Mapping[str, Options]
    active: Sequence[Active]
    sentence: str


def describe(filters: ToldFilters, user: Anyone, *, panel: bool = True) -> Described:
    """One query for each filter whose options are rows; without the panel only active ones."""
    named: Mapping[str, Any] = (
        filters.filters if panel else {name: one for name, one, _ in filters.active()}
    )
    options = {name: one.options(user) for name, one in named.items()}
    chips, phrases = [], []
    for name, one, values in filters.active():
        words = dict(options[name])
        names = [words.get(value, value) for value in values]
        chips += [
            Active(name, value, str(one.label), told)
            for value, told in zip(values, names, strict=True)
        ]
        phrases.append(one.phrase(values, names))
    return Described(options, chips, " ".join(phrase for phrase in phrases if phrase))
