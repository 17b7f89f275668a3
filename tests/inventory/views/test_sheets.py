import pytest
from django.test import Client

from inventory.models import Account, ChangeSet, Payer, Role, Team
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, CAROL, CHECKOUT


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_teams_show_their_people_and_lead_to_their_accounts(security: Client) -> None:
    told = page(security, "/teams/")
    assert 'href="/teams/payments/"' in told
    assert ALICE in told
    assert '<a href="/accounts/?team=payments">2</a>' in told


def test_people_lead_to_the_accounts_that_name_them(security: Client) -> None:
    assert f'<a href="/accounts/?person={CAROL}">2</a>' in page(security, "/people/")


@pytest.mark.parametrize("path", ["/teams/", "/people/", "/payers/", "/root-mail-lists/"])
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_open_the_lists(acme: None, sign_in: SignIn, path: str, role: Role) -> None:
    assert sign_in(role).get(path).status_code == 200


def test_counts_are_of_accounts_the_reader_sees(acme: None, sign_in: SignIn) -> None:
    told = page(sign_in(Role.OWNER, ALICE), "/people/")
    assert f'<a href="/accounts/?person={CAROL}">1</a>' in told


def test_a_list_is_searched(security: Client) -> None:
    told = page(security, "/teams/?q=pay")
    assert "payments" in told
    assert "/teams/platform/" not in told
    assert "1 of 2 teams matching “pay”" in told


def test_phones_are_not_a_column_for_finance(acme: None, sign_in: SignIn) -> None:
    assert "Phone" not in page(sign_in(Role.FINANCE), "/people/")
    assert "Phone" in page(sign_in(Role.SECURITY), "/people/")


def test_only_cells_one_may_edit_are_links_to_their_form(acme: None, sign_in: SignIn) -> None:
    assert 'class="cell"' not in page(sign_in(Role.OWNER, ALICE), "/teams/")
    assert 'class="cell"' in page(sign_in(Role.SECURITY), "/teams/")
    assert 'class="cell"' in page(sign_in(Role.FINANCE), "/payers/")


def test_a_new_row_is_a_change_set(security: Client) -> None:
    answer = security.post("/new/team/", {"name": "Identity"})
    assert answer["Location"] == "/teams/?q=Identity"
    assert Team.objects.get(name="Identity").slug == "identity"
    assert ChangeSet.objects.latest("pk").source == "Teams"


def test_an_account_is_added_by_its_id(security: Client) -> None:
    security.post("/new/account/", {"partition": "aws", "account_id": "4444-5555-6666"})
    assert Account.objects.get(account_id="444455556666").registered_at is not None


@pytest.mark.parametrize(
    ("sheet", "data", "told"),
    [
        ("team", {"name": "PAYMENTS"}, "is in the list already"),
        ("team", {"name": " "}, "it names the row"),
        ("account", {"partition": "aws", "account_id": CHECKOUT}, "is in the list already"),
        ("account", {"partition": "aws", "account_id": "1111"}, "Has 4 digits"),
        ("person", {"email": "nobody"}, "Is not an e-mail address"),
    ],
)
def test_a_row_that_cannot_be_added_is_explained(
    security: Client, sheet: str, data: dict[str, str], told: str
) -> None:
    before = ChangeSet.objects.count()
    assert told in security.post(f"/new/{sheet}/", data).content.decode()
    assert ChangeSet.objects.count() == before


def test_who_may_not_write_the_key_adds_nothing(acme: None, sign_in: SignIn) -> None:
    assert sign_in(Role.OWNER).post("/new/team/", {"name": "X"}).status_code == 403
    assert sign_in(Role.FINANCE).post("/new/payer/", {"account_id": CHECKOUT}).status_code == 403
    assert sign_in(Role.SECURITY).get("/new/setting/").status_code == 404
    assert not Team.objects.filter(name="X").exists()
    assert not Payer.objects.filter(account_id=CHECKOUT).exists()


def test_htmx_gets_the_sheet_with_its_search_and_an_address(security: Client) -> None:
    answer = security.get("/teams/?q=&sort=-name", headers={"HX-Request": "true"})
    told = answer.content.decode()
    assert "<html" not in told
    assert "sheet-search" in told
    assert told.index("Platform") < told.index("Payments")
    assert answer["HX-Push-Url"] == "/teams/?sort=-name"
