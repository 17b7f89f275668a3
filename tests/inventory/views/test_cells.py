import pytest
from django.test import Client

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import Account, ChangeSet, Origin, Person, Role, RowChange, Team
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import (
    ALICE,
    BOB,
    BUILD,
    CAROL,
    CHECKOUT,
    LEDGER,
    account,
    recorded,
    user,
)

HTMX = {"HX-Request": "true"}


def cell(account_id: str, column: str) -> str:
    return f"/cells/account/{account(account_id).pk}/{column}/"


def test_a_cell_is_saved_as_a_change_set(security: Client) -> None:
    answer = security.post(cell(LEDGER, "team"), {"value": "Platform", "seen": "Payments"})
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/{LEDGER}/"
    row = RowChange.objects.latest("pk")
    assert row.cells["team"] == ["Payments", "Platform"]
    assert row.change_set.origin == Origin.EDIT
    assert str(row.change_set.user) == "security@example.com"
    assert str(account(LEDGER).team) == "Platform"


def test_htmx_gets_the_cell_and_a_way_to_undo(security: Client) -> None:
    answer = security.post(
        cell(LEDGER, "environment"), {"value": "test", "seen": "dev"}, headers=HTMX
    ).content.decode()
    assert ">test</a>" in answer
    assert f"/changes/{ChangeSet.objects.latest('pk').pk}/undo/" in answer
    assert 'id="messages" hx-swap-oob' in answer


def test_the_form_works_as_a_page_and_as_a_part(security: Client) -> None:
    page = security.get(cell(LEDGER, "owner")).content.decode()
    part = security.get(cell(LEDGER, "owner"), headers=HTMX).content.decode()
    assert "<html" in page
    assert "<html" not in part
    for form in (page, part):
        assert 'name="seen"' in form
        assert f'<option value="{CAROL}">' in form


def test_a_conflict_says_who_was_faster_and_lets_one_decide(security: Client) -> None:
    ann = user(Role.SECURITY, "ann@example.com")
    edit = Edit(ACCOUNTS, f"aws:{LEDGER}", {"environment": "stage"})
    write([edit], origin=Origin.EDIT, user=ann)
    answer = security.post(cell(LEDGER, "environment"), {"value": "test", "seen": "dev"})
    told = answer.content.decode()
    assert "ann@example.com changed this from “dev” to “stage”" in told
    assert account(LEDGER).environment == "stage"
    assert 'name="seen" value="stage"' in told
    security.post(cell(LEDGER, "environment"), {"value": "test", "seen": "stage"})
    assert account(LEDGER).environment == "test"


def test_a_value_the_kind_refuses_is_explained_beside_the_field(security: Client) -> None:
    told = security.post(cell(LEDGER, "owner"), {"value": "not an address", "seen": ""})
    assert "Is not an e-mail address" in told.content.decode()
    assert not account(LEDGER).contacts.exists()


def test_saving_what_is_there_writes_nothing(security: Client) -> None:
    before = ChangeSet.objects.count()
    security.post(cell(LEDGER, "environment"), {"value": "dev", "seen": "dev"})
    assert ChangeSet.objects.count() == before


def test_line_ends_of_browsers_are_no_change(security: Client) -> None:
    recorded(LEDGER, notes="one\ntwo")
    security.post(cell(LEDGER, "notes"), {"value": "one\r\ntwo\r\nthree", "seen": "one\r\ntwo"})
    assert account(LEDGER).notes == "one\ntwo\nthree"


def test_classes_are_ticked(security: Client) -> None:
    security.post(
        cell(CHECKOUT, "classes"), {"value": ["edge", "production"], "seen": "production"}
    )
    assert account(CHECKOUT).classes == ["edge", "production"]


def test_the_history_of_the_cell_stands_beside_it(security: Client) -> None:
    security.post(cell(LEDGER, "environment"), {"value": "test", "seen": "dev"})
    told = security.get(cell(LEDGER, "environment")).content.decode()
    assert "dev → test" in told
    assert "Payments" not in told


@pytest.mark.parametrize(
    ("role", "email", "account_id", "column", "status"),
    [
        (Role.VIEWER, "v@example.com", CHECKOUT, "owner", 403),
        (Role.FINANCE, "f@example.com", CHECKOUT, "kept_drift", 403),
        (Role.OWNER, ALICE, CHECKOUT, "confirmed_at", 403),
        (Role.OWNER, ALICE, BUILD, "owner", 404),
        (Role.SECURITY, "s@example.com", CHECKOUT, "state", 403),
        (Role.SECURITY, "s@example.com", CHECKOUT, "account_id", 403),
        (Role.SECURITY, "s@example.com", CHECKOUT, "confirmed_at", 403),
        (Role.SECURITY, "s@example.com", CHECKOUT, "kept_drift", 403),
        (Role.SECURITY, "s@example.com", CHECKOUT, "no_such_column", 404),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_one_may_not_edit_is_refused_and_nothing_is_written(
    acme: None,
    sign_in: SignIn,
    role: Role,
    email: str,
    account_id: str,
    column: str,
    status: int,
    method: str,
) -> None:
    client = sign_in(role, email)
    before = ChangeSet.objects.count()
    answer = getattr(client, method)(
        cell(account_id, column), {"value": "x@example.com", "seen": ""}
    )
    assert answer.status_code == status
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize(
    ("role", "email", "column", "value"),
    [(Role.OWNER, ALICE, "owner", BOB), (Role.FINANCE, "f@example.com", "payer", "123456789012")],
)
def test_one_may_edit_what_the_registry_allows(
    acme: None, sign_in: SignIn, role: Role, email: str, column: str, value: str
) -> None:
    client = sign_in(role, email)
    client.post(cell(LEDGER, column), {"value": value, "seen": ""})
    assert RowChange.objects.latest("pk").cells[column] == ["", value]


def test_a_forged_address_to_return_to_is_not_followed(security: Client) -> None:
    data = {"value": "x", "seen": "dev", "next": "https://evil.example/"}
    assert security.post(cell(LEDGER, "environment"), data)["Location"] == f"/accounts/{LEDGER}/"


def test_cells_of_other_sheets_are_edited_the_same_way(security: Client) -> None:
    team = Team.objects.get(name="Payments")
    security.post(f"/cells/team/{team.pk}/lead/", {"value": CAROL, "seen": ""})
    security.post(f"/cells/team/{team.pk}/members/", {"value": f"{ALICE}\r\n{BOB}", "seen": ALICE})
    team.refresh_from_db()
    assert str(team.lead) == CAROL
    assert set(team.members.filter(memberships__valid_to=None)) == set(
        Person.objects.filter(email__in=[ALICE, BOB])
    )


def test_a_phone_number_is_hidden_from_those_who_may_not_see_it(
    acme: None, sign_in: SignIn
) -> None:
    person = Person.objects.get(email=CAROL)
    address = f"/cells/person/{person.pk}/phone/"
    assert sign_in(Role.FINANCE).get(address).status_code == 404
    assert sign_in(Role.SECURITY).get(address).status_code == 200


def drift_choice(client: Client, choice: str, observed: str = "checkout") -> None:
    pk = account(CHECKOUT).pk
    client.post(f"/accounts/{pk}/drift/name/", {"choice": choice, "observed": observed})


def test_aws_value_is_taken(security: Client) -> None:
    drift_choice(security, "take")
    assert account(CHECKOUT).name == "checkout"


def test_ours_is_kept_and_the_difference_no_longer_shown(security: Client) -> None:
    drift_choice(security, "keep")
    assert account(CHECKOUT).name == "checkout-prod"
    assert account(CHECKOUT).kept_drift == {"name": "checkout"}
    assert "≠" not in security.get("/accounts/").content.decode()


def test_a_choice_about_an_older_value_of_aws_decides_nothing(security: Client) -> None:
    drift_choice(security, "take", observed="checkout-old")
    assert account(CHECKOUT).name == "checkout-prod"


def test_a_viewer_decides_no_drift(acme: None, sign_in: SignIn) -> None:
    drift_choice(sign_in(Role.VIEWER), "take")
    assert Account.objects.get(account_id=CHECKOUT).name == "checkout-prod"
