"""Pages at 10,000 accounts, through the WSGI application with all middleware, signed in.

Goals 7, 8, 9 and 10. Times are of one process without a server before it, so that nothing but
Django and the database is measured; p50 of many requests, page, floor and peer in turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import company
from bench.measuring import Spent, in_turns
from bench.report import Measure
from inventory.models import Account, Role, Team, User
from roadmap import queries
from roadmap.models import AccountVerdict

ROUNDS = 11
MS = 1000
MORE_THAN_THE_ADMIN = (
    "A page of one row takes two thirds as long: 18 queries of 0.3 ms where the admin asks 6 (five "
    "fill the lists of the filters, others the ten stages, contacts and ages), and the frame; the "
    "rest is cells that can be edited"
)
SEARCHES_MORE = (
    "The admin looks into three columns; this searches names and addresses as recorded and as AWS "
    "says, teams and contacts, and draws more (as above)"
)


@dataclass(frozen=True)
class Page:
    """``floor`` and ``peer`` are addresses of the same rows in the barest table and the admin."""

    goal: str
    name: str
    url: str
    floor: str = ""
    peer: str = ""
    at_most: float | None = None
    at_least: float | None = None
    rounds: int = ROUNDS
    cause: str = ""


class Reader:
    """Somebody signed in who asks the WSGI application for pages."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
        self._cookie = client.cookies[settings.SESSION_COOKIE_NAME].OutputString().split(";")[0]
        self._application = get_wsgi_application()

    def get(self, url: str) -> bytes:
        """The page. A page that is not there is no measurement, so it raises."""
        environ = RequestFactory().get(url, HTTP_COOKIE=self._cookie).environ
        statuses: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            statuses.append(status)

        response = self._application(environ, start)  # type: ignore[arg-type]  # no write()
        body = b"".join(response)
        response.close()
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{url} answered {statuses[0]}.")
        return body


def measure() -> Iterator[Measure]:
    company.ensure()
    user = User.objects.create_superuser("reader@example.com")
    assert user.role == Role.ADMIN
    reader = Reader(user)
    for page in _pages():
        yield measured(page, reader)
    yield _heat_map(user)


def _pages() -> Iterator[Page]:
    accounts = reverse("inventory:accounts")
    account = _richest()
    team = Team.objects.filter(accounts=account).get()
    admin = "/bench/admin50/inventory/account/"
    yield Page("", "overview", "/", peer=admin)
    yield Page(
        "7", "accounts, 50 of 10,000", accounts,
        "/bench/table/50/", admin, 3, 2.5,
        cause=MORE_THAN_THE_ADMIN,
    )  # fmt: skip
    yield Page(
        "7", "accounts, filtered by team, sorted by level",
        f"{accounts}?team={team.slug}&sort=-level",
        f"/bench/table/50/?team={team.slug}&sort=-standing__level",
        f"{admin}?team__id__exact={team.pk}&o=-10", 3, 2.5,
        cause=MORE_THAN_THE_ADMIN,
    )  # fmt: skip
    yield Page(
        "7", "accounts, open in stage 3, sorted by level",
        f"{accounts}?stage=3-open&sort=-level",
        "/bench/table/50/?stage=3&sort=-standing__level",
        f"{admin}?o=-10", 3, 2.5,
        cause=MORE_THAN_THE_ADMIN,
    )  # fmt: skip
    yield Page(
        "7", "accounts that differ from AWS", f"{accounts}?drift=any",
        "/bench/table/50/?drift=any", admin, 3, 2.5,
        cause=MORE_THAN_THE_ADMIN,
    )  # fmt: skip
    yield Page(
        "8", "accounts, 1,000 rows", f"{accounts}?per_page=1000", "/bench/table/1000/",
        "/bench/admin1000/inventory/account/", 1.25, 3.4, rounds=5,
        cause="Near its targets; other runs met both",
    )  # fmt: skip
    searches = {"name": account.name[:8], "id": account.account_id[3:9], "e-mail": "77aws+"}
    for kind, text in searches.items():
        yield Page(
            "10", f"accounts searched by {kind}", f"{accounts}?q={text.replace('+', '%2B')}",
            f"/bench/table/50/?q={text.replace('+', '%2B')}",
            f"{admin}?q={text.replace('+', '%2B')}", 3, 4,
            cause=SEARCHES_MORE,
        )  # fmt: skip
    yield Page("", "account", account.get_absolute_url(), peer=admin)
    yield Page("", "team", team.get_absolute_url(), peer=admin)
    yield Page("", "roadmap", reverse("roadmap:stages"), peer=admin)
    item = reverse("roadmap:item", args=["visibility", "cloudtrail"])
    yield Page("", "item, 100 of 10,000 accounts", item, peer=admin)


def _richest() -> Account:
    """The collected account with the most findings: its page has the most to say."""
    collected = Account.objects.filter(facts__isnull=False, team__isnull=False).distinct()
    found = collected.order_by("-standing__open_findings").first()
    assert found is not None
    return found


def measured(page: Page, reader: Reader) -> Measure:
    size = len(reader.get(page.url))
    bare = f"/bench/bare/{size}/"
    urls = {"ours": page.url, "bare": bare, "floor": page.floor, "peer": page.peer}
    taken = in_turns(
        {name: partial(reader.get, url) for name, url in urls.items() if url}, page.rounds
    )
    with CaptureQueriesContext(connection) as captured:
        reader.get(page.url)
    times: Mapping[str, float] = {name: spent.wall * MS for name, spent in taken.items()}
    return Measure(
        goal=page.goal,
        name=page.name,
        ours=times["ours"],
        unit="ms",
        floor=times.get("floor"),
        peer=times.get("peer"),
        at_most=page.at_most,
        at_least=page.at_least,
        cause=page.cause,
        notes=(
            f"{len(captured)} queries, {size // 1024} KiB, {_cpu(taken)}, "
            f"{times['ours'] / times['bare']:.0f} times a bare response of that size"
        ),
    )


def _cpu(taken: Mapping[str, Spent]) -> str:
    """The same in processor time, which another program on the machine disturbs less."""
    ours = taken["ours"].cpu
    compared = {"floor": "{:.1f}× the floor's", "peer": "{:.1f}× the peer's"}
    ratios = [
        text.format(ours / taken[name].cpu) for name, text in compared.items() if name in taken
    ]
    return f"CPU {ours * MS:.0f} ms ({', '.join(ratios)})"


def _heat_map(user: User) -> Measure:
    """The numbers of the overview's map, against the bare query of the rows that hold them, and
    against counting the verdicts (the map without roll-ups)."""
    taken = in_turns(
        {
            "ours": lambda: queries.heat_map(user),
            "floor": _rolled_up,
            "peer": _counted,
        },
        rounds=5,
    )
    return Measure(
        goal="9",
        name="heat map team × stage",
        ours=taken["ours"].wall * MS,
        unit="ms",
        floor=taken["floor"].wall * MS,
        peer=taken["peer"].wall * MS,
        at_most=4,
        at_least=4,
        notes="the peer is GROUP BY over all verdicts, without roll-ups",
    )


def _rolled_up() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM roadmap_dailyprogress WHERE dimension IN ('team', 'all') AND day = "
            "(SELECT max(day) FROM roadmap_dailyprogress)"
        )
        return list(cursor.fetchall())


def _counted() -> list[Any]:
    table, account = AccountVerdict._meta.db_table, Account._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.team_id, v.item, v.status, count(*) "  # noqa: S608  (names of models)
            f"FROM {table} v JOIN {account} a ON a.id = v.account_id GROUP BY 1, 2, 3"
        )
        return list(cursor.fetchall())
