"""Completeness of contacts: the column, the filters and the words agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict
from pytest_django import DjangoAssertNumQueries

from inventory import contacts
from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.filters import AccountFilters
from inventory.grid.extensions import extra_columns
from inventory.models import Account, ContactRole, Origin, Role, User
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import BUILD, CHECKOUT, LEDGER, UNKNOWN, account

NINA = "nina@example.com"
EVERY_ROLE = ("owner", "deputy", "security_contact", "operations_contact", "billing_contact")

pytestmark = pytest.mark.usefixtures("acme")


def person(email: str, **values: object) -> None:
    whole = {"name": "Nina Vogel", "title": "Duty manager", "phone": "+49 30 123456"}
    write([Edit(PEOPLE, email, {**whole, **values})], origin=Origin.EDIT)


def hold(account_id: str, email: str, *columns: str) -> None:
    write([Edit(ACCOUNTS, f"aws:{account_id}", dict.fromkeys(columns, email))], origin=Origin.EDIT)


def filtered(value: str) -> set[str]:
    filters = AccountFilters(QueryDict(f"contacts={value}"), Account.objects.all())
    return set(filters.qs.values_list("account_id", flat=True))


def cell(account_id: str) -> str:
    column = next(one for one in extra_columns("account") if one.name == "contacts")
    row = account(account_id)
    return column.cells({row.pk: None}, User())[row.pk]  # type: ignore[dict-item]  # cells are not read


def words(account_id: str) -> dict[ContactRole, str]:
    row = account(account_id)
    return contacts.gaps(contacts.people_of([row.pk]).get(row.pk, {}))


def test_an_account_with_all_five_is_complete() -> None:
    person(NINA)
    hold(LEDGER, NINA, *EVERY_ROLE)
    assert words(LEDGER) == {}
    assert cell(LEDGER) == "complete"
    assert filtered("complete") == {LEDGER}
    assert filtered("incomplete") == {CHECKOUT, BUILD, UNKNOWN}


@pytest.mark.parametrize("field", ["name", "title", "phone"])
def test_one_empty_field_of_one_person_makes_it_incomplete(field: str) -> None:
    person(NINA)
    person("odd@example.com", **{field: ""})
    hold(LEDGER, NINA, *EVERY_ROLE)
    hold(LEDGER, "odd@example.com", "security_contact")
    assert words(LEDGER) == {ContactRole.SECURITY: f"no {field}"}
    assert cell(LEDGER) == f'4 of 5 <span class="quiet">security: no {field}</span>'
    assert filtered("complete") == set()
    assert LEDGER in filtered("security")
    assert LEDGER not in filtered("owner")
    assert LEDGER in filtered(f"no_{field}")


def test_a_person_who_has_left_is_no_contact_any_more() -> None:
    person(NINA, left_on=contacts.today())
    hold(LEDGER, NINA, *EVERY_ROLE)
    assert set(words(LEDGER).values()) == {"has left"}
    assert filtered("complete") == set()
    person(NINA, left_on=contacts.today() + timedelta(days=1))
    assert words(LEDGER) == {}
    assert filtered("complete") == {LEDGER}


def test_roles_with_the_same_gap_are_told_together() -> None:
    assert cell(BUILD) == (
        '0 of 5 <span class="quiet">owner, operations: no name, title, phone; '
        "deputy, security, billing: nobody</span>"
    )
    assert "owner, deputy, security, operations, billing: nobody" in cell(UNKNOWN)


def test_the_column_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    column = next(one for one in extra_columns("account") if one.name == "contacts")
    rows = dict.fromkeys(Account.objects.values_list("pk", flat=True))
    with django_assert_num_queries(1):
        column.cells(rows, User())  # type: ignore[arg-type]  # cells are not read


def test_the_sheet_shows_it_and_says_the_filter_in_words(sign_in: SignIn) -> None:
    page = sign_in(Role.VIEWER).get("/accounts/?contacts=incomplete").content.decode()
    assert "0 of 5" in page
    assert "with incomplete contacts" in page


def test_the_account_page_says_what_is_missing_and_leads_to_its_form(sign_in: SignIn) -> None:
    person(NINA, title="")
    hold(LEDGER, NINA, *EVERY_ROLE)
    client = sign_in(Role.SECURITY)
    page = client.get(f"/accounts/{LEDGER}/").content.decode()
    assert "0 of 5 complete" in page
    assert "Missing:" in page
    pk = account(LEDGER).contacts.values_list("pk", flat=True)[0]
    form = f"/cells/person/{pk}/title/?next=/accounts/{LEDGER}/"
    assert f'href="{form}"' in page
    answer = client.post(
        form, {"value": "Duty manager", "seen": "", "next": f"/accounts/{LEDGER}/"}
    )
    assert answer.headers["Location"] == f"/accounts/{LEDGER}/"
    assert "5 of 5 complete" in client.get(f"/accounts/{LEDGER}/").content.decode()


def test_who_may_not_edit_is_told_and_offered_nothing(sign_in: SignIn) -> None:
    person(NINA, phone="")
    hold(LEDGER, NINA, *EVERY_ROLE)
    page = sign_in(Role.VIEWER).get(f"/accounts/{LEDGER}/").content.decode()
    assert "No phone" in page
    assert "Missing:" not in page


def test_a_bad_number_is_refused_with_its_cure_where_it_is_entered(sign_in: SignIn) -> None:
    person(NINA)
    hold(LEDGER, NINA, "owner")
    pk = account(LEDGER).contacts.values_list("pk", flat=True)[0]
    answer = sign_in(Role.SECURITY).post(
        f"/cells/person/{pk}/phone/", {"value": "030 12", "seen": "+4930123456"}
    )
    assert "no country code" in answer.content.decode()
