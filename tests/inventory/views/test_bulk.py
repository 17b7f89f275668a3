import pytest
from django.test import Client

from inventory.models import Account, ChangeSet, Origin, Role, State
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BUILD, CHECKOUT, LEDGER, account, recorded


def planned() -> ChangeSet:
    return ChangeSet.objects.get(origin=Origin.BULK)


def environments() -> dict[str, str]:
    return dict(Account.objects.values_list("account_id", "environment"))


def test_selected_rows_change_together_after_a_preview(security: Client) -> None:
    rows = [account(CHECKOUT).pk, account(LEDGER).pk]
    data = {"row": rows, "column": "environment", "value": "prod"}
    told = security.post("/bulk/", data).content.decode()
    assert "1 account would change, 1 holds that value already" in told
    assert "Apply 1 change<" in told
    assert environments()[LEDGER] == "dev"
    security.post(f"/bulk/{planned().pk}/", {"action": "apply"})
    assert environments()[LEDGER] == "prod"
    assert planned().state == State.APPLIED


def test_all_that_match_the_list_can_be_set(security: Client) -> None:
    data = {"all": "1", "matching": "team=payments", "column": "environment", "value": "x"}
    security.post("/bulk/", data)
    security.post(f"/bulk/{planned().pk}/", {"action": "apply"})
    found = environments()
    assert {found[CHECKOUT], found[LEDGER]} == {"x"}
    assert found[BUILD] == "prod"


def test_giving_up_changes_nothing(security: Client) -> None:
    data = {"row": [account(LEDGER).pk], "column": "environment", "value": "x"}
    security.post("/bulk/", data)
    security.post(f"/bulk/{planned().pk}/", {"action": "discard"})
    assert planned().state == State.DISCARDED
    assert environments()[LEDGER] == "dev"


def test_a_bad_value_is_explained_and_nothing_is_kept(security: Client) -> None:
    data = {"row": [account(LEDGER).pk], "column": "owner", "value": "nobody"}
    told = security.post("/bulk/", data, follow=True).content.decode()
    assert "Is not an e-mail address" in told
    assert not ChangeSet.objects.filter(origin=Origin.BULK).exists()


def test_a_row_changed_since_the_preview_stops_all_of_it(security: Client) -> None:
    rows = [account(CHECKOUT).pk, account(LEDGER).pk]
    security.post("/bulk/", {"row": rows, "column": "environment", "value": "x"})
    recorded(LEDGER, environment="stage")
    told = security.post(f"/bulk/{planned().pk}/", {"action": "apply"}, follow=True)
    assert "Nothing was written" in told.content.decode()
    assert environments()[CHECKOUT] == "prod"


def test_a_column_one_may_not_edit_is_refused(acme: None, sign_in: SignIn) -> None:
    data = {"row": [account(LEDGER).pk], "column": "team", "value": "Platform"}
    assert sign_in(Role.OWNER, ALICE).post("/bulk/", data).status_code == 403
    assert sign_in(Role.VIEWER).post("/bulk/", data).status_code == 403
    assert not ChangeSet.objects.filter(origin=Origin.BULK).exists()


@pytest.mark.parametrize("everything", [{"all": "1"}, {}])
def test_rows_one_may_not_see_are_left_alone(
    acme: None, sign_in: SignIn, everything: dict[str, str]
) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    rows = [account(LEDGER).pk, account(BUILD).pk]
    alice.post("/bulk/", {"row": rows, "column": "notes", "value": "x", **everything})
    alice.post(f"/bulk/{planned().pk}/", {"action": "apply"})
    assert account(LEDGER).notes == "x"
    assert account(BUILD).notes == ""


def test_nobody_applies_the_plan_of_somebody_else(security: Client, sign_in: SignIn) -> None:
    data = {"row": [account(LEDGER).pk], "column": "environment", "value": "x"}
    security.post("/bulk/", data)
    answer = sign_in(Role.ADMIN).post(f"/bulk/{planned().pk}/", {"action": "apply"})
    assert answer.status_code == 404
    assert environments()[LEDGER] == "dev"
