import pytest
from django.contrib import admin
from django.test import Client

from inventory.models import Person, Role, User
from tests.inventory.sheet import CHECKOUT, account

SHEET = ["account", "team", "person", "payer", "organization", "rootmaillist", "changeset"]


@pytest.fixture
def administrator(acme: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "a long passphrase"))
    return client


@pytest.mark.parametrize("model", SHEET)
def test_the_sheet_is_shown_and_cannot_be_written(administrator: Client, model: str) -> None:
    assert administrator.get(f"/admin/inventory/{model}/").status_code == 200
    assert administrator.get(f"/admin/inventory/{model}/add/").status_code == 403


def test_a_superuser_cannot_write_an_account_past_the_change_sets(administrator: Client) -> None:
    pk = account(CHECKOUT).pk
    administrator.post(f"/admin/inventory/account/{pk}/change/", {"name": "x"})
    administrator.post(f"/admin/inventory/account/{pk}/delete/", {"post": "yes"})
    assert account(CHECKOUT).name == "checkout-prod"


def test_every_row_of_the_sheet_is_read_only_in_the_admin() -> None:
    from inventory.admin import ReadOnlyAdmin

    mine = {m: a for m, a in admin.site._registry.items() if m._meta.app_label == "inventory"}
    assert {m for m, a in mine.items() if not isinstance(a, ReadOnlyAdmin)} == {User}


def test_a_sign_in_is_made_with_its_role_and_tied_to_its_person(administrator: Client) -> None:
    data = {
        "email": "New@Example.com",
        "role": "owner",
        "usable_password": "true",
        "password1": "a long passphrase",
        "password2": "a long passphrase",
    }
    answer = administrator.post("/admin/inventory/user/add/", data)
    assert answer.status_code == 302
    made = User.objects.get(email="new@example.com")
    assert made.role == Role.OWNER
    assert made.person == Person.objects.get(email="new@example.com")


def test_staff_who_are_no_administrators_manage_nobody(acme: None, client: Client) -> None:
    staff = User.objects.create_user("s@example.com", "x", role=Role.SECURITY, is_staff=True)
    client.force_login(staff)
    assert client.get("/admin/inventory/user/", follow=True).status_code == 403
    assert client.get("/admin/inventory/account/", follow=True).status_code == 403


def test_an_administrator_by_a_group_of_the_identity_provider_manages_sign_ins(
    acme: None, client: Client
) -> None:
    admin = User.objects.create_user("a@example.com", "x", role="", provider_role=Role.ADMIN)
    client.force_login(admin)
    assert client.get("/admin/inventory/user/").status_code == 200
    assert "Administration" in client.get("/sign-ins/").content.decode()


def test_nobody_reads_secrets_or_makes_tokens_for_others_there(administrator: Client) -> None:
    for address in ("mfa/authenticator", "socialaccount/socialapp", "knox/authtoken"):
        assert administrator.get(f"/admin/{address}/").status_code == 404
