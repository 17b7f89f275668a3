"""The list of change sets and the page of one: who sees and may undo what."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.changes import Edit, write
from inventory.columns import ACCOUNTS, PEOPLE
from inventory.models import Account, ChangeSet, Origin, Role, User
from tests.inventory.conftest import SignIn

MINE, OTHER = "aws:111122223333", "aws:444455556666"


def put(*edits: Edit, user: User | None = None, origin: Origin = Origin.EDIT) -> ChangeSet:
    change_set = write(edits, origin=origin, user=user, source="somewhere")
    assert change_set is not None
    return change_set


@pytest.fixture
def owner(sign_in: SignIn) -> Client:
    """Somebody who owns one of two accounts."""
    client = sign_in(Role.OWNER, "jo@x.com")
    put(
        Edit(ACCOUNTS, MINE, {"name": "Mine", "owner": "jo@x.com"}),
        Edit(ACCOUNTS, OTHER, {"name": "Secret", "owner": "al@x.com"}),
        origin=Origin.IMPORT,
    )
    return client


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_an_owner_sees_only_the_rows_of_their_accounts(owner: Client) -> None:
    other = put(Edit(ACCOUNTS, OTHER, {"name": "Secret 2"}))
    listed = owner.get("/changes/").content.decode()
    shared = ChangeSet.objects.get(origin=Origin.IMPORT)
    assert f"Change set {shared.pk}<" in listed
    assert f"Change set {other.pk}<" not in listed
    page = owner.get(f"/changes/{shared.pk}/").content.decode()
    assert "Mine" in page
    assert "Secret" not in page
    assert owner.get(f"/changes/{other.pk}/").status_code == 404


def test_an_owner_undoes_their_own_edit_and_nothing_else(owner: Client) -> None:
    shared = ChangeSet.objects.get(origin=Origin.IMPORT)
    assert owner.post(f"/changes/{shared.pk}/undo/").status_code == 403
    own = put(Edit(ACCOUNTS, MINE, {"name": "Ours"}), user=user_of(owner))
    owner.post(f"/changes/{own.pk}/undo/")
    assert set(Account.objects.values_list("name", flat=True)) == {"Mine", "Secret"}


def test_an_undo_that_conflicts_says_where_and_changes_nothing(owner: Client) -> None:
    own = put(Edit(ACCOUNTS, MINE, {"name": "Ours"}), user=user_of(owner))
    put(Edit(ACCOUNTS, MINE, {"name": "Theirs"}))
    told = owner.post(f"/changes/{own.pk}/undo/", follow=True).content.decode()
    assert "aws:111122223333 Name is now “Theirs”" in told
    assert Account.objects.filter(name="Theirs").exists()


def test_phones_are_hidden_from_those_who_may_not_see_them(sign_in: SignIn) -> None:
    change_set = put(Edit(PEOPLE, "jo@x.com", {"phone": "+4930123456"}))
    for role, sees in ((Role.VIEWER, False), (Role.SECURITY, True)):
        page = sign_in(role).get(f"/changes/{change_set.pk}/?show=other").content.decode()
        assert ("+4930123456" in page) is sees


def test_the_list_is_filtered_by_where_changes_came_from(sign_in: SignIn) -> None:
    edited = put(Edit(ACCOUNTS, MINE, {"name": "a"}))
    synced = put(Edit(ACCOUNTS, MINE, {"state": "ACTIVE"}), origin=Origin.SYNC)
    page = sign_in(Role.VIEWER).get("/changes/?origin=sync").content.decode()
    assert f"Change set {synced.pk}<" in page
    assert f"Change set {edited.pk}<" not in page


def test_an_empty_list_says_what_to_do(sign_in: SignIn) -> None:
    assert "Nothing was changed yet" in sign_in(Role.ADMIN).get("/changes/").content.decode()


def test_queries_do_not_grow_with_rows(sign_in: SignIn) -> None:
    client = sign_in(Role.SECURITY)
    counted = []
    for many in (2, 40):
        edits = [Edit(ACCOUNTS, f"aws:{n:012d}", {"name": f"{many} {n}"}) for n in range(many)]
        change_set = put(*edits)
        client.get("/changes/")
        for address in ("/changes/", f"/changes/{change_set.pk}/?show=changed"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counted.append(len(queries))
    assert counted[2:] <= counted[:2]
