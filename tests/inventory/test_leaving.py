"""What a person holds, and who gets it when they leave."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from inventory.changes import Edit, undo, write
from inventory.columns import ACCOUNTS, PAYERS, ROOT_MAIL_LISTS, TEAMS
from inventory.leaving import hand_over, holdings, suggestions
from inventory.models import ChangeSet, Origin, Payer, Person, Role, RootMailList, Team, User
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BOB, BUILD, CAROL, CHECKOUT, MANAGEMENT, account, user

pytestmark = pytest.mark.usefixtures("acme")
LIST = "aws-roots@example.com"


@pytest.fixture
def security() -> User:
    """Carol owns CHECKOUT and BUILD, leads Payments, pays, and is on a list with Bob."""
    write(
        [
            Edit(TEAMS, "Payments", {"lead": CAROL, "members": [ALICE, CAROL]}),
            Edit(PAYERS, MANAGEMENT, {"finance_contact": CAROL}),
            Edit(ROOT_MAIL_LISTS, LIST, {"recipients": [BOB, CAROL]}),
        ],
        origin=Origin.EDIT,
    )
    return user(Role.SECURITY, "sec@example.com")


def carol() -> Person:
    return Person.objects.get(email=CAROL)


def owner(account_id: str) -> str:
    return account(account_id).contact_set.get(role="owner").person.email


def members() -> set[str]:
    current = Team.objects.get(name="Payments").memberships.filter(valid_to=None)
    return set(current.values_list("person__email", flat=True))


def recipients() -> set[str]:
    return set(RootMailList.objects.get(address=LIST).recipients.values_list("email", flat=True))


def everything(by: User) -> list[str]:
    return [one.name for one in holdings(carol(), by)]


def test_it_lists_everything_with_how_many(security: User) -> None:
    found = {one.name: one.number for one in holdings(carol(), security)}
    assert found == {
        "account.owner": 2,
        "team.lead": 1,
        "team.members": 1,
        "payer.finance_contact": 1,
        "root_mail_list.recipients": 1,
    }


def test_all_of_it_goes_to_one_person_in_one_change_set_and_back(security: User) -> None:
    before = ChangeSet.objects.count()
    done = hand_over(security, carol(), BOB, everything(security), date(2026, 11, 30))
    assert done
    assert ChangeSet.objects.count() == before + 1
    assert {owner(CHECKOUT), owner(BUILD)} == {BOB}
    assert members() == {ALICE, BOB}
    assert recipients() == {BOB}
    assert Payer.objects.get(account_id=MANAGEMENT).finance_contact.email == BOB  # type: ignore[union-attr]
    assert str(Team.objects.get(name="Payments").lead) == BOB
    assert carol().left_on == date(2026, 11, 30)
    assert everything(security) == []
    undo(done, user=security)
    assert owner(CHECKOUT) == CAROL
    assert members() == {ALICE, CAROL}
    assert carol().left_on is None


def test_who_gets_an_account_has_to_confirm_it(security: User) -> None:
    confirmed = {"confirmed_at": "2026-11-01T08:00:00Z"}
    write([Edit(ACCOUNTS, account(CHECKOUT).key, confirmed)], origin=Origin.EDIT)
    hand_over(security, carol(), BOB, ["account.owner"], None)
    assert account(CHECKOUT).confirmed_at is None


def test_part_of_it_goes_and_the_rest_stays(security: User) -> None:
    hand_over(security, carol(), BOB, ["team.lead"], None)
    assert owner(CHECKOUT) == CAROL
    assert str(Team.objects.get(name="Payments").lead) == BOB


@pytest.mark.parametrize(
    ("successor", "told"),
    [("", "Say who gets it"), (CAROL, "the person who leaves"), (ALICE, "left on 2026-01-31")],
)
def test_it_goes_to_nobody_who_cannot_have_it(successor: str, told: str, security: User) -> None:
    Person.objects.filter(email=ALICE).update(left_on=date(2026, 1, 31))
    with pytest.raises(ValidationError, match=told):
        hand_over(security, carol(), successor, ["account.owner"], None)
    assert owner(CHECKOUT) == CAROL


def test_deputies_and_leads_are_suggested(security: User) -> None:
    deputies = [Edit(ACCOUNTS, account(one).key, {"deputy": BOB}) for one in (CHECKOUT, BUILD)]
    lead = Edit(TEAMS, "Platform", {"lead": ALICE})
    write([*deputies, lead], origin=Origin.EDIT)
    assert [(str(one), why) for one, why in suggestions(carol())] == [
        (BOB, "deputy of 2 of their accounts"),
        (ALICE, "leads the team of 1 of their accounts"),
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER, Role.FINANCE])
def test_only_security_hands_over(role: Role, security: User, sign_in: SignIn) -> None:
    other = user(role, "other@example.com")
    with pytest.raises(PermissionDenied):
        hand_over(other, carol(), BOB, ["account.owner"], None)


def test_the_page_shows_and_gives(security: User) -> None:
    client = Client()
    client.force_login(security)
    page = client.get(f"/people/{CAROL}/").content.decode()
    assert "Owner of accounts · 2" in page
    answer = client.post(
        f"/people/{CAROL}/", {"names": ["account.owner"], "successor": BOB, "left_on": ""}
    )
    assert answer.status_code == 302
    assert owner(BUILD) == BOB
    wrong = client.post(f"/people/{CAROL}/", {"names": ["team.lead"], "successor": ""})
    assert "Say who gets it" in wrong.content.decode()


def test_an_owner_sees_of_a_person_what_is_of_their_accounts(
    security: User, sign_in: SignIn
) -> None:
    alice = sign_in(Role.OWNER, ALICE)
    page = alice.get(f"/people/{CAROL}/").content.decode()
    assert "Owner of accounts · 1" in page
    assert "Hand it over" not in page
    post = alice.post(f"/people/{CAROL}/", {"names": ["account.owner"], "successor": ALICE})
    assert post.status_code == 403
    assert alice.get("/people/nobody@example.com/").status_code == 404
