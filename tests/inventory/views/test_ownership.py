"""The owner's three answers about an account, and who becomes its owner."""

from __future__ import annotations

import pytest
from django.test import Client

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.models import Account, ChangeSet, HandOver, Origin, Role, User
from inventory.ownership import offered_to, to_confirm
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BOB, BUILD, CAROL, CHECKOUT, account

pytestmark = pytest.mark.usefixtures("acme")
HTMX = {"HX-Request": "true"}
State = HandOver.State


@pytest.fixture
def carol(sign_in: SignIn) -> Client:
    """The owner of CHECKOUT and BUILD."""
    return sign_in(Role.OWNER, CAROL)


def say(client: Client, account_id: str, **answer: str) -> str:
    got = client.post(f"/accounts/{account_id}/confirm/", answer, follow=True)
    return f"{got.status_code} {got.content.decode()}"


def contact(account_id: str, role: str) -> str:
    found = account(account_id).contact_set.filter(role=role).first()
    return found.person.email if found else ""


def test_yes_confirms_and_says_when_the_next_time_is(carol: Client) -> None:
    told = say(carol, CHECKOUT, answer="yes")
    assert "checkout-prod is confirmed. Thank you. You will be asked again on" in told
    assert account(CHECKOUT).confirmed_by.email == CAROL  # type: ignore[union-attr]


def test_yes_but_changes_and_confirms_in_one_change_set(carol: Client) -> None:
    before = ChangeSet.objects.count()
    form = carol.get(f"/accounts/{CHECKOUT}/confirm/?answer=change").content.decode()
    assert 'value="carol@example.com"' in form
    say(carol, CHECKOUT, answer="change", owner=CAROL, deputy=BOB)
    assert ChangeSet.objects.count() == before + 1
    assert contact(CHECKOUT, "deputy") == BOB
    confirmed = account(CHECKOUT).confirmed_at
    assert confirmed
    carol.post(f"/changes/{ChangeSet.objects.latest('pk').pk}/undo/")
    assert (contact(CHECKOUT, "deputy"), account(CHECKOUT).confirmed_at) == ("", None)


def test_what_is_no_address_confirms_nothing(carol: Client) -> None:
    told = say(carol, CHECKOUT, answer="change", owner=CAROL, deputy="bob at example")
    assert told.startswith("400")
    assert "bob at example" in told
    assert account(CHECKOUT).confirmed_at is None


def test_nobody_confirms_an_account_by_taking_its_owner_away(carol: Client) -> None:
    told = say(carol, CHECKOUT, answer="change", owner="")
    assert "Name an owner first" in told
    assert contact(CHECKOUT, "owner") == CAROL


def test_not_mine_asks_who_was_named_and_they_take_it(carol: Client, sign_in: SignIn) -> None:
    say(carol, CHECKOUT, answer="yes")
    told = say(carol, CHECKOUT, answer="not_mine", whose=BOB, note="He built it.")
    assert "is not confirmed" in told
    assert account(CHECKOUT).confirmed_at is None
    assert contact(CHECKOUT, "owner") == CAROL  # Nobody is made an owner unasked.
    bob = sign_in(Role.OWNER, BOB)
    offer = offered_to(User.objects.get(email=BOB)).get()
    assert "checkout-prod" in bob.get("/my-work/").content.decode()
    bob.post(f"/offers/{offer.pk}/", {"answer": "yes"})
    offer.refresh_from_db()
    assert (offer.state, contact(CHECKOUT, "owner")) == (State.TAKEN, BOB)
    assert account(CHECKOUT).confirmed_by.email == BOB  # type: ignore[union-attr]


def test_who_was_named_refuses_and_it_waits_for_security(carol: Client, sign_in: SignIn) -> None:
    say(carol, CHECKOUT, answer="not_mine", whose=BOB)
    bob = sign_in(Role.OWNER, BOB)
    offer = HandOver.objects.get()
    bob.post(f"/offers/{offer.pk}/", {"answer": "no", "note": "Never heard of it."})
    offer.refresh_from_db()
    assert (offer.state, offer.suggested) == (State.OPEN, None)
    assert str(offer.refused_by) == BOB
    assert not offered_to(User.objects.get(email=BOB)).exists()
    write([Edit(ACCOUNTS, account(CHECKOUT).key, {"owner": ALICE})], origin=Origin.EDIT)
    offer.refresh_from_db()
    assert offer.state == State.REASSIGNED
    assert offer.closed_at


def test_keeping_it_after_all_settles_it(carol: Client) -> None:
    say(carol, CHECKOUT, answer="not_mine")
    say(carol, CHECKOUT, answer="yes")
    assert HandOver.objects.get().state == State.KEPT


def test_nobody_takes_what_was_offered_to_another(carol: Client, sign_in: SignIn) -> None:
    say(carol, CHECKOUT, answer="not_mine", whose=BOB)
    offer = HandOver.objects.get()
    for client in (sign_in(Role.OWNER, ALICE), carol):
        for answer in ("yes", "no"):
            got = client.post(f"/offers/{offer.pk}/", {"answer": answer})
            assert got.status_code == 403
    assert contact(CHECKOUT, "owner") == CAROL


def test_an_offer_is_taken_once(carol: Client, sign_in: SignIn) -> None:
    say(carol, CHECKOUT, answer="not_mine", whose=BOB)
    offer, bob = HandOver.objects.get(), sign_in(Role.OWNER, BOB)
    bob.post(f"/offers/{offer.pk}/", {"answer": "yes"})
    got = bob.post(f"/offers/{offer.pk}/", {"answer": "no"}, headers=HTMX)
    assert "settled already: taken over" in got.content.decode()
    assert "run-state-finished" not in got.content.decode()


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        pytest.param("nobody@example.com", "Nobody here has the address", id="stranger"),
        pytest.param(CAROL, "That is you", id="oneself"),
        pytest.param("bob at example", "valid email", id="no address"),
    ],
)
def test_who_cannot_be_asked_is_told_of(whose: str, told: str, carol: Client) -> None:
    assert told in say(carol, CHECKOUT, answer="not_mine", whose=whose)
    assert not HandOver.objects.exists()


def test_who_has_left_is_not_asked(carol: Client) -> None:
    write([Edit(PEOPLE, BOB, {"left_on": "2026-10-01"})], origin=Origin.EDIT)
    assert "left on 2026-10-01" in say(carol, CHECKOUT, answer="not_mine", whose=BOB)


def test_what_was_given_away_is_not_asked_about_again(carol: Client) -> None:
    user = User.objects.get(email=CAROL)
    assert set(to_confirm(user).values_list("account_id", flat=True)) == {CHECKOUT, BUILD}
    say(carol, CHECKOUT, answer="not_mine")
    say(carol, BUILD, answer="yes")
    assert not to_confirm(user).exists()


def test_markup_in_a_note_stays_text(carol: Client, sign_in: SignIn) -> None:
    say(carol, CHECKOUT, answer="not_mine", whose=BOB, note="<script>alert(1)</script>")
    page = sign_in(Role.OWNER, BOB).get("/my-work/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("answer", ["yes", "change", "not_mine"])
def test_nobody_answers_for_an_account_of_others(answer: str, sign_in: SignIn) -> None:
    assert say(sign_in(Role.OWNER, ALICE), BUILD, answer=answer).startswith("404")
    for role in (Role.VIEWER, Role.FINANCE):
        assert say(sign_in(role), BUILD, answer=answer).startswith("403")
    assert not Account.objects.exclude(confirmed_at=None).exists()
    assert not HandOver.objects.exists()


def test_htmx_gets_the_card_in_its_new_state(carol: Client) -> None:
    got = carol.post(f"/accounts/{CHECKOUT}/confirm/", {"answer": "yes"}, headers=HTMX)
    assert got["HX-Trigger"] == "answered"
    assert "data-answered" in got.content.decode()
    form = carol.get(f"/accounts/{BUILD}/confirm/?answer=not_mine", headers=HTMX).content.decode()
    assert "<html" not in form
    assert "<details open>" in form


def test_it_returns_to_the_page_it_came_from_and_to_no_other_site(carol: Client) -> None:
    for asked, target in (("/my-work/", "/my-work/"), ("https://evil.example/", "/accounts/")):
        answer = {"answer": "yes", "next": asked}
        got = carol.post(f"/accounts/{CHECKOUT}/confirm/", answer)
        assert got["Location"].startswith(target)
