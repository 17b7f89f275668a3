"""The navigation: one list of places, shown to whom they concern, once their pages exist."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cairn.sign_in.log import is_use_unseen
from inventory.access import Action, may, role_of


@dataclass(frozen=True)
class Place:
    """``key`` follows ``g`` on the keyboard. An empty ``roles`` means everyone."""

    group: str
    label: str
    url_name: str
    icon: str
    key: str
    roles: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Entry:
    """A place as one reader sees it on one page."""

    place: Place
    url: str
    is_here: bool


@dataclass(frozen=True)
class Group:
    label: str
    entries: Sequence[Entry]


OPERATORS = frozenset({"security", "admin"})
READERS = frozenset({"viewer", "finance", "security", "admin"})
MONEY = frozenset({"finance", "security", "admin"})
# Those who may see runs, as inventory.access says.
RUN_READERS = OPERATORS | {"viewer"}

PLACES = (
    Place("", "Overview", "roadmap:overview", "layout-dashboard", "o"),
    Place("", "My work", "roadmap:my_work", "checklist", "w"),
    Place("Inventory", "Accounts", "inventory:accounts", "table", "a"),
    Place("Inventory", "Without owner", "roadmap:orphans", "user-question", "q", READERS),
    Place("Inventory", "Teams", "inventory:teams", "users-group", "t"),
    Place(
        "Inventory", "Organizations", "collectors:organizations", "hierarchy-2", "n", RUN_READERS
    ),
    Place("Inventory", "Discovery", "inventory:sighting_list", "radar-2", "d", OPERATORS),
    Place("Security", "Roadmap", "roadmap:stages", "stairs-up", "r"),
    Place("Security", "Findings", "roadmap:finding_list", "alert-triangle", "f"),
    Place("Security", "Decisions", "roadmap:decisions", "gavel", "k"),
    Place("Security", "Attestations", "roadmap:attestations", "signature", "e"),
    Place("Security", "Exceptions", "roadmap:exceptions", "shield-x", "x"),
    Place("Security", "Guardrails", "roadmap:guardrails", "fence", "g"),
    Place("Money", "Finance", "inventory:reconciliation_list", "receipt-2", "m", MONEY),
    Place("Operation", "Import", "inventory:import", "file-import", "i", OPERATORS),
    Place("Operation", "Runs", "collectors:runs", "refresh", "u", RUN_READERS),
    Place("Operation", "Notifications", "inventory:mail", "mail", "c", OPERATORS),
    Place("Operation", "Settings", "roadmap:settings", "adjustments", "s", OPERATORS),
    Place("Operation", "Sign-in", "sign_in_settings", "login-2", "l", frozenset({"admin"})),
    Place("Operation", "Changes", "inventory:change_sets", "history", "h"),
    Place("Operation", "Audit", "inventory:audit", "list-search", "y", OPERATORS),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The groups are worked out only where a template draws them."""
    return {
        "navigation": lambda: groups(request),
        "role": lambda: role.label if (role := role_of(request.user)) else "",
        "may_administer": lambda: may(request.user, Action.PEOPLE),
        "is_break_glass_use_unseen": lambda: is_use_unseen(request.user),
        "search_url": _url("inventory:search"),
        "banner": settings.BANNER,
    }


def groups(request: HttpRequest) -> list[Group]:
    if isinstance(request.user, AnonymousUser):
        return []
    role = role_of(request.user)
    found = [
        (place, url)
        for place in PLACES
        if (not place.roles or role in place.roles) and (url := _url(place.url_name))
    ]
    # The deepest place above this page is where we are; "/" lies above everything, so it is only
    # where we are when we are exactly there.
    above = [url for _, url in found if request.path.startswith(url) and url != "/"]
    here = max(above, key=len, default=request.path)
    entries = [Entry(place, url, url == here) for place, url in found]
    return [
        Group(label, list(members)) for label, members in groupby(entries, lambda e: e.place.group)
    ]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
