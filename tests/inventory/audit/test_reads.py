"""Whose telephone numbers somebody saw, and what they took away as a file."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from collectors.models import ContactPush
from collectors.services import account as account_service
from collectors.services.account import AlternateContact, Contacts
from inventory.changes import Edit, write
from inventory.columns import PEOPLE
from inventory.models import AuditEntry, ChangeSet, Origin, Person, Role, User
from tests import organization
from tests.factories import PersonFactory, observe, signed_in
from tests.organization import PAYMENTS, PENNY, SAM, SEARCH, World

pytestmark = pytest.mark.django_db

NUMBER = "+4930123456"


@pytest.fixture
def world() -> World:
    found = organization.create()
    Person.objects.filter(email__in=[PENNY, SAM]).update(phone=NUMBER)
    return found


def reads() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(event="contact.read").order_by("number"))


def people_of(entry: AuditEntry) -> list[str]:
    return [entry.key] if entry.key else [r.partition(":")[2] for r in entry.details["rows"]]


PLACES: list[tuple[str, Callable[[World], str], list[str]]] = [
    ("account page", lambda world: f"/accounts/{PAYMENTS}/", [PENNY]),
    ("list of people", lambda world: "/people/", [PENNY, SAM]),
    ("cell", lambda world: f"/cells/person/{world.penny.pk}/phone/", [PENNY]),
    ("API, one", lambda world: f"/api/v1/people/{SAM}/", [SAM]),
    ("API, many", lambda world: "/api/v1/people/", [PENNY, SAM]),
    ("Administration", lambda world: f"/admin/inventory/person/{world.sam.pk}/change/", [SAM]),
]


@pytest.mark.parametrize(("url", "seen"), [pytest.param(*p[1:], id=p[0]) for p in PLACES])
def test_every_place_that_shows_numbers_says_whose(
    url: Callable[[World], str], seen: list[str], world: World
) -> None:
    client = signed_in(Role.ADMIN)
    User.objects.update(is_staff=True, is_superuser=True)
    answer = client.get(url(world))
    assert NUMBER in answer.content.decode()
    (entry,) = reads()
    assert people_of(entry) == seen
    assert (entry.actor, entry.via) == ("reader@example.com", "session")
    assert NUMBER not in str(AuditEntry.objects.values())


def test_contacts_of_aws_are_people_too(world: World) -> None:
    """In Administration, where facts and pushes are shown as they are kept."""
    contacts = Contacts({"SECURITY": AlternateContact("desk@example.com", "Desk", "", NUMBER)})
    fact = observe(world.payments, account_service.contacts, contacts)
    push = ContactPush.objects.create(organization=world.organization, ceiling=50)
    held = {"name": "Desk", "title": "", "email": "desk@example.com", "phone": NUMBER}
    item = push.items.create(account=world.payments, type="SECURITY", before=held)
    client = signed_in(Role.ADMIN)
    User.objects.update(is_staff=True, is_superuser=True)
    for url in (
        f"/accounts/{PAYMENTS}/",
        f"/organizations/{organization.ORGANIZATION}/contacts/{push.pk}/",
        f"/admin/collectors/fact/{fact.pk}/change/",
        f"/admin/collectors/contactpushitem/{item.pk}/change/",
    ):
        assert NUMBER in client.get(url).content.decode(), url
        assert "desk@example.com" in people_of(reads()[-1]), url
    assert len(reads()) == 4


def test_a_page_without_numbers_leaves_no_entry(world: World) -> None:
    Person.objects.update(phone="")
    client = signed_in(Role.SECURITY)
    for url in (f"/accounts/{PAYMENTS}/", "/people/", "/api/v1/people/", "/accounts/"):
        assert client.get(url).status_code == 200
    client.get("/people/?columns=name")
    assert reads() == []


def test_who_may_not_see_numbers_leaves_none(world: World) -> None:
    client = signed_in(Role.VIEWER)
    for url in (f"/accounts/{PAYMENTS}/", "/people/", "/api/v1/people/"):
        assert NUMBER not in client.get(url).content.decode()
    assert reads() == []


@pytest.mark.parametrize("url", ["/changes/{}/?show=other", "/api/v1/change-sets/{}/"])
def test_numbers_in_the_history_count_too(url: str, world: World) -> None:
    edit = Edit(PEOPLE, SAM, {"phone": "+4930999999"})
    change_set = write([edit], origin=Origin.EDIT)
    assert change_set
    page = signed_in(Role.SECURITY).get(url.format(change_set.pk)).content.decode()
    assert "+4930999999" in page
    (entry,) = reads()
    assert people_of(entry) == [SAM]


def test_many_are_one_entry_with_the_first_ones_named(world: World) -> None:
    for _ in range(60):
        PersonFactory.create(phone=NUMBER)
    signed_in(Role.SECURITY).get("/people/?per_page=200")
    (entry,) = reads()
    assert (len(people_of(entry)), entry.details["more"]) == (50, 12)
    assert entry.name == "62 people"


def test_an_export_names_its_accounts_and_columns(world: World) -> None:
    client = signed_in(Role.FINANCE)
    client.get("/export/csv/?columns=owner&environment=production").getvalue()
    entry = AuditEntry.objects.get(event="export.made")
    assert (entry.kind, entry.key, entry.actor) == ("export", "accounts", "reader@example.com")
    assert entry.details["rows"] == [f"account:aws:{PAYMENTS}"]
    assert "owner" in entry.details["columns"]


def test_the_export_of_the_command_line_is_the_same(world: World, capsys: Any) -> None:
    call_command("export_accounts")
    capsys.readouterr()
    told, run = AuditEntry.objects.order_by("-number")[:2]
    assert (run.event, run.key) == ("command.run", "export_accounts")
    assert (told.event, told.via, told.name) == ("export.made", "command", "7 accounts")
    assert told.actor
    assert told.address


def test_findings_as_a_file_are_told(world: World) -> None:
    signed_in(Role.VIEWER).get("/findings/export/csv/?severity=high")
    entry = AuditEntry.objects.get(event="export.made")
    assert (entry.key, entry.details["filters"]) == ("findings", "severity=high&state=open")


def test_a_read_costs_a_few_statements_however_many_are_read(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(Role.SECURITY)
    client.get("/people/")
    with django_assert_max_num_queries(100) as quiet:
        client.get("/people/?columns=name")
    with django_assert_max_num_queries(100) as telling:
        client.get("/people/?columns=name,phone")
    # The session remembers other columns each time. PostgreSQL takes the lock, and checks foreign
    # keys before it because the test is in a transaction already.
    assert len(telling) - len(quiet) <= 6


def test_a_refused_command_is_told_as_well(world: World) -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError):
        call_command("import_accounts", "no-such-file.csv", stdout=StringIO())
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.details) == ("command.run", {"file": "no-such-file.csv"})


def test_an_owner_who_looks_is_named(world: World) -> None:
    User.objects.create_user(PENNY, "x", role=Role.OWNER)
    client = Client()
    client.force_login(User.objects.get(email=PENNY))
    client.get(f"/accounts/{PAYMENTS}/")
    assert [entry.actor for entry in reads()] == [PENNY]
    assert client.get(f"/accounts/{SEARCH}/").status_code == 404
    assert len(reads()) == 1


@pytest.mark.parametrize(("role", "found"), [(Role.VIEWER, False), (Role.SECURITY, True)])
def test_a_number_is_not_guessed_by_searching(role: Role, found: bool, world: World) -> None:
    client = signed_in(role)
    asked = NUMBER.removeprefix("+49")
    assert (SAM in client.get(f"/people/?q={asked}").content.decode()) is found
    assert (SAM in client.get(f"/search/?q={asked}").content.decode()) is found
    assert bool(client.get(f"/api/v1/people/?q={asked}").json()["count"]) is found


def test_nor_by_sorting(world: World) -> None:
    Person.objects.filter(email=SAM).update(phone="+1")  # By number, Sam comes first.
    client = signed_in(Role.VIEWER)

    def order(query: str) -> list[str]:
        return [p["email"] for p in client.get(f"/api/v1/people/?{query}").json()["results"]]

    assert order("ordering=phone") == order("ordering=email")
    assert order("ordering=-phone") == order("ordering=-email")


def test_rows_that_an_import_parked_are_for_those_who_import(world: World) -> None:
    parked = {"headers": ["Phone"], "rows": [[2, [NUMBER], "wrong"]]}
    change_set = ChangeSet.objects.create(origin=Origin.IMPORT, report={"parked": parked})
    url = f"/api/v1/change-sets/{change_set.pk}/"
    assert NUMBER not in signed_in(Role.VIEWER).get(url).content.decode()
    assert NUMBER in signed_in(Role.SECURITY, "two@example.com").get(url).content.decode()
