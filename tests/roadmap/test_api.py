"""The read API: what it lists, how it narrows, and that an owner sees their accounts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from collectors.services import sts
from inventory.models import Role, User
from roadmap.attestations import Answer, give
from roadmap.evaluation import judge
from roadmap.models import Finding
from roadmap.queries import findings
from roadmap.registry import Attestable, Level
from roadmap.subject import Subject
from roadmap.verdicts import Problem, Verdict, failed, passed
from tests.factories import NOW, AccountFactory, UserFactory, observe
from tests.organization import PAYMENTS, PENNY, SAM, SEARCH, World
from tests.roadmap.conftest import make_item

KEY = "inventory.identity"


def by_identity(subject: Subject) -> Verdict:
    identity = subject.facts.get(sts.identity)
    if identity.role_name == "Good":
        return passed("Good.")
    return failed("Bad.", problems=[Problem("table_open", "arn:t/1"), Problem("nobody_looks")])


@pytest.fixture(autouse=True)
def judged(catalogue: Callable[..., None], world: World) -> None:
    catalogue(
        make_item(KEY, by_identity, attests=(Attestable(Level.ACCOUNT, "Is it?"),)),
        make_item("surface.later", order="6.1"),
    )
    for account, role in ((world.payments, "Bad"), (world.search, "Good")):
        arn = f"arn:aws:sts::{account.account_id}:assumed-role/{role}/cairn"
        observe(account, sts.identity, sts.Identity(account.account_id, arn))
    judge(now=NOW)


def client(email: str = "viewer@example.com", role: Role = Role.VIEWER) -> APIClient:
    user = UserFactory.create(email=email, role=role)
    found = APIClient()
    found.force_login(User.objects.get(pk=user.pk))
    return found


def rows(path: str, api: APIClient | None = None) -> list[dict[str, Any]]:
    answer = (api or client()).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return body if isinstance(body, list) else body["results"]


@pytest.mark.parametrize(
    "path", ["items/", f"items/{KEY}/", "verdicts/", "findings/", "progress/", "attestations/"]
)
def test_strangers_get_nothing(path: str) -> None:
    assert APIClient().get(f"/api/v1/{path}").status_code in (401, 403)


def test_items_are_the_catalogue() -> None:
    assert [row["key"] for row in rows("items/")] == [KEY, "surface.later"]
    one = client().get(f"/api/v1/items/{KEY}/").json()
    assert (one["stage"], one["counts"], one["flow"]) == (1, True, "local")
    assert client().get("/api/v1/items/inventory.nothing/").status_code == 404


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 14),
        (f"account={PAYMENTS}", 2),
        ("team=search", 2),
        ("organization=o-cairnexample", 14),
        ("organization=o-other", 0),
        (f"item={KEY}", 7),
        ("stage=6", 7),
        ("status=fail", 1),
        ("status=fail&status=pass", 2),
        ("reason=account_suspended", 2),
        ("incomplete=true", 0),
        ("source=automatic", 14),
    ],
)
def test_verdicts_can_be_narrowed(query: str, number: int) -> None:
    assert len(rows(f"verdicts/?{query}")) == number


def test_an_unknown_status_is_refused() -> None:
    assert client().get("/api/v1/verdicts/?status=green").status_code == 400


def test_a_verdict_comes_with_its_evidence_record() -> None:
    (row,) = rows(f"verdicts/?account={PAYMENTS}&item={KEY}")
    assert "evidence" not in row
    detail = client().get(f"/api/v1/verdicts/{row['id']}/").json()
    assert detail["evidence"]["rule"] == "fail"
    assert detail["evidence"]["calls"]


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 2), ("severity=high", 1), ("state=resolved", 0), ("code=nobody_looks", 1),
     (f"account={SEARCH}", 0), ("resource=t/1", 1), ("is_organization_wide=true", 0),
     ("q=t/1", 1), ("region=global", 2), ("region=eu-west-1", 0), ("team=payments", 2),
     (f"owner={SAM}", 0), (f"item={KEY}", 2), ("first_seen_at_after=2026-11-02", 0)],
)  # fmt: skip
def test_findings_can_be_narrowed(query: str, number: int) -> None:
    assert len(rows(f"findings/?{query}")) == number


def pages(api: APIClient, url: str, link: str = "next") -> Iterator[list[int]]:
    while url:
        answer = api.get(url).json()
        yield [row["id"] for row in answer["results"]]
        url = answer[link]


@pytest.fixture
def many(world: World) -> list[int]:
    """Ids of seven findings, newest first; some were first seen at the same moment."""
    Finding.objects.all().delete()
    for number in range(7):
        Finding.objects.create(
            account=world.payments, code="c", resource=f"r-{number}", title="T",
            first_seen_at=NOW + timedelta(days=number // 3), last_seen_at=NOW,
        )  # fmt: skip
    ordered = Finding.objects.order_by("-first_seen_at", "-pk")
    return list(ordered.values_list("pk", flat=True))


def test_links_lead_through_all_findings_and_back(many: list[int]) -> None:
    api = client()
    assert list(pages(api, "/api/v1/findings/?page_size=3")) == [many[:3], many[3:6], many[6:]]
    last = api.get("/api/v1/findings/?page_size=3&page=3").json()
    assert [row["id"] for row in last["results"]] == many[6:]
    assert (last["count"], last["next"]) == (7, None)
    assert list(pages(api, last["previous"], "previous")) == [many[3:6], many[:3]]


def test_a_finding_that_comes_while_somebody_reads_moves_none(
    many: list[int], world: World
) -> None:
    api = client()
    read = pages(api, "/api/v1/findings/?page_size=3")
    assert next(read) == many[:3]
    Finding.objects.create(
        account=world.payments, code="c", resource="r", title="T",
        first_seen_at=NOW + timedelta(days=9), last_seen_at=NOW,
    )  # fmt: skip
    assert list(read) == [many[3:6], many[6:]]


def test_pages_have_numbers_too_and_links_keep_the_filters(many: list[int]) -> None:
    api = client()
    second = api.get("/api/v1/findings/?page=2&page_size=2&state=open").json()
    assert [row["id"] for row in second["results"]] == many[2:4]
    assert [row["id"] for row in api.get(second["next"]).json()["results"]] == many[4:6]
    assert "state=open" in second["next"]
    assert [row["id"] for row in api.get(second["previous"]).json()["results"]] == many[:2]


def test_more_than_are_counted_have_no_count(
    many: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "COUNTED", 6)
    api = client()
    assert api.get("/api/v1/findings/").json()["count"] is None
    assert api.get("/api/v1/findings/?q=r-1").json()["count"] == 1
    walked = pages(api, "/api/v1/findings/?page_size=3")
    assert [pk for page in walked for pk in page] == many


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=²", "page=3", "page=" + "9" * 30, "page=last",
     "after=1", "after=1-2", "before=x-y-z", "after=%00"],
)  # fmt: skip
def test_a_page_that_is_not_there_is_not_found(many: list[int], query: str) -> None:
    assert client().get(f"/api/v1/findings/?page_size=4&{query}").status_code == 404


def test_a_piece_of_a_resource_has_three_letters_at_least(many: list[int]) -> None:
    answer = client().get("/api/v1/findings/?resource=r-")
    assert (answer.status_code, [*answer.json()]) == (400, ["resource"])


def test_progress_has_scores() -> None:
    (row,) = rows("progress/?dimension=team&group=Search&stage=1")
    assert (row["day"], row["accounts"], row["passed"], row["score"]) == ("2026-11-01", 1, 1, 1.0)
    assert rows("progress/?day_before=2026-10-31") == []


def test_an_owner_sees_their_accounts_only(world: World) -> None:
    security = UserFactory.create(role=Role.SECURITY)
    give(security, KEY, world.payments, Answer("not_done", "No."))
    sam = client(SAM, Role.OWNER)
    assert {row["account"] for row in rows("verdicts/", sam)} == {SEARCH}
    assert rows("findings/", sam) == []
    assert rows("attestations/", sam) == []
    assert {(r["dimension"], r["group"]) for r in rows("progress/", sam)} == {("team", "Search")}
    (hidden,) = rows(f"verdicts/?account={PAYMENTS}&item={KEY}")
    assert sam.get(f"/api/v1/verdicts/{hidden['id']}/").status_code == 404
    penny = client(PENNY, Role.OWNER)
    (answer,) = rows("attestations/?is_withdrawn=false", penny)
    assert (answer["account"], answer["claim"], answer["team"]) == (PAYMENTS, "not_done", None)
    assert len(rows("findings/", penny)) == 2


@pytest.mark.parametrize("path", ["verdicts", "findings", "progress", "attestations"])
def test_nothing_can_be_written(path: str) -> None:
    admin = client("admin@example.com", Role.ADMIN)
    for method in (admin.post, admin.put, admin.patch, admin.delete):
        assert method(f"/api/v1/{path}/").status_code == 405


def test_queries_do_not_grow_with_rows(world: World) -> None:
    api = client()

    def number(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(path, api)
        return len(captured)

    paths = ("verdicts/", "findings/", "progress/")
    before = [number(path) for path in paths]
    for account in AccountFactory.create_batch(10, observed_organization=world.organization):
        arn = f"arn:aws:sts::{account.account_id}:assumed-role/Bad/cairn"
        observe(account, sts.identity, sts.Identity(account.account_id, arn))
    judge(now=NOW)
    assert [number(path) for path in paths] == before
