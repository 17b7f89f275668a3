"""The pages and the API of decisions on findings, for each role."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from inventory.models import Role
from roadmap.models import Finding, FindingDecision
from tests.factories import UserFactory, signed_in
from tests.organization import PAYMENTS, PENNY, World
from tests.roadmap.queries.test_findings import finding
from tests.roadmap.views.test_findings import page, told

pytestmark = pytest.mark.django_db

REGISTER, NEW = "/decisions/", "/decisions/new/"
SOON = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
HOSTILE = "<script>alert(1)</script>"
WORDS = {
    "acknowledge": {"note": "We fix it.", "due_on": SOON},
    "accept": {"note": "It can be borne.", "control": "It is watched.", "expires_on": SOON},
    "false_positive": {"note": "It is none."},
}


@pytest.fixture
def found(world: World) -> Finding:
    return finding(world.payments, "i-1", severity="high")


def ask(client: Client, query: str, kind: str = "accept", **more: str) -> Any:
    return client.post(f"{NEW}?kind={kind}&{query}", {**WORDS[kind], **more}, follow=True)


def settle(client: Client, decision: str, remark: str = "") -> str:
    url = reverse("roadmap:settle_decision", args=[FindingDecision.objects.latest("pk").pk])
    answer = client.post(url, {"decision": decision, "remark": remark}, follow=True)
    assert answer.status_code == 200
    return told(answer.content.decode())


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.VIEWER, False), (Role.FINANCE, False), (Role.OWNER, True), (Role.SECURITY, True),
     (Role.ADMIN, True)],
)  # fmt: skip
def test_who_may_decide_is_offered_it_and_others_are_refused(
    found: Finding, role: Role, may: bool, kind: str
) -> None:
    client = signed_in(role, PENNY)
    shown = page(client, f"/findings/{found.pk}/")
    assert (f"{NEW}?kind={kind}" in shown) == may
    assert (f"kind={kind}&amp;all=1" in page(client, "/findings/")) == may
    answer = ask(client, f"row={found.pk}", kind)
    assert answer.status_code == (200 if may else 403)
    assert FindingDecision.objects.count() == may


def test_from_asking_to_the_register_and_back_to_open(found: Finding) -> None:
    security, admin = signed_in(), signed_in(Role.ADMIN, "admin@example.com")
    answer = ask(security, f"row={found.pk}")
    assert "Asked for. It counts once another person has approved it." in told(
        answer.content.decode()
    )
    assert "You asked for it" in told(answer.content.decode())
    assert "Approve</button>" not in answer.content.decode()
    assert "Accepted" not in told(page(security, f"/findings/{found.pk}/")).split("What becomes")[0]
    assert "Approved. Its findings do not count" in settle(admin, "approve")
    assert "not as it was: holds" in settle(admin, "refuse", "No.")
    assert "i-1" not in page(security, "/findings/")
    row = told(page(security, "/findings/?state=accepted"))
    assert "Accepted" in row
    assert f"until {SOON}" in row
    register = told(page(security, REGISTER))
    assert "It can be borne." in register
    assert "admin@example.com" in register
    assert "Its findings are undecided again" in settle(security, "end", "Fixed soon.")
    assert "i-1" in page(security, "/findings/")
    history = told(page(security, f"/findings/{found.pk}/"))
    assert "Fixed soon." in history


def test_a_refusal_needs_words(found: Finding) -> None:
    ask(signed_in(), f"row={found.pk}")
    admin = signed_in(Role.ADMIN, "admin@example.com")
    assert "Say why, for who asked." in settle(admin, "refuse")
    assert "Refused. Who asked sees why." in settle(admin, "refuse", "Fix it.")
    assert "Fix it." in told(page(signed_in(), f"{REGISTER}?state=refused"))


def test_nobody_is_let_approve_their_own_by_typing_the_request(found: Finding) -> None:
    client = signed_in()
    ask(client, f"row={found.pk}")
    url = reverse("roadmap:settle_decision", args=[FindingDecision.objects.get().pk])
    assert client.post(url, {"decision": "approve"}).status_code == 403
    assert client.post(url, {"decision": "anything"}).status_code == 403
    assert FindingDecision.objects.get().approved_at is None


def test_an_owner_neither_sees_nor_decides_on_what_is_not_theirs(world: World) -> None:
    foreign = finding(world.search, "i-foreign")
    ask(signed_in(), f"row={foreign.pk}", note="Nobody else may read this.")
    penny = signed_in(Role.OWNER, PENNY)
    made = FindingDecision.objects.get()
    assert penny.get(made.get_absolute_url()).status_code == 404
    assert "Nobody else may read this." not in page(penny, f"{REGISTER}?state=all")
    assert "You see none of these findings." in told(
        ask(penny, f"row={foreign.pk}").content.decode()
    )
    text = b"".join(penny.get("/decisions/export/csv/?state=all")).decode()
    assert "Nobody else may read this." not in text
    assert FindingDecision.objects.count() == 1


def test_one_note_for_all_that_match(world: World) -> None:
    for number in range(7):
        finding(world.payments, f"i-{number}", severity="low")
    finding(world.payments, "i-high", severity="high")
    client = signed_in()
    shown = told(page(client, f"{NEW}?kind=acknowledge&all=1&severity=low&state=open&sort=newest"))
    assert "7 findings" in shown
    assert "and 2 more" in shown
    ask(client, "all=1&severity=low&state=open&sort=newest", "acknowledge")
    made = FindingDecision.objects.get()
    assert (made.size, made.selection) == (7, "severity=low&state=open")
    ask(client, "severity=low", "acknowledge")  # Neither rows nor all: nothing was chosen.
    assert FindingDecision.objects.count() == 1


def test_a_form_says_what_is_wrong_and_keeps_what_was_written(found: Finding) -> None:
    far = (datetime.now(UTC) + timedelta(days=900)).date().isoformat()
    answer = ask(signed_in(), f"row={found.pk}", expires_on=far).content.decode()
    assert "may be accepted for at most 180 days" in answer
    assert "It is watched." in answer
    assert not FindingDecision.objects.exists()


def test_what_people_wrote_is_text_everywhere(found: Finding) -> None:
    client = signed_in()
    ask(client, f"row={found.pk}", note=HOSTILE, control=HOSTILE)
    settle(client, "end", HOSTILE)
    made = FindingDecision.objects.get()
    for url in (REGISTER + "?state=all", made.get_absolute_url(), f"/findings/{found.pk}/"):
        shown = page(client, url)
        assert HOSTILE not in shown
        assert "&lt;script&gt;" in shown


def test_the_register_as_a_file_has_who_when_and_why(found: Finding) -> None:
    client = signed_in()
    ask(client, f"row={found.pk}", note="=1+1")
    text = b"".join(client.get("/decisions/export/csv/?kind=accept")).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Account"], row["Asked by"], row["State"]) == (
        PAYMENTS, "reader@example.com", "Waits for approval",
    )  # fmt: skip
    assert row["Ends"].startswith(SOON)
    assert row["Reason or plan"].startswith("'")  # No spreadsheet program runs it.


@pytest.mark.parametrize(
    "query",
    ["?state=x", "?kind=x", "?by=%00", "?page=x", "?approver=x", "?state=requested&state=holds"],
)
def test_the_register_takes_any_address(found: Finding, query: str) -> None:
    ask(signed_in(), f"row={found.pk}")
    page(signed_in(), REGISTER + query)


def test_the_register_asks_as_much_for_many(world: World) -> None:
    client = signed_in()

    def number() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, REGISTER)
        return len(captured)

    ask(client, f"row={finding(world.payments, 'i-0').pk}")
    before = number()
    for one in range(20):
        ask(client, f"row={finding(world.payments, f'i-x{one}').pk}")
    assert number() == before <= 12


class TestApi:
    def client(self, role: Role = Role.SECURITY, email: str = "program@example.com") -> APIClient:
        client = APIClient()
        user = UserFactory.create(email=email, role=role)
        user.refresh_from_db()
        client.force_authenticate(user)
        return client

    def ask(self, client: APIClient, **more: Any) -> Any:
        until = datetime.now(UTC) + timedelta(days=20)
        data = {"kind": "accept", "note": "So.", "control": "Watched.", "expires_at": until}
        return client.post("/api/v1/decisions/", {**data, **more})

    def test_it_reads_and_writes_as_the_pages_do(self, found: Finding) -> None:
        asking, granting = self.client(), self.client(email="grants@example.com")
        made = self.ask(asking, findings=[found.pk])
        assert (made.status_code, made.json()["state"], made.json()["size"]) == (
            201,
            "requested",
            1,
        )
        url = f"/api/v1/decisions/{made.json()['id']}/"
        assert asking.post(f"{url}approve/").status_code == 403
        assert granting.post(f"{url}approve/", {"remark": "Fine."}).json()["state"] == "holds"
        assert granting.post(f"{url}refuse/", {"remark": "No."}).status_code == 400
        answer = asking.get(f"/api/v1/findings/{found.pk}/").json()["answer"]
        assert answer["standing"] == "accepted"
        assert answer["decision"]["approver"] == "grants@example.com"
        (row,) = asking.get("/api/v1/findings/?state=accepted").json()["results"]
        assert row["answer"] == answer
        assert asking.get("/api/v1/decisions/?state=holds&kind=accept").json()["count"] == 1
        assert asking.post(f"{url}end/").json()["ended_by"] == "program@example.com"

    def test_fields_that_are_not_asked_for_are_not_taken(self, found: Finding) -> None:
        forged = {"approver": 1, "approved_at": "2026-01-01T00:00:00Z", "requester": 1, "size": 9}
        made = self.ask(self.client(), findings=[found.pk], **forged).json()
        assert (made["state"], made["requester"], made["approver"]) == (
            "requested", "program@example.com", None,
        )  # fmt: skip
        url = f"/api/v1/decisions/{made['id']}/"
        assert self.client().patch(url, forged).status_code == 405
        assert self.client().delete(url).status_code == 405

    def test_all_that_match(self, found: Finding) -> None:
        made = self.ask(self.client(), matching="severity=high")
        assert (made.status_code, made.json()["size"]) == (201, 1)
        for wrong in ({}, {"matching": "", "findings": [1]}, {"matching": "severity=x"}):
            assert self.ask(self.client(), **wrong).status_code == 400

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
    def test_who_only_looks_is_refused(self, found: Finding, role: Role) -> None:
        assert self.ask(self.client(role), findings=[found.pk]).status_code == 403
