"""Completeness of contacts: a person in every role, who has not left, with a name, a title, an
e-mail address and a phone. AWS takes no alternate contact that lacks one of the four."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime

from django.db.models import Count, Q
from django.utils.html import escape

from inventory.access import Anyone
from inventory.changes.reading import Row
from inventory.filters import Chosen, register_filter
from inventory.grid.extensions import ExtraColumn, register
from inventory.models import Contact, ContactRole, Person

ROLES = tuple(ContactRole)
# What a person needs besides the address that names them.
NEEDED = ("name", "title", "phone")


def today() -> date:
    return datetime.now(UTC).date()


def has_left(person: Person) -> bool:
    return person.left_on is not None and person.left_on <= today()


def missing_fields(person: Person) -> tuple[str, ...]:
    """Those of NEEDED that are empty."""
    return tuple(name for name in NEEDED if not getattr(person, name))


def gaps(people: Mapping[str, Person]) -> dict[ContactRole, str]:
    """What is wrong with the contacts of an account, by role, in words; ``people`` are by role."""
    found = {role: _gap(people.get(role)) for role in ROLES}
    return {role: words for role, words in found.items() if words}


def _gap(person: Person | None) -> str:
    if person is None:
        return "nobody"
    if has_left(person):
        return "has left"
    missing = missing_fields(person)
    return f"no {', '.join(missing)}" if missing else ""


def people_of(accounts: Collection[int]) -> dict[int, dict[str, Person]]:
    """Account → role → person. One query."""
    found: dict[int, dict[str, Person]] = defaultdict(dict)
    held = Contact.objects.filter(account__in=accounts).select_related("person").order_by()
    for contact in held:
        found[contact.account_id][contact.role] = contact.person
    return found


def _complete() -> Q:
    filled = Q(*[~Q(**{f"person__{name}": ""}) for name in NEEDED])
    return filled & (Q(person__left_on=None) | Q(person__left_on__gt=today()))


def are_complete() -> Q:
    """Accounts without a gap; the same decision as ``gaps``."""
    held = Contact.objects.filter(_complete()).order_by().values("account")
    return Q(pk__in=held.annotate(n=Count("pk")).filter(n=len(ROLES)).values("account"))


def _is_incomplete(role: ContactRole) -> Callable[[], Q]:
    def condition() -> Q:
        good = Contact.objects.filter(_complete(), role=role).order_by()
        return ~Q(pk__in=good.values("account"))

    return condition


def _lacks(name: str) -> Callable[[], Q]:
    def condition() -> Q:
        without = Contact.objects.filter(**{f"person__{name}": ""}).order_by()
        return Q(pk__in=without.values("account"))

    return condition


def _conditions() -> dict[str, tuple[str, str, Callable[[], Q]]]:
    whole: dict[str, tuple[str, str, Callable[[], Q]]] = {
        "complete": ("All complete", "with complete contacts", are_complete),
        "incomplete": ("Any incomplete", "with incomplete contacts", lambda: ~are_complete()),
    }
    by_role = {
        role.value: (
            f"{role.label}: incomplete",
            f"whose {role.label.lower()} is incomplete",
            _is_incomplete(role),
        )
        for role in ROLES
    }
    by_field = {
        f"no_{name}": (f"A contact has no {name}", f"with a contact without {name}", _lacks(name))
        for name in NEEDED
    }
    return {**whole, **by_role, **by_field}


def _cells(rows: Mapping[int, Row], user: Anyone) -> dict[int, str]:
    people = people_of(list(rows))
    return {pk: _cell(gaps(people.get(pk, {}))) for pk in rows}


def _cell(found: Mapping[ContactRole, str]) -> str:
    if not found:
        return "complete"
    words = escape("; ".join(_told(found)))
    return f'{len(ROLES) - len(found)} of {len(ROLES)} <span class="quiet">{words}</span>'


def _told(found: Mapping[ContactRole, str]) -> Iterable[str]:
    """The roles with the same gap together, such as "deputy, security: nobody"."""
    alike: dict[str, list[str]] = defaultdict(list)
    for role, words in found.items():
        alike[words].append(role.value)
    return (f"{', '.join(roles)}: {words}" for words, roles in alike.items())


def extend_account_list() -> None:
    """Called once, when the apps are ready."""
    column = ExtraColumn(
        "contacts",
        "Contacts",
        _cells,
        help="How many of the five contacts have a name, a title, an e-mail address and a phone.",
    )
    register("account", column)
    register_filter("contacts", Chosen("Contacts", _conditions()))
