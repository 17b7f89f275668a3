"""Changes that people propose who may not make them, and who decides about them."""

from __future__ import annotations

import pytest
from django.test import Client

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS
from inventory.models import ChangeSet, Origin, Person, Role, State, User
from tests.inventory.conftest import SignIn
from tests.inventory.sheet import ALICE, BUILD, CHECKOUT, LEDGER, account

pytestmark = pytest.mark.usefixtures("acme")


@pytest.fixture
def alice(sign_in: SignIn) -> Client:
    """An owner in Payments: contacts are hers to edit, the team is not."""
    return sign_in(Role.OWNER, ALICE)


def cell(account_id: str, column: str) -> str:
    return f"/cells/account/{account(account_id).pk}/{column}/"


def proposed(client: Client, column: str = "team", value: str = "Platform") -> ChangeSet:
    client.post(cell(LEDGER, column), {"value": value, "seen": "", "reason": "We moved."})
    return ChangeSet.objects.latest("pk")


def decide(client: Client, proposal: ChangeSet, action: str, remark: str = "") -> str:
    answer = client.post(
        f"/changes/{proposal.pk}/decide/", {"action": action, "remark": remark}, follow=True
    )
    proposal.refresh_from_db()
    return f"{answer.status_code} {answer.content.decode()}"


def team() -> str:
    return str(account(LEDGER).team)


def test_what_an_owner_may_not_write_becomes_a_proposal(alice: Client) -> None:
    form = alice.get(cell(LEDGER, "team")).content.decode()
    assert 'name="reason"' in form
    assert ">Propose</button>" in form
    proposal = proposed(alice)
    assert team() == "Payments"
    assert (proposal.state, proposal.origin) == (State.PROPOSED, Origin.PROPOSAL)
    page = alice.get(proposal.get_absolute_url()).content.decode()
    assert "We moved." in page
    assert "Payments" in page
    assert "Platform" in page
    assert "Withdraw it" in page
    assert "Accept and write it" not in page


def test_who_may_write_it_accepts_it_and_it_can_be_undone(alice: Client, security: Client) -> None:
    proposal = proposed(alice)
    assert "Proposals that wait 1" in security.get("/changes/").content.decode()
    assert f"Change set {proposal.pk}" in security.get("/changes/?state=proposed").content.decode()
    assert "Accepted and written" in decide(security, proposal, "accept")
    assert team() == "Platform"
    assert (proposal.state, str(proposal.decided_by)) == (State.APPLIED, "security@example.com")
    assert str(proposal.user) == ALICE
    security.post(f"/changes/{proposal.pk}/undo/")
    assert team() == "Payments"


def test_declining_needs_a_reason_that_the_proposer_reads(alice: Client, security: Client) -> None:
    proposal = proposed(alice)
    assert "Say why" in decide(security, proposal, "decline")
    assert proposal.state == State.PROPOSED
    decide(security, proposal, "decline", "Payments keeps it.")
    assert (proposal.state, team()) == (State.DECLINED, "Payments")
    assert "Payments keeps it." in alice.get(proposal.get_absolute_url()).content.decode()


def test_nobody_decides_about_their_own_proposal_nor_without_the_right(
    alice: Client, sign_in: SignIn, security: Client
) -> None:
    proposal = proposed(alice)
    viewer, finance = sign_in(Role.VIEWER), sign_in(Role.FINANCE)
    for client in (alice, viewer, finance):
        for action in ("accept", "decline"):
            assert decide(client, proposal, action, "No.").startswith("403")
    assert decide(security, proposal, "withdraw").startswith("403")
    assert (proposal.state, team()) == (State.PROPOSED, "Payments")
    # She gets the right, and still it takes somebody else.
    User.objects.filter(email=ALICE).update(role=Role.SECURITY)
    assert decide(alice, proposal, "accept").startswith("403")


def test_finance_decides_about_its_columns_and_proposes_others(
    alice: Client, sign_in: SignIn
) -> None:
    finance = sign_in(Role.FINANCE)
    of_alice = proposed(alice, "cost_center", "4711")
    assert "Accepted and written" in decide(finance, of_alice, "accept")
    assert account(LEDGER).cost_center == "4711"
    of_finance = proposed(finance, "owner", ALICE)
    assert of_finance.state == State.PROPOSED
    assert "Accepted and written" in decide(alice, of_finance, "accept")


def test_a_person_nobody_knows_is_made_only_with_the_acceptance(
    sign_in: SignIn, security: Client
) -> None:
    proposal = proposed(sign_in(Role.FINANCE), "owner", "new@example.com")
    assert not Person.objects.filter(email="new@example.com").exists()
    decide(security, proposal, "accept")
    assert Person.objects.filter(email="new@example.com").exists()


def test_what_was_changed_meanwhile_is_not_written_over(alice: Client, security: Client) -> None:
    proposal = proposed(alice)
    write([Edit(ACCOUNTS, account(LEDGER).key, {"team": "Search"})], origin=Origin.EDIT)
    assert "Nothing was written" in decide(security, proposal, "accept")
    assert (proposal.state, team()) == (State.PROPOSED, "Search")


@pytest.mark.parametrize("action", ["accept", "decline", "withdraw"])
def test_what_was_decided_stays_decided(action: str, alice: Client, security: Client) -> None:
    proposal = proposed(alice)
    decide(alice, proposal, "withdraw")
    assert proposal.state == State.WITHDRAWN
    who = alice if action == "withdraw" else security
    decide(who, proposal, action, "No.")
    assert (proposal.state, team()) == (State.WITHDRAWN, "Payments")


def test_a_later_proposal_takes_the_place_of_an_earlier_one(alice: Client) -> None:
    first = proposed(alice)
    second = proposed(alice, value="Search")
    first.refresh_from_db()
    assert (first.state, second.state) == (State.WITHDRAWN, State.PROPOSED)


def test_nothing_is_proposed_that_is_so_already_or_wrong(alice: Client) -> None:
    before = ChangeSet.objects.count()
    assert alice.post(cell(LEDGER, "team"), {"value": "Payments", "seen": ""}).status_code == 302
    answer = alice.post(cell(LEDGER, "partition"), {"value": "aws-cn", "seen": ""})
    assert answer.status_code == 403
    wrong = alice.post(cell(LEDGER, "closed_on"), {"value": "soon", "seen": ""})
    assert "soon" in wrong.content.decode()
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize("column", ["state", "observed_name", "account_id"])
def test_what_nobody_edits_is_not_proposed_either(column: str, alice: Client) -> None:
    assert alice.get(cell(LEDGER, column)).status_code == 403


def test_a_viewer_proposes_nothing_and_nobody_beyond_their_accounts(
    alice: Client, sign_in: SignIn
) -> None:
    assert sign_in(Role.VIEWER).get(cell(LEDGER, "team")).status_code == 403
    assert alice.get(cell(BUILD, "team")).status_code == 404


def test_proposing_does_not_let_one_choose_between_ours_and_awss_value(alice: Client) -> None:
    address = f"/accounts/{account(CHECKOUT).pk}/drift/email/"
    answer = alice.post(address, {"observed": "x@example.com", "choice": "take"})
    assert answer.status_code == 403
