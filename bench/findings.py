"""A million findings: the list, its filters, its search and its groups, as pages.py measures pages;
and the API's list.

Goal 7 is asked of the list. The floor of a group is its query and nothing else; the admin groups
nothing, so there its plain list is the peer.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from bench import company, many_findings
from bench.pages import Page, Reader, measured
from bench.report import Measure
from inventory.models import Account, Contact, Team, User
from roadmap.models import Finding
from roadmap.queries.findings import SORTS, Place

ADMIN = "/bench/admin50/roadmap/finding/"
ROUNDS = 7
MORE_THAN_A_TABLE = (
    "The page counts what matches, fills the lists of its filters and draws a frame, five links "
    "and two ages a row"
)


def measure() -> Iterator[Measure]:
    company.ensure()
    many_findings.add()
    reader = Reader(User.objects.create_superuser("findings@example.com"))
    for page in _pages():
        yield measured(page, reader)
    owner = _owner()
    own = Page("", "an owner's findings", reverse("roadmap:finding_list"), rounds=ROUNDS)
    yield measured(own, Reader(owner))


def _pages() -> Iterator[Page]:
    team = Team.objects.filter(accounts__isnull=False).earliest("pk")
    piece = Finding.objects.earliest("pk").resource[-12:]
    lists: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "open, worst first": ({}, {"state__exact": "open"}),
        "of a team": (
            {"team": team.slug},
            {"state__exact": "open", "account__team__id__exact": str(team.pk)},
        ),
        "of an item, imported ones too": (
            {"item": "visibility.initial_scan"},
            {"state__exact": "open", "item__exact": "visibility.initial_scan"},
        ),
        "searched by a piece of a resource": (
            {"q": piece, "state": "any"},
            {"q": piece},
        ),
    }
    for name, (asked, of_admin) in lists.items():
        yield Page(
            "7", f"findings {name}, 50 of 1,000,000", _url(**asked),
            f"/bench/findings/50/?{urlencode(asked)}", f"{ADMIN}?{urlencode(of_admin)}", 3, 2.5,
            rounds=ROUNDS, cause=MORE_THAN_A_TABLE,
        )  # fmt: skip
    yield Page(
        "7", "findings searched by two letters, 50 of 1,000,000", _url(q="s3", state="any"),
        peer=f"{ADMIN}?q=s3", at_least=2.5, rounds=ROUNDS, cause=MORE_THAN_A_TABLE,
    )  # fmt: skip
    for by in ("account", "item", "check", "fix"):
        yield Page(
            "", f"open findings by {by}", _url(by=by),
            f"/bench/findings/by/{'account' if by == 'account' else 'check'}/",
            f"{ADMIN}?state__exact=open", rounds=ROUNDS,
        )  # fmt: skip
    middle = Finding.objects.order_by(*SORTS["newest"])[many_findings.FINDINGS // 2]
    for name, place in (("the newest", ""), ("from the middle", f"?after={Place.of(middle)}")):
        yield Page(
            "", f"findings by the API, 100 of 1,000,000, {name}", f"/api/v1/findings/{place}",
            "/bench/findings/json/100/", rounds=ROUNDS,
        )  # fmt: skip


def _url(**asked: str) -> str:
    return f"{reverse('roadmap:finding_list')}?{urlencode(asked)}"


def _owner() -> User:
    """Somebody who owns accounts and may see those alone."""
    owned = Contact.objects.filter(role="owner", account__in=Account.objects.all())
    email = owned.order_by("pk").values_list("person__email", flat=True)[0]
    return User.objects.create_user(email, role="owner")
