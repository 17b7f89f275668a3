import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, CUSTOM_COLUMNS
from inventory.models import Account, ChangeSet, Origin, Role
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import (
    ALICE,
    BOB,
    BUILD,
    CAROL,
    CHECKOUT,
    LEDGER,
    MANAGEMENT,
    ORGANIZATION,
    UNKNOWN,
    account,
    observed,
    recorded,
)

HTMX = {"HX-Request": "true"}


def ids(client: Client, query: str = "") -> list[str]:
    """The account ids of the rows on the page, in order."""
    page = client.get(f"/accounts/?{query}").content.decode()
    rows = re.findall(r'<th scope="row">.*?</th>', page)
    return [re.sub(r"\D", "", re.sub(r"<input[^>]*>|href=\"[^\"]*\"", "", row)) for row in rows]


def text(client: Client, query: str = "", **headers: str) -> str:
    page = client.get(f"/accounts/?{query}", headers=headers).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=1111-2222", {CHECKOUT}),
        ("q=111122223333", {CHECKOUT}),
        ("q=1111 2222 3333", {CHECKOUT}),
        ("q=arn:aws:iam::222233334444:role/x", {LEDGER}),
        ("q=LEDGER", {LEDGER}),
        ("q=mystery", {UNKNOWN}),
        ("q=aws-checkout@", {CHECKOUT}),
        ("q=bob@example.com", {BUILD}),
        ("q=platform", {BUILD}),
        ("q=carol prod", {CHECKOUT}),
        ("q=nothing-at-all", set()),
        ("team=payments", {CHECKOUT, LEDGER}),
        ("team=payments&team=platform", {CHECKOUT, LEDGER, BUILD}),
        ("team=none", {UNKNOWN}),
        ("team=no-such-team", set()),
        ("environment=prod", {CHECKOUT, BUILD}),
        ("environment=none", {UNKNOWN}),
        (f"organization={ORGANIZATION}", {CHECKOUT, UNKNOWN}),
        ("organization=none", {LEDGER, BUILD}),
        ("ou=ou-prod", {CHECKOUT}),
        ("below=ou-root", {CHECKOUT, UNKNOWN}),
        (f"payer={MANAGEMENT}", {CHECKOUT}),
        (f"person={CAROL}", {CHECKOUT, BUILD}),
        ("state=ACTIVE", {CHECKOUT, UNKNOWN}),
        ("account_class=production", {CHECKOUT}),
        ("has_owner=no", {LEDGER, UNKNOWN}),
        ("has_owner=yes&team=payments", {CHECKOUT}),
        ("confirmed=yes", set()),
        ("in_organization=yes", {CHECKOUT, UNKNOWN}),
        ("presence=sheet", {LEDGER, BUILD}),
        ("presence=aws", {UNKNOWN}),
        ("presence=both", {CHECKOUT}),
        ("drift=any", {CHECKOUT}),
        ("drift=payer", set()),
        ("state=nonsense", set()),
        ("q=ledger&team=&state=&drift=&stage=&below=", {LEDGER}),
    ],
)
def test_the_address_says_which_accounts_are_shown(
    security: Client, query: str, found: set[str]
) -> None:
    assert set(ids(security, query)) == found


def test_filters_are_told_in_words(security: Client) -> None:
    assert "2 of 4 accounts in Payments" in text(security, "team=payments")
    told = text(security, "team=payments&has_owner=no&confirmed=no")
    assert "1 of 4 accounts in Payments without an owner without a confirmed owner" in told
    assert "4 accounts" in text(security)


def test_a_chip_leads_to_the_list_without_its_filter(security: Client) -> None:
    page = security.get("/accounts/?team=payments&environment=prod&page=2").content.decode()
    assert 'class="chip" href="/accounts/?environment=prod"' in page
    assert 'class="chip" href="/accounts/?team=payments"' in page


def test_an_unknown_value_of_a_filter_is_named(security: Client) -> None:
    assert "“state” has a value Cairn does not know" in text(security, "state=nonsense")


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [CHECKOUT, LEDGER, BUILD, UNKNOWN]),
        ("-account_id", [UNKNOWN, BUILD, LEDGER, CHECKOUT]),
        ("name", [BUILD, CHECKOUT, LEDGER, UNKNOWN]),
        ("-name", [LEDGER, CHECKOUT, BUILD, UNKNOWN]),
        ("team", [CHECKOUT, LEDGER, BUILD, UNKNOWN]),
        ("-owner", [CHECKOUT, BUILD, LEDGER, UNKNOWN]),
        ("x_tier", [LEDGER, CHECKOUT, BUILD, UNKNOWN]),
        ("-state", [CHECKOUT, UNKNOWN, LEDGER, BUILD]),
        ("no_such_column", [CHECKOUT, LEDGER, BUILD, UNKNOWN]),
    ],
)
def test_any_column_sorts_and_empty_cells_come_last(
    security: Client, sort: str, order: list[str]
) -> None:
    write([Edit(CUSTOM_COLUMNS, "x_tier", {"label": "Tier"})], origin=Origin.EDIT)
    recorded(LEDGER, x_tier="1")
    recorded(CHECKOUT, x_tier="2")
    assert ids(security, f"sort={sort}") == order


def test_columns_are_chosen_in_the_address_and_remembered(security: Client) -> None:
    assert "Cost centre</a>" not in security.get("/accounts/").content.decode()
    chosen = security.get("/accounts/?columns=cost_center&columns=name").content.decode()
    assert "Cost centre</a>" in chosen
    assert "Environment</a>" not in chosen
    again = security.get("/accounts/").content.decode()
    assert "Cost centre</a>" in again
    assert "Environment</a>" not in again


def test_a_custom_column_is_a_column_like_any_other(security: Client) -> None:
    write([Edit(CUSTOM_COLUMNS, "x_tier", {"label": "Tier"})], origin=Origin.EDIT)
    recorded(LEDGER, x_tier="gold")
    assert "gold" in text(security, "columns=x_tier")


def test_rows_are_paged(security: Client) -> None:
    many = [Edit(ACCOUNTS, f"aws:5000000{n:05d}", {"name": f"n{n:03d}"}) for n in range(120)]
    write(many, origin=Origin.IMPORT)
    assert len(ids(security, "q=n")) == 50
    assert len(ids(security, "per_page=200")) == 124
    assert ids(security, "sort=-account_id&page=3")[-1] == CHECKOUT
    assert ids(security, "page=99") == ids(security, "page=3")
    past, last = ids(security, "environment=none&page=99"), ids(security, "environment=none&page=3")
    assert past == last
    assert UNKNOWN in past
    assert len(ids(security, "per_page=7")) == 50
    assert "Rows 101 to 124 of 124" in text(security, "page=3")


def test_ids_are_read_with_dashes_and_copied_without(security: Client) -> None:
    page = security.get("/accounts/").content.decode()
    assert "1111<i></i>2222<i></i>3333" in page
    assert f'href="/accounts/{CHECKOUT}/"' in page


def test_drift_stands_beside_the_value(security: Client) -> None:
    assert "checkout-prod ≠ AWS: checkout" in text(security)
    observed(CHECKOUT, observed_name="checkout-prod")
    assert "≠" not in text(security)


def test_names_are_escaped(security: Client) -> None:
    recorded(LEDGER, name='<script>alert("x")</script>', environment="<b>")
    observed(LEDGER, observed_name='<img src="x">')
    page = security.get("/accounts/?environment=<b>").content.decode()
    assert "<script>alert" not in page
    assert '<img src="x">' not in page
    assert "<b>" not in page
    assert ids(security, "environment=<b>") == [LEDGER]


def test_a_fragment_answers_htmx_and_a_page_everyone_else(security: Client) -> None:
    page = security.get("/accounts/?q=ledger")
    part = security.get("/accounts/?q=ledger&team=&sort=", headers={**HTMX, "HX-Target": "table"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert "sheet-form" not in part.content.decode()
    assert "sheet-form" in security.get("/accounts/", headers=HTMX).content.decode()
    for answer in (page, part):
        assert "HX-Request" in answer["Vary"]
    assert part["HX-Push-Url"] == "/accounts/?q=ledger"


def test_htmx_restoring_history_gets_the_whole_page(security: Client) -> None:
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in security.get("/accounts/", headers=headers).content.decode()


@pytest.mark.parametrize("path", ["/accounts/", "/teams/", "/people/", "/payers/"])
def test_queries_do_not_grow_with_rows(
    security: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grow(5)
    with django_assert_num_queries(count_of(security, path)):
        security.get(path)
    before = count_of(security, path)
    grow(60)
    with django_assert_num_queries(before):
        security.get(path)


def count_of(client: Client, path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def grow(rows: int) -> None:
    edits = [
        Edit(
            ACCOUNTS,
            f"aws:5000000{n:05d}",
            {
                "name": f"n{n}",
                "team": f"Team {n}",
                "owner": f"o{n}@example.com",
                "payer": f"6000000{n:05d}",
            },
        )
        for n in range(rows)
    ]
    write(edits, origin=Origin.IMPORT)


def test_an_owner_sees_their_rows_only(acme: None, sign_in: SignIn) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    assert ids(alice) == [CHECKOUT, LEDGER]
    assert ids(alice, "q=build") == []
    assert "2 accounts" in text(alice)


def test_a_page_without_accounts_says_what_to_do_next(sign_in: SignIn) -> None:
    assert "Import your spreadsheet" in text(sign_in(Role.SECURITY))
    assert "ask the people who keep the sheet" in text(sign_in(Role.OWNER))


def test_a_visitor_must_sign_in(client: Client) -> None:
    assert client.get("/accounts/").status_code == 302


def test_the_owner_confirms_the_account(acme: None, sign_in: SignIn) -> None:
    client = sign_in(Role.OWNER, CAROL)
    client.post(f"/accounts/{CHECKOUT}/confirm/")
    confirmed = account(CHECKOUT)
    assert confirmed.confirmed_by is not None
    assert confirmed.confirmed_by.email == CAROL
    assert ChangeSet.objects.get(message="Confirmed").user is not None
    assert ids(client, "confirmed=yes") == [CHECKOUT]


@pytest.mark.parametrize(
    ("role", "email", "account_id", "status"),
    [
        (Role.VIEWER, "v@example.com", CHECKOUT, 403),
        (Role.FINANCE, "f@example.com", CHECKOUT, 403),
        (Role.OWNER, BOB, CHECKOUT, 404),
        (Role.SECURITY, "s@example.com", LEDGER, 400),  # It has no owner to confirm it.
    ],
)
def test_nobody_else_confirms(
    acme: None, sign_in: SignIn, role: Role, email: str, account_id: str, status: int
) -> None:
    answer = sign_in(role, email).post(f"/accounts/{account_id}/confirm/")
    assert answer.status_code == status
    assert not Account.objects.filter(confirmed_at__isnull=False).exists()
