"""The filters of the findings, one declaration for the page, its exports and the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from inventory.access import Anyone
from inventory.filters import (
    NONE,
    AccountFilters,
    Chosen,
    Named,
    Options,
    Told,
    ToldFilters,
    has_owner,
)
from inventory.models import Account, Contact, ContactRole
from inventory.search import ARN, words_of
from roadmap.decided import HIDDEN, in_force, is_open, standing, stands_at
from roadmap.decision_states import Standing
from roadmap.due_dates import is_overdue
from roadmap.models import WEIGHTS, DecidedFinding, Finding, FindingDecision, ScannerCheck
from roadmap.registry import OF_ALL, items
from roadmap.scanner_checks import declared, mapped
from roadmap.scans import CheckKey, label_of
from roadmap.verdicts import Severity

ANY = "any"
LONGEST = 12  # words of a search
SHORTEST = 3  # letters of a word that titles and resources are searched for
State = Finding.State


def of_checks(checks: Iterable[CheckKey]) -> Q:
    """Imported findings of these checks."""
    by_tool: dict[str, list[str]] = defaultdict(list)
    for tool, check in checks:
        by_tool[tool].append(check)
    found = Q(pk__in=[])
    for tool, codes in by_tool.items():
        found |= Q(source=tool, item="", code__in=codes)
    return found


def of_items(keys: Collection[str]) -> Q:
    """Findings of items: Cairn's own, and those of the checks that belong to them. One query."""
    checks = [check for check, belongs in mapped().items() if not set(keys).isdisjoint(belongs)]
    return Q(item__in=keys) | of_checks(checks)


def fixed_by(keys: Collection[str]) -> Q:
    """Findings that the fixes of these items put right. A check of several items is fixed as the
    first of them is, so that each finding has one fix. One query."""
    checks = [check for check, belongs in mapped().items() if belongs[0] in keys]
    return Q(item__in=keys) | of_checks(checks)


def unmapped() -> Q:
    """Imported findings of checks that belong to no item. One query."""
    return Q(item="") & ~of_checks(mapped())


@extend_schema_field(OpenApiTypes.STR)
class OfAccounts(Named):
    """Findings of the accounts that a filter of the account list finds."""

    def __init__(self, name: str) -> None:
        of = AccountFilters.base_filters[name]
        assert isinstance(of, Named)
        super().__init__(str(of.field_name), str(of.label), of._options, of._phrase, of._without)

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        accounts = super().filter(Account.objects.order_by(), value)
        return qs.filter(account__in=accounts.values("pk"))


class Typed(Named):
    """Findings by a text that people type, since there are too many to choose from."""

    is_typed = True

    def __init__(self, field_name: str, label: str, phrase: str) -> None:
        super().__init__(field_name, label, lambda user: (), phrase)


class OfAccount(Typed):
    """An account's id, with or without dashes."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        ids = [one.strip().replace("-", "") for one in value]
        return qs.filter(account__in=Account.objects.filter(account_id__in=ids).values("pk"))


class OfOwner(Typed):
    """An owner's address, or ``none`` for accounts that have no owner."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        owners = Contact.objects.filter(
            role=ContactRole.OWNER, person__email__in=[one.strip().lower() for one in value]
        )
        owned = Q(pk__in=owners.order_by().values("account"))
        if NONE in value:
            owned |= ~has_owner()
        return qs.filter(account__in=Account.objects.filter(owned).order_by().values("pk"))


class OfItem(Named):
    """Findings of an item, imported ones of its checks among them."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        found = of_items([key for key in value if key != NONE])
        return qs.filter(found | unmapped() if NONE in value else found)


class AnsweredBy(Typed):
    """Findings that somebody acknowledged, or asked to decide on, by their address."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        theirs = standing(datetime.now(UTC)).filter(
            decision__requester__email__in=[one.strip().lower() for one in value]
        )
        return qs.filter(pk__in=theirs.values("finding"))


class OfDecision(Named):
    """Findings that a decision was about, by its number, whatever became of it."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        keys = [int(one) for one in value if one.isascii() and one.isdigit() and len(one) <= 18]
        about = DecidedFinding.objects.filter(decision__in=keys).order_by()
        return qs.filter(pk__in=about.values("finding"))


class ByFix(Named):
    """Findings that the fix of an item puts right."""

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        return qs.filter(fixed_by(value)) if value else qs


class InState(Chosen):
    """The page shows open findings where nothing else is asked for, so one is always chosen."""

    unsaid = ""


class TextFilter(Told, django_filters.CharFilter):
    """Findings that hold every word in their title, their resource or the id of their check."""

    def phrase(self, values: Sequence[str], names: Sequence[str]) -> str:
        if names_checks(values[0]):
            return f"of checks whose id holds “{names[0]}”"
        return f"matching “{names[0]}”"

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        held_by = _in_checks if names_checks(value or "") else _anywhere
        for word in _words(value or ""):
            qs = qs.filter(held_by(word))
        return qs


def names_checks(text: str) -> bool:
    """Whether all words of a search are shorter than the pieces of text that PostgreSQL's index
    holds. They are looked for in the ids of checks, which are few, and not in a million titles."""
    words = _words(text)
    return bool(words) and all(len(word) < SHORTEST for word in words)


def _words(text: str) -> list[str]:
    """An ARN is looked for as it stands: here it names a resource and not just its account."""
    return (text.split() if ARN.search(text) else words_of(text))[:LONGEST]


def _anywhere(word: str) -> Q:
    return Q(title__icontains=word) | Q(resource__icontains=word) | _in_checks(word)


def _in_checks(word: str) -> Q:
    return of_checks(_imported(word)) | _own(word)


def _imported(word: str) -> Iterable[CheckKey]:
    """Looked up by itself: the checks are few, and an index finds their findings."""
    checks = ScannerCheck.objects.filter(check_id__icontains=word).order_by()
    return checks.values_list("tool", "check_id")


def _own(word: str) -> Q:
    found = [
        (key, code)
        for key, item in items().items()
        for code in (*item.findings, *OF_ALL)
        if word.lower() in code.lower()
    ]
    keys, codes = {key for key, _ in found}, {code for _, code in found}
    return Q(source=Finding.OWN, item__in=keys, code__in=codes)


def _items(user: Anyone) -> Options:
    return [(key, f"{item.order} {item.title}") for key, item in items().items()]


def _sources(user: Anyone) -> Options:
    tools = sorted({tool for tool, _ in declared()})
    return [(Finding.OWN, "Cairn"), *((tool, label_of(tool)) for tool in tools)]


def _in_state(state: State) -> Any:
    return is_open if state == State.OPEN else lambda: Q(state=state)


def _hidden_by(standing: Standing) -> Any:
    """Open findings that do not count as open."""
    kind = FindingDecision.Kind.ACCEPT
    kind = kind if standing == Standing.ACCEPTED else FindingDecision.Kind.FALSE_POSITIVE
    return lambda: Q(state=State.OPEN) & Q(in_force(datetime.now(UTC), [kind]))


def _decided(standing: Standing) -> Any:
    return lambda: stands_at(standing, datetime.now(UTC))


def _weighing(weight: int) -> Any:
    return lambda: Q(weight=weight)


def _older(days: int) -> Any:
    return lambda: Q(first_seen_at__lt=datetime.now(UTC) - timedelta(days=days))


def _newer(days: int) -> Any:
    return lambda: ~_older(days)()


class FindingFilters(ToldFilters):
    """Applied to ``queries.visible_findings(user)``."""

    q = TextFilter(label="Search")
    state = InState(
        "State",
        {state.value: (state.label, f"in state {state.value}", _in_state(state)) for state in State}
        | {one.value: (one.label, one.phrase, _hidden_by(one)) for one in HIDDEN}
        | {ANY: ("Any state", "in any state", lambda: ~Q(pk__in=[]))},
    )
    severity = Chosen(
        "Severity",
        {
            severity.value: (
                severity.value.capitalize(),
                f"of severity {severity.value}",
                _weighing(WEIGHTS[severity]),
            )
            for severity in Severity
        }
        | {NONE: ("No severity", "without a severity", _weighing(0))},
    )
    team = OfAccounts("team")
    environment = OfAccounts("environment")
    organization = OfAccounts("organization")
    account = OfAccount("account", "Account id", "of account {}")
    owner = OfOwner("account", "Owner's e-mail", "owned by {}")
    decision = Chosen(
        "Decision",
        {
            one.value: (one.label, one.phrase, _decided(one))
            for one in Standing
            if one != Standing.RESOLVED
        },
    )
    answered_by = AnsweredBy("decided", "Answered by, e-mail", "answered by {}")
    overdue = Chosen(
        "Due",
        {
            "yes": ("Overdue", "overdue", is_overdue),
            "no": ("Not overdue", "not overdue", lambda: ~is_overdue()),
        },
    )
    of_decision = OfDecision("decided", "Of decision", lambda user: (), "of decision {}")
    item = OfItem("item", "Item", _items, "of {}", "of no item")
    fix = ByFix("item", "Same fix as", lambda user: (), "with the fix of {}")
    source = Named("source", "Source", _sources, "from {}")
    code = Typed("code", "Check", "of check {}")
    region = Typed("region", "Region", "in {}")
    age = Chosen(
        "Age",
        {
            "day": ("New today", "first seen within a day", _newer(1)),
            "week": ("New this week", "first seen within a week", _newer(7)),
            "30": ("Older than 30 days", "older than 30 days", _older(30)),
            "90": ("Older than 90 days", "older than 90 days", _older(90)),
            "365": ("Older than a year", "older than a year", _older(365)),
        },
    )

    class Meta:
        model = Finding
        fields: Sequence[str] = ()
