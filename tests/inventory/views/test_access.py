"""Why somebody can see or change something: the page says what the pages do."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from inventory.access import (
    Action,
    action_decision,
    column_decision,
    edit_decision,
    may,
    may_edit_cell,
    row_decision,
    visible_columns,
)
from inventory.columns import SHEETS, columns_of
from inventory.grid.table import is_editable
from inventory.models import Account, Role, TeamMembership, User
from tests import organization
from tests.factories import ContactFactory, UserFactory, signed_in
from tests.organization import DENIED, PAYMENTS, PENNY, SAM, SEARCH, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return organization.create()


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(Role.ADMIN)


def explained(client: Client, person: str, account: str = "") -> str:
    answer = client.get("/access/", {"person": person, "account": account})
    assert answer.status_code == 200
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def test_an_owner_s_ways_to_an_account_are_named(admin: Client, world: World) -> None:
    UserFactory.create(email=PENNY, role=Role.OWNER)
    page = explained(admin, PENNY, PAYMENTS)
    assert "Sees payments" in page
    assert "The sheet names them as: Owner." in page
    assert "They lead its team, Payments." in page
    assert "They are in its team" not in page
    page = explained(admin, PENNY, DENIED)
    assert "They lead its team, Payments." in page
    assert "The sheet names them" not in page


def test_why_an_account_is_not_theirs(admin: Client, world: World) -> None:
    UserFactory.create(email=PENNY, role=Role.OWNER)
    page = explained(admin, PENNY, SEARCH)
    assert "Does not see search" in page
    assert "The sheet names them as no contact of it." in page
    assert "They do not lead its team." in page


def test_a_membership_that_ended_is_no_way_in(admin: Client, world: World) -> None:
    UserFactory.create(email=SAM, role=Role.OWNER)
    world.search.contact_set.all().delete()
    assert "They are in its team, Search." in explained(admin, SAM, SEARCH)
    TeamMembership.objects.update(valid_to="2026-02-01")
    assert "They are not in its team." in explained(admin, SAM, SEARCH)


def test_several_contact_roles_are_all_named(admin: Client, world: World) -> None:
    UserFactory.create(email=PENNY, role=Role.OWNER)
    ContactFactory.create(account=world.payments, person=world.penny, role="billing")
    assert "The sheet names them as: Billing contact, Owner." in explained(admin, PENNY, PAYMENTS)


def test_a_role_that_sees_everything_says_so(admin: Client) -> None:
    UserFactory.create(email="vera@example.com", role=Role.VIEWER)
    page = explained(admin, "Vera@Example.com ", PAYMENTS)
    assert "The role Viewer sees every account." in page
    assert "Phone No No Only these roles do: Account owner, Security, Administrator." in page
    assert "Notes Yes No Only these roles do: Account owner, Security, Administrator." in page
    assert "State Yes No AWS decides it." in page
    assert "Account id Yes No It names the row for good." in page


def test_a_sign_in_that_is_switched_off_may_nothing(admin: Client) -> None:
    UserFactory.create(email="gone@example.com", role=Role.SECURITY, is_active=False)
    page = explained(admin, "gone@example.com", PAYMENTS)
    assert "switched off" in page
    assert "Does not see" in page
    assert "The sign-in is switched off." in page


def test_finance_may_propose_what_it_does_not_edit(admin: Client) -> None:
    UserFactory.create(email="fin@example.com", role=Role.FINANCE)
    page = explained(admin, "fin@example.com")
    assert "Cost centre Yes Yes The role Finance edits it." in page
    assert "They may propose another value." in page


@pytest.mark.parametrize(
    ("person", "account", "told"),
    [
        ("nobody@example.com", "", "Nobody signs in as nobody@example.com"),
        ("reader@example.com", "12", "Has 2 digits"),
        ("reader@example.com", "121212121212", "has no account 121212121212"),
    ],
)
def test_what_is_not_there_is_said(person: str, account: str, told: str, admin: Client) -> None:
    answer = admin.get("/access/", {"person": person, "account": account})
    assert answer.status_code == 400
    assert told in answer.content.decode()


def test_the_page_of_an_account_leads_there(admin: Client) -> None:
    link = f"/access/?account={PAYMENTS}"
    assert link in admin.get(f"/accounts/{PAYMENTS}/").content.decode()
    assert f'value="{PAYMENTS}"' in admin.get(link).content.decode()
    viewer = signed_in(Role.VIEWER, "vera@example.com")
    assert link not in viewer.get(f"/accounts/{PAYMENTS}/").content.decode()
    assert viewer.get(link).status_code == 403


@pytest.mark.parametrize("email", ["viewer", "finance", "security", "admin", PENNY, SAM, "owner"])
def test_decisions_are_those_of_the_pages(email: str, world: World) -> None:
    role = Role(email) if email in Role.values else Role.OWNER
    user: User = UserFactory.create(
        email=email if "@" in email else f"{email}@a.example", role=role
    )
    seen = set(Account.objects.visible_to(user))
    for account in world.accounts:
        assert row_decision(user, account).allowed == (account in seen), account
    for action in Action:
        assert action_decision(user, action).allowed == may(user, action)
        on_a_row = action_decision(user, action, world.search).allowed
        assert on_a_row <= may(user, action)
    for sheet in SHEETS.values():
        columns = columns_of(sheet)
        visible = visible_columns(user, sheet, columns)
        for column in columns:
            assert column_decision(user, sheet, column).allowed == (column in visible)
            edits = edit_decision(user, sheet, column)
            assert edits.allowed == is_editable(user, sheet, column)
            assert edits.allowed <= may_edit_cell(user, column)
            assert edits.reasons
