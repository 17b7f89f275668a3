import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from inventory.api import routes
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS, PEOPLE
from inventory.models import ChangeSet, Origin, Role, Sighting
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import (
    ALICE,
    BUILD,
    CAROL,
    CHECKOUT,
    LEDGER,
    ORGANIZATION,
    UNKNOWN,
    recorded,
)


def ids(client: Client, query: str = "") -> list[str]:
    return [row["account_id"] for row in client.get(f"/api/v1/accounts/?{query}").json()["results"]]


def test_an_account_has_every_column_of_the_sheet(security: Client) -> None:
    write([Edit(CUSTOM_COLUMNS, "x_tier", {"label": "Tier"})], origin=Origin.EDIT)
    recorded(CHECKOUT, x_tier="gold")
    found = security.get(f"/api/v1/accounts/{CHECKOUT}/").json()
    assert set(found) == {column.name for column in ACCOUNTS.columns} | {"custom"}
    assert found["team"] == "Payments"
    assert found["owner"] == CAROL
    assert found["classes"] == ["production"]
    assert found["confirmed_at"] is None
    assert found["tags"] == {}
    assert found["custom"] == {"x_tier": "gold"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [CHECKOUT, LEDGER, BUILD, UNKNOWN]),
        ("team=payments", [CHECKOUT, LEDGER]),
        ("drift=any", [CHECKOUT]),
        ("q=1111-2222", [CHECKOUT]),
        ("ordering=-account_id", [UNKNOWN, BUILD, LEDGER, CHECKOUT]),
        ("ordering=name&has_owner=yes", [BUILD, CHECKOUT]),
        ("page_size=1&page=2", [LEDGER]),
    ],
)
def test_accounts_are_filtered_ordered_and_paged(
    security: Client, query: str, found: list[str]
) -> None:
    assert ids(security, query) == found


def test_an_unknown_value_of_a_filter_is_refused_by_name(security: Client) -> None:
    answer = security.get("/api/v1/accounts/?state=nonsense")
    assert answer.status_code == 400
    assert "state" in answer.json()


def test_rows_are_those_one_may_see(acme: None, sign_in: SignIn) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    assert ids(alice) == [CHECKOUT, LEDGER]
    assert alice.get(f"/api/v1/accounts/{BUILD}/").status_code == 404
    teams = alice.get("/api/v1/teams/").json()["results"]
    assert [team["name"] for team in teams] == ["Payments"]
    assert alice.get("/api/v1/teams/platform/").status_code == 404


def test_other_sheets_are_read_by_their_keys(security: Client) -> None:
    assert security.get("/api/v1/teams/payments/").json()["members"] == [ALICE]
    organization = security.get(f"/api/v1/organizations/{ORGANIZATION}/").json()
    assert organization["name"] == "Acme"
    assert security.get("/api/v1/payers/100000000000/").status_code == 200
    assert security.get("/api/v1/people/?q=carol").json()["count"] == 1


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.FINANCE, False), (Role.VIEWER, False), (Role.SECURITY, True)]
)
def test_phones_are_shown_to_some_roles_and_in_no_change_set_to_others(
    acme: None, sign_in: SignIn, role: Role, sees: bool
) -> None:
    write([Edit(PEOPLE, CAROL, {"phone": "+4930123456"})], origin=Origin.EDIT)
    client = sign_in(role)
    person = client.get(f"/api/v1/people/{CAROL}/").json()
    assert ("phone" in person) is sees
    change_set = client.get(f"/api/v1/change-sets/{ChangeSet.objects.latest('pk').pk}/").json()
    assert ("phone" in change_set["rows"][0]["cells"]) is sees


def test_change_sets_tell_what_was_written(security: Client) -> None:
    found = security.get("/api/v1/change-sets/?origin=import").json()["results"]
    assert {one["source"] for one in found} == {"accounts.csv"}
    rows = security.get(f"/api/v1/change-sets/{found[-1]['id']}/").json()["rows"]
    cells = next(row["cells"] for row in rows if row["sheet"] == "account")
    assert cells["name"] == ["", "checkout-prod"]


def test_an_owner_reads_their_own_change_sets_only(acme: None, sign_in: SignIn) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    assert alice.get("/api/v1/change-sets/").json()["count"] == 0


def test_sightings_are_for_those_who_see_every_account(acme: None, sign_in: SignIn) -> None:
    when = "2026-11-24T06:00:00Z"
    Sighting.objects.create(
        account_id="123456789012", source="billing", first_seen_at=when, last_seen_at=when
    )
    assert sign_in(Role.FINANCE).get("/api/v1/sightings/").json()["count"] == 1
    assert sign_in(Role.OWNER, ALICE).get("/api/v1/sightings/").json()["count"] == 0


@pytest.mark.parametrize("route", [prefix for prefix, _, _ in routes])
def test_a_visitor_reads_nothing_and_nobody_writes(
    client: Client, security: Client, route: str
) -> None:
    assert client.get(f"/api/v1/{route}/").status_code in (401, 403)
    assert security.get(f"/api/v1/{route}/").status_code == 200
    assert security.post(f"/api/v1/{route}/", {}).status_code == 405


@pytest.mark.parametrize("route", [prefix for prefix, _, _ in routes])
def test_queries_do_not_grow_with_rows(security: Client, route: str) -> None:
    counts = []
    for rows in (5, 60):
        for n in range(rows):
            Sighting.objects.get_or_create(
                account_id=f"7{n:011d}",
                source="billing",
                defaults={
                    "first_seen_at": "2026-11-24T06:00Z",
                    "last_seen_at": "2026-11-24T06:00Z",
                },
            )
        edits = [
            Edit(
                ACCOUNTS,
                f"aws:5000000{n:05d}",
                {"team": f"Team {n}", "owner": f"o{n}@example.com", "payer": f"6000000{n:05d}"},
            )
            for n in range(rows)
        ]
        write(edits, origin=Origin.IMPORT)
        with CaptureQueriesContext(connection) as queries:
            security.get(f"/api/v1/{route}/?page_size=1000")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.filterwarnings("error")
def test_the_schema_describes_the_routes_without_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # drf-spectacular's
    schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert capsys.readouterr().err == ""
    parameters = schema["paths"]["/api/v1/accounts/"]["get"]["parameters"]
    assert {"q", "team", "drift", "ordering", "page"} <= {one["name"] for one in parameters}
    account = schema["components"]["schemas"]["Account"]["properties"]
    assert {"account_id", "observed_name", "custom"} <= set(account)


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-11-24T10:00:00+18:31", 200),
        ("0001-01-01T00:00:00+23:59", 400),
        ("yesterday", 400),
    ],
    ids=["a zone that PostgreSQL refuses", "before the calendar", "no time"],
)
def test_times_of_filters_are_taken_in_any_zone(sign_in: SignIn, moment: str, status: int) -> None:
    answer = sign_in(Role.SECURITY).get("/api/v1/change-sets/", {"applied_at_after": moment})
    assert answer.status_code == status
